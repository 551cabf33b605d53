//! The arguments of every command that needs vectors.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use rm_embed::Precision;

/// Holds how vectors are computed and where they are kept.
#[derive(Debug, Args)]
pub struct VectorArgs {
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
