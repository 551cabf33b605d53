//! `rmem drift`: tells what the drift monitor has seen.

use anyhow::{Result, bail};
use clap::Args;
use rm_memory::{DriftConfig, DriftStats};
use serde::Serialize;

use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{NOTE, Out, grouped};

const AFTER: &str = "\
Examples:
  rmem drift
  rmem drift --reset

The monitor compares how far the last questions were from the nearest bucket with how far the first ones were. A ratio \
of 1.3 raises an alarm, and the codebook adapts.";

/// Holds the arguments of `drift`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct DriftArgs {
    /// Take the last questions as what is normal from now on.
    #[arg(long)]
    reset: bool,
}

/// Is the state of the monitor as JSON.
#[derive(Debug, Serialize)]
pub(super) struct DriftJson {
    episodes: u64,
    baseline_qerr: Option<f64>,
    baseline_margin: Option<f64>,
    recent_qerr: f64,
    recent_margin: f64,
    ratio: f64,
    in_drift: bool,
    alarms: u64,
}

/// Tells the state, after a reset where one is asked for.
pub(crate) fn run(shared: &Shared, arguments: &DriftArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    if arguments.reset {
        if !memory.reset_drift_baseline() {
            let window = DriftConfig::default().window;
            bail!("too few questions to say what is normal; ask {window} first");
        }
        memory.save()?;
    }
    let drift = DriftJson::from(memory.stats().drift);
    if shared.json {
        return Out::json(&drift);
    }
    drift.write()
}

impl From<DriftStats> for DriftJson {
    fn from(drift: DriftStats) -> Self {
        Self {
            episodes: drift.episodes,
            baseline_qerr: drift.baseline_qerr,
            baseline_margin: drift.baseline_margin,
            recent_qerr: drift.recent_qerr,
            recent_margin: drift.recent_margin,
            ratio: drift.ratio,
            in_drift: drift.in_drift,
            alarms: drift.alarms,
        }
    }
}

impl DriftJson {
    fn write(&self) -> Result<()> {
        let error = |qerr: f64, margin: f64| format!("qerr {qerr:.3}, margin {margin:.3}");
        let baseline = match (self.baseline_qerr, self.baseline_margin) {
            (Some(qerr), Some(margin)) => error(qerr, margin),
            _ => "not enough questions yet".to_owned(),
        };
        let state = match (self.baseline_qerr, self.in_drift) {
            (_, true) => format!("{NOTE}the questions have moved away{NOTE:#}"),
            (None, _) => "still learning what is normal".to_owned(),
            _ => "as it was".to_owned(),
        };
        let mut out = Out::new();
        out.table(&[
            ("state", state),
            ("questions", grouped(self.episodes)),
            ("baseline", baseline),
            ("last ones", error(self.recent_qerr, self.recent_margin)),
            ("ratio", format!("{:.2}", self.ratio)),
            ("alarms", grouped(self.alarms)),
        ])?;
        out.end()
    }
}
