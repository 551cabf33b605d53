//! The constants of the original's rule.

use crate::{Error, Result};

/// Queries whose mean error counts as recent (`WINDOW_SIZE`, routing-memory 0.1.0).
pub const DRIFT_WINDOW: usize = 20;
/// First queries whose mean error is the baseline (`BASELINE_WINDOW`, routing-memory 0.1.0).
pub const DRIFT_BASELINE: usize = 50;
/// Recent over baseline error from which on there is drift (`ALARM_RATIO`, routing-memory 0.1.0).
pub const DRIFT_ALARM_RATIO: f64 = 1.3;
/// Fewest queries between two alarms (`COOLDOWN_QUERIES`, routing-memory 0.1.0).
pub const DRIFT_COOLDOWN: u64 = 30;

/// Configures a [`DriftMonitor`](crate::DriftMonitor).
#[derive(Debug, Clone, PartialEq)]
pub struct DriftConfig {
    /// Queries whose mean error counts as recent.
    pub window: usize,
    /// First queries whose mean error is the baseline.
    pub baseline: usize,
    /// Recent over baseline error from which on there is drift.
    pub alarm_ratio: f64,
    /// Fewest queries between two alarms.
    pub cooldown: u64,
}

impl Default for DriftConfig {
    fn default() -> Self {
        Self {
            window: DRIFT_WINDOW,
            baseline: DRIFT_BASELINE,
            alarm_ratio: DRIFT_ALARM_RATIO,
            cooldown: DRIFT_COOLDOWN,
        }
    }
}

impl DriftConfig {
    pub(super) fn check(&self) -> Result<()> {
        for (name, count) in [
            ("drift window", self.window),
            ("drift baseline", self.baseline),
        ] {
            if count == 0 {
                return Err(Error::parameter(name, "at least 1", count));
            }
        }
        if !(self.alarm_ratio.is_finite() && self.alarm_ratio > 0.0) {
            return Err(Error::parameter(
                "alarm_ratio",
                "a positive number",
                self.alarm_ratio,
            ));
        }
        Ok(())
    }
}
