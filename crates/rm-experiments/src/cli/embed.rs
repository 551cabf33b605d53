//! The arguments of `embed`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::VectorArgs;
use crate::corpora::Dataset;
use crate::suite::DataChoice;

/// Holds the arguments of `embed`.
#[derive(Debug, Args)]
#[command(
    after_help = "Vectors are kept while it runs: a run that was stopped goes on where it was when the same command is \
                  given again."
)]
pub struct EmbedArgs {
    /// Data set to embed, in any case.
    #[arg(long, value_name = "NAME", value_enum, ignore_case = true)]
    pub dataset: Dataset,

    /// First N items, and with --queries first N queries [default: all; generated text has no end
    /// and needs a limit].
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroUsize>,

    /// Embed the data set's queries as well.
    #[arg(long)]
    pub queries: bool,

    /// Where the text is: auto (in $RM_DATA, data or ../shared/data), a folder with the data sets,
    /// or generated (text of the same kind, as experiments take it with seed 42).
    #[arg(long, value_name = "auto|generated|DIR", default_value = "auto")]
    pub data: DataChoice,

    /// Write the vectors as NumPy files as well: DIR/base.npy, and with --queries DIR/queries.npy.
    #[arg(long, value_name = "DIR")]
    pub npy: Option<PathBuf>,

    /// How vectors are computed and kept.
    #[command(flatten)]
    pub vectors: VectorArgs,
}
