//! The arguments of `resident`.

use std::path::PathBuf;

use clap::Args;

use crate::ListCoding;
use crate::suite::Options;

/// Holds the arguments of `resident`, by which an experiment measures a memory in a process of its own.
#[derive(Debug, Args)]
pub struct ResidentArgs {
    /// File of the memory.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What its lists hold beside the vectors.
    #[arg(long, value_name = "CODING", default_value = "exact")]
    pub coding: ListCoding,

    /// Seed of the codes.
    #[arg(long, default_value_t = Options::DEFAULT_SEED)]
    pub seed: u64,
}
