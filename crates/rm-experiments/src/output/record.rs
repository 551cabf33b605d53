//! What a run says about itself.

use rm_embed::Precision;
use serde::{Deserialize, Serialize};

use super::precision_name;
use crate::plots::PlotFile;
use crate::suite::{ExperimentId, Hardware, Notes, Scale};

/// Holds everything about one run of one experiment that is not a figure; the content of
/// `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Which experiment.
    pub experiment: ExperimentId,
    /// Scale of the run.
    pub scale: Scale,
    /// Seed of the run.
    pub seed: u64,
    /// How exactly the embedding model computed; records that do not say are of f32, which was all there was.
    #[serde(default, with = "precision_name")]
    pub precision: Precision,
    /// Command that makes these results.
    pub command: String,
    /// Revision of the code.
    pub git_revision: String,
    /// Day of the run in UTC.
    pub date: String,
    /// Machine of the run.
    pub hardware: Hardware,
    /// Duration of the run in seconds.
    pub seconds: f64,
    /// Answer, settings and remarks.
    pub notes: Notes,
    /// Plots in the order of the report.
    pub plots: Vec<PlotFile>,
    /// What was asked for and could not be done.
    pub failures: Vec<String>,
}
