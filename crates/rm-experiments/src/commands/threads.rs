//! How many threads compute.

use std::num::NonZeroUsize;

use anyhow::{Context as _, Result};

/// Starts the threads that all commands compute on: as many as were asked for, or one a core.
pub(super) fn start(threads: Option<NonZeroUsize>) -> Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build_global()
        .context("cannot start the threads")
}
