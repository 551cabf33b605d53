//! `drift_status`: tells whether questions have moved away.

use rm_memory::DriftStats;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Tells whether questions have moved away from what the codebook was made for.
pub(crate) struct DriftStatus;

/// Is what `drift_status` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Namespace to look at; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `drift_status` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Whether questions are now further from what is remembered than they used to be.
    in_drift: bool,
    /// What that means, in words.
    summary: String,
    /// Error of the last questions over that of the first; 0 until there are enough.
    ratio: f64,
    /// Questions that the monitor has seen.
    episodes: u64,
    /// Alarms so far; each has made the index adapt.
    alarms: u64,
    /// Mean error (1 minus cosine to the nearest region) of the first questions; null until there are enough.
    baseline_qerr: Option<f64>,
    /// Mean margin of the first questions; null until there are enough.
    baseline_margin: Option<f64>,
    /// Mean error of the last questions.
    recent_qerr: f64,
    /// Mean margin of the last questions.
    recent_margin: f64,
}

impl From<DriftStats> for Answer {
    fn from(drift: DriftStats) -> Self {
        let summary = match (drift.in_drift, drift.baseline_qerr) {
            (true, _) => {
                "Questions are about other things than they used to be; answers may be less to the point. The index adapts by itself."
            }
            (false, None) => "Too few questions so far to say what is normal.",
            (false, Some(_)) => {
                "Questions are about the kind of things that they have always been about."
            }
        };
        Self {
            in_drift: drift.in_drift,
            summary: summary.to_owned(),
            ratio: drift.ratio,
            episodes: drift.episodes,
            alarms: drift.alarms,
            baseline_qerr: drift.baseline_qerr,
            baseline_margin: drift.baseline_margin,
            recent_qerr: drift.recent_qerr,
            recent_margin: drift.recent_margin,
        }
    }
}

impl MemoryTool for DriftStatus {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "drift_status";
    const TITLE: &'static str = "Drift status";
    const DESCRIPTION: &'static str =
        "Tells whether questions have moved away from what the memory's index was made for.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        Ok(Answer::from(memory.stats().drift))
    }
}
