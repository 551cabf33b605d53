//! The drift monitor: has the world moved away from the codebook?
//!
//! The rule is the original's (routing-memory 0.1.0, `drift.py`): the mean quantisation error of the last
//! queries against the mean over the first ones. It differs in three things: alarms carry the time the caller
//! gives, recovery is reported, and a non-number is refused.

mod config;
mod monitor;
mod report;

pub use config::{DRIFT_ALARM_RATIO, DRIFT_BASELINE, DRIFT_COOLDOWN, DRIFT_WINDOW, DriftConfig};
pub use monitor::DriftMonitor;
pub use report::{DriftAlarm, DriftEvent, DriftState, DriftStats};
