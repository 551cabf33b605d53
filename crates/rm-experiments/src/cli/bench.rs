//! The arguments of `bench`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use rm_core::KRule;

use crate::bench::Held;
use crate::suite::Options;

/// Holds the arguments of `bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Files are NumPy's (.npy), float32 or float64, one vector a row; rows are scaled to unit norm, and \
                  scores are cosines. scripts/bench-peers.sh runs FAISS, hnswlib and usearch on the same files.\n\n\
                  Build with --release for times worth quoting."
)]
pub struct BenchArgs {
    /// Vectors to search among.
    #[arg(long, value_name = "FILE")]
    pub base: PathBuf,

    /// Vectors to search for.
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,

    /// Nearest items that recall is about.
    #[arg(long, value_name = "K", default_value = "5")]
    pub k: NonZeroUsize,

    /// How the number of lists follows the number of items: sqrt, 2*sqrt, items/20, 512, ...
    #[arg(long, value_name = "RULE", default_value = "sqrt")]
    pub k_rule: KRule,

    /// Numbers of lists to scan; those above the number of lists are left out.
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "8,16,32,48,64,96,128,160,192,256,384,512"
    )]
    pub n_probes: Vec<NonZeroUsize>,

    /// Other vectors like those to search for, of which `--recall-target` learns how many lists a query needs.
    #[arg(long, value_name = "FILE", requires = "recall_target")]
    pub calibrate: Option<PathBuf>,

    /// Recalls for which each query chooses its own number of lists.
    #[arg(long, value_name = "R", value_delimiter = ',', requires = "calibrate")]
    pub recall_target: Vec<f64>,

    /// What lists hold beside the vectors: exact, one-bit, 2-bit to 8-bit; with -spill after it a second code in another list,
    /// and with -file at the end vectors in an SQLite file, with -cached in the cache of such a file.
    #[arg(
        long,
        value_name = "CODING",
        value_delimiter = ',',
        default_value = "one-bit"
    )]
    pub coding: Vec<Held>,

    /// Standard errors that the estimate of a code may be off before its item is passed over.
    #[arg(long, value_name = "E", default_value_t = rm_core::DEFAULT_RERANK_ERRORS)]
    pub rerank_errors: f32,

    /// Searches timed at each setting at most.
    #[arg(long, value_name = "N", default_value = "1000")]
    pub timed: NonZeroUsize,

    /// Threads to build on; searches are timed on one.
    #[arg(long, value_name = "N", default_value = "1")]
    pub threads: NonZeroUsize,

    /// Seed of everything random.
    #[arg(long, default_value_t = Options::DEFAULT_SEED)]
    pub seed: u64,

    /// Print a JSON object a line in place of a table.
    #[arg(long)]
    pub json: bool,
}
