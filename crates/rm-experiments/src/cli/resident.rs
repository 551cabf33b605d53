//! The arguments of `resident`.

use std::path::PathBuf;

use clap::Args;

/// Holds the arguments of `resident`, by which an experiment measures a memory in a process of its own.
#[derive(Debug, Args)]
pub struct ResidentArgs {
    /// File of the memory.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
