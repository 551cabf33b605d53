//! How long one search takes, one at a time on one core.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, Retriever, Vectors};

use crate::metrics::Percentiles;

/// Searches that come before the timed ones, so that caches and clock speed are settled.
const WARM_UP: usize = 20;

/// Vectors that all timed exact searches together may compare.
const MAX_COMPARED: usize = 20_000_000;

/// Times exact search for the first `n_timed` queries; for fewer where one takes long, at least 20.
pub(super) fn of_exact_search(
    items: &Vectors,
    queries: &Vectors,
    top_k: usize,
    n_timed: usize,
) -> Result<Percentiles> {
    let exact = ExactSearch::new(items);
    let n_timed = n_timed.min(MAX_COMPARED / items.len().max(1)).max(20);
    time(queries, n_timed, |x| {
        Ok(black_box(exact.top_k(x, top_k)?).len())
    })
}

/// Times the searches of a retriever for the first `n_timed` queries.
pub(super) fn of_retriever(
    retriever: &Retriever,
    index: &Index,
    queries: &Vectors,
    n_timed: usize,
) -> Result<Percentiles> {
    time(queries, n_timed, |x| {
        Ok(black_box(retriever.query(index, x)?).hits.len())
    })
}

/// Times `search` for the first `n_timed` queries after a warm-up, in milliseconds.
pub(super) fn time(
    queries: &Vectors,
    n_timed: usize,
    mut search: impl FnMut(&[f32]) -> Result<usize>,
) -> Result<Percentiles> {
    for x in queries.iter().take(WARM_UP) {
        search(x)?;
    }
    let mut times_ms = Vec::with_capacity(n_timed);
    for x in queries.iter().take(n_timed) {
        let started = Instant::now();
        search(x)?;
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Percentiles::of(&times_ms).context("no query to time")
}
