//! How long one search takes, one at a time on one core.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, Retriever, Vectors};
use serde::Serialize;

use super::recall::RecallRow;
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::metrics::Percentiles;

/// Searches that come before the timed ones, so that caches and clock speed are settled.
const WARM_UP: usize = 20;

/// Vectors that all timed exact searches together may compare.
const MAX_COMPARED: usize = 20_000_000;

/// Is one line of `latency_timing.csv`; `n_probes` 0 is exact search.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LatencyRow {
    pub(super) dataset: Dataset,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) n_probes: usize,
    pub(super) n_timed: usize,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
}

impl LatencyRow {
    /// Times exact search on a corpus.
    pub(super) fn exact(corpus: &EmbeddedCorpus, top_k: usize, n_timed: usize) -> Result<Self> {
        let n_timed = affordable(n_timed, corpus.items.len());
        let times = of_exact_search(&corpus.items, &corpus.queries, top_k, n_timed)?;
        Ok(Self::of(
            corpus,
            ("exact", ListCoding::Exact),
            corpus.items.len(),
            0,
            n_timed,
            times,
        ))
    }

    /// Times a retriever on a corpus; `n_probes` names its setting.
    pub(super) fn routed(
        corpus: &EmbeddedCorpus,
        index: &Index,
        k_rule: &str,
        n_probes: usize,
        retriever: &Retriever,
        n_timed: usize,
    ) -> Result<Self> {
        let times = of_retriever(retriever, index, &corpus.queries, n_timed)?;
        Ok(Self::of(
            corpus,
            (k_rule, ListCoding::of(index)),
            index.k(),
            n_probes,
            n_timed,
            times,
        ))
    }

    fn of(
        corpus: &EmbeddedCorpus,
        (k_rule, coding): (&str, ListCoding),
        k: usize,
        n_probes: usize,
        n_timed: usize,
        times: Percentiles,
    ) -> Self {
        Self {
            dataset: corpus.corpus.dataset,
            n_items: corpus.items.len(),
            k_rule: k_rule.to_owned(),
            coding,
            k,
            n_probes,
            n_timed: n_timed.min(corpus.queries.len()),
            p50_ms: times.p50,
            p95_ms: times.p95,
            p99_ms: times.p99,
        }
    }

    /// Returns whether this is the time of the setting that `row` measured.
    pub(super) fn is_of(&self, row: &RecallRow) -> bool {
        (self.dataset, self.n_items, self.n_probes) == (row.dataset, row.n_items, row.n_probes)
            && self.k_rule == row.k_rule
            && self.coding == row.coding
    }

    /// Returns whether this is the time of exact search over the items of `row`.
    pub(super) fn is_exact_for(&self, row: &RecallRow) -> bool {
        (self.dataset, self.n_items, self.n_probes) == (row.dataset, row.n_items, 0)
    }
}

/// Times exact search for the first `n_timed` queries.
pub(crate) fn of_exact_search(
    items: &Vectors,
    queries: &Vectors,
    top_k: usize,
    n_timed: usize,
) -> Result<Percentiles> {
    let exact = ExactSearch::new(items);
    time(queries, n_timed, |x| {
        Ok(black_box(exact.top_k(x, top_k)?).len())
    })
}

/// Returns how many exact searches are timed where `n_timed` are wanted: fewer where one takes long, at least 20.
pub(crate) fn affordable(n_timed: usize, n_items: usize) -> usize {
    n_timed.min(MAX_COMPARED / n_items.max(1)).max(20)
}

/// Times the searches of a retriever for the first `n_timed` queries.
pub(crate) fn of_retriever(
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
