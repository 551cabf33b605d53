//! The arguments of a run of the suite.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use rm_embed::Precision;

use crate::suite::{DataChoice, ExperimentId, ExperimentIds, Options, Scale, UnknownExperiment};

/// Holds the arguments of a run of the suite.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// List the experiments and exit.
    #[arg(long)]
    pub list: bool,

    /// Experiments to run, in any case and order, separated by spaces or commas [default: all].
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub select: Vec<Selection>,

    /// How large: smoke (minutes), standard, or paper (every published size).
    #[arg(long, value_enum, default_value_t = Scale::Standard)]
    pub scale: Scale,

    /// Seed of everything random.
    #[arg(long, default_value_t = Options::DEFAULT_SEED)]
    pub seed: u64,

    /// Folder that takes one subfolder per experiment and the report.
    #[arg(long, value_name = "DIR", default_value = Options::DEFAULT_OUT)]
    pub out: PathBuf,

    /// Text to run on: auto (real where found, else generated), generated, or a folder with the
    /// data sets.
    #[arg(long, value_name = "auto|generated|DIR", default_value = "auto")]
    pub data: DataChoice,

    /// How exactly the model computes: f32, or int8, which is faster and a little less exact; each has vectors
    /// of its own.
    #[arg(long, value_name = "f32|int8", default_value_t)]
    pub precision: Precision,

    /// Folder that keeps vectors between runs [default: data/vectors in the project].
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,

    /// Threads to compute on [default: one per core].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl RunArgs {
    /// Returns the options of the run; experiments named twice are run once, in the suite's order.
    #[must_use]
    pub fn options(&self) -> Options {
        let named = self
            .select
            .iter()
            .flat_map(|selection| selection.0.iter().copied());
        Options {
            select: (!self.select.is_empty()).then(|| named.collect()),
            scale: self.scale,
            seed: self.seed,
            out: self.out.clone(),
            data: self.data.clone(),
            precision: self.precision,
            cache: self.cache.clone(),
            threads: self.threads,
        }
    }
}

/// Holds the experiments that one word of the command line names: `H1`, or `h1,A4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(ExperimentIds);

impl FromStr for Selection {
    type Err = UnknownExperiment;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        // A comma at the end of a word (`H1, H2`) leaves an empty part behind it.
        let parts = word
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let ids = parts
            .map(ExperimentId::from_str)
            .collect::<Result<ExperimentIds, _>>()?;
        if ids.is_empty() {
            return Err(UnknownExperiment::new(word));
        }
        Ok(Self(ids))
    }
}
