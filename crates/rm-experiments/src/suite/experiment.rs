//! The trait behind which every experiment stands.

use anyhow::Result;

use super::{Context, Definition, ExperimentId, Outcome, Scale};

/// Answers one question with measurements.
pub trait Experiment: Send + Sync {
    /// Returns which experiment this is.
    fn id(&self) -> ExperimentId;

    /// Estimates what a run at `scale` costs, for the plan that is shown before work starts.
    ///
    /// # Errors
    /// When the definition lacks parameters of the scale.
    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate>;

    /// Runs the experiment and writes its tables and plots to the folder of `context`.
    ///
    /// A part that cannot be done while others can (a data set is missing) belongs in
    /// [`Outcome::failures`], not in the error.
    ///
    /// # Errors
    /// When nothing useful could be measured; the folder is then discarded and earlier results
    /// stay.
    fn run(&self, context: &Context<'_>) -> Result<Outcome>;
}

/// Holds what a run is expected to cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Texts whose vectors are needed; those in the cache cost next to nothing.
    pub texts_to_embed: u64,
    /// Seconds on two cores with an empty cache, embedding included.
    pub seconds: f64,
}
