//! How long one search takes, one at a time on one core.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, Retriever};

use super::Parameters;
use crate::corpora::EmbeddedCorpus;
use crate::metrics::Percentiles;

/// Searches that come before the timed ones, so that caches and clock speed are settled.
const WARM_UP: usize = 20;

/// Times exact search for the first `n_timed` queries; fewer where one takes long.
pub(super) fn of_exact_search(
    corpus: &EmbeddedCorpus,
    top_k: usize,
    n_timed: usize,
) -> Result<Percentiles> {
    let exact = ExactSearch::new(&corpus.items);
    // An exact search of a million items takes long enough to be measured on fewer queries.
    let n_timed = n_timed.min(20_000_000 / corpus.items.len().max(1)).max(20);
    time(corpus, n_timed, |x| {
        Ok(black_box(exact.top_k(x, top_k)?).len())
    })
}

/// Times searches of `n_probes` lists.
pub(super) fn of_index(
    index: &Index,
    corpus: &EmbeddedCorpus,
    n_probes: usize,
    parameters: &Parameters,
) -> Result<Percentiles> {
    let retriever = Retriever::default()
        .n_probes(n_probes)
        .top_k(parameters.top_k);
    let retriever = retriever.score_threshold(-1.0);
    time(corpus, parameters.n_timed, |x| {
        Ok(black_box(retriever.query(index, x)?).hits.len())
    })
}

fn time(
    corpus: &EmbeddedCorpus,
    n_timed: usize,
    mut search: impl FnMut(&[f32]) -> Result<usize>,
) -> Result<Percentiles> {
    for x in corpus.queries.iter().take(WARM_UP) {
        search(x)?;
    }
    let mut times_ms = Vec::with_capacity(n_timed);
    for x in corpus.queries.iter().take(n_timed) {
        let started = Instant::now();
        search(x)?;
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Percentiles::of(&times_ms).context("no query to time")
}
