//! The arguments of a run of the suite.

use std::env;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::VectorArgs;
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

    /// How vectors are computed and kept.
    #[command(flatten)]
    pub vectors: VectorArgs,
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
            precision: self.vectors.precision,
            cache: self.vectors.cache.clone(),
            threads: self.vectors.threads,
            encoders: env::var_os(Options::ENCODERS)
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
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
