//! A search taken to pieces: how long routing, scanning and selecting take.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, ItemId, check_unit, dots_into};

use super::Parameters;
use crate::corpora::EmbeddedCorpus;
use crate::experiments::latency;
use crate::experiments::probing::every_score;
use crate::metrics::Percentiles;

/// Ranking the centroids; nothing in exact search.
pub(super) const ROUTE: &str = "route";
/// Computing the exact score of every candidate, which is what a rerank does; in lists without codes.
pub(super) const SCAN: &str = "scan and rerank";
/// Estimating scores from codes.
pub(super) const SCAN_CODES: &str = "scan codes";
/// Computing the exact scores that the estimates leave open, and keeping the best.
pub(super) const RERANK: &str = "rerank";
/// Keeping the best scores.
pub(super) const SELECT: &str = "top-k";
/// The three together.
pub(super) const SUM: &str = "sum of parts";
/// The search as it is, timed apart.
pub(super) const WHOLE: &str = "whole search";

/// Searches that come before the timed ones.
const WARM_UP: usize = 20;

/// Queries of a block.
const BLOCK: usize = 50;

/// Holds how long one part of a search takes, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    pub(super) part: &'static str,
    pub(super) n_timed: usize,
    pub(super) percentiles: Percentiles,
}

impl Timed {
    fn of(part: &'static str, times: &[f64]) -> Result<Self> {
        Ok(Self {
            part,
            n_timed: times.len(),
            percentiles: Percentiles::of(times).context("no query to time")?,
        })
    }
}

/// Times the parts of a search over `n_probes` lists, and whole searches.
pub(super) fn of_routing(
    index: &Index,
    corpus: &EmbeddedCorpus,
    n_probes: usize,
    parameters: &Parameters,
) -> Result<Vec<Timed>> {
    let mut search = InParts::new(parameters.top_k);
    let retriever = every_score(n_probes, parameters.top_k);
    let parts = |x: &[f32]| search.routed(index, x, n_probes);
    let whole = |x: &[f32]| Ok(black_box(retriever.query(index, x)?).hits.len());
    timed(corpus, parameters.n_timed, parts, whole)
}

/// Times the parts of a search over `n_probes` lists with codes, and whole searches.
///
/// What is inside a scan cannot be reached from here: a search for the best 0 routes and scans all codes and computes
/// no exact score, so what it takes beyond routing is the scan, and what a whole search takes beyond it is the rerank.
/// The three are timed for a block of queries after a block, so that none finds its lists in the processor's cache.
pub(super) fn of_codes(
    index: &Index,
    corpus: &EmbeddedCorpus,
    n_probes: usize,
    parameters: &Parameters,
) -> Result<Vec<Timed>> {
    let n_empty = index.lists().filter(|(_, list)| list.is_empty()).count();
    let scanning = every_score(n_probes, 0);
    let searching = every_score(n_probes, parameters.top_k);
    let route = |x: &[f32]| {
        Ok(black_box(index.codebook().route(x, n_probes + n_empty)?)
            .1
            .len())
    };
    let scan = |x: &[f32]| Ok(black_box(scanning.query(index, x)?).candidates);
    let search = |x: &[f32]| Ok(black_box(searching.query(index, x)?).hits.len());
    for x in corpus.queries.iter().take(WARM_UP) {
        route(x)?;
        scan(x)?;
        search(x)?;
    }
    let mut columns: [Vec<f64>; 4] = Default::default();
    let queries: Vec<&[f32]> = corpus.queries.iter().take(parameters.n_timed).collect();
    for block in queries.chunks(BLOCK) {
        let routed = each(block, route)?;
        let scanned = each(block, scan)?;
        let searched = each(block, search)?;
        for ((route, scan), search) in routed.iter().zip(&scanned).zip(&searched) {
            let parts = [
                *route,
                (scan - route).max(0.0),
                (search - scan).max(0.0),
                *search,
            ];
            columns
                .iter_mut()
                .zip(parts)
                .for_each(|(column, part)| column.push(part));
        }
    }
    [ROUTE, SCAN_CODES, RERANK, WHOLE]
        .into_iter()
        .zip(columns)
        .map(|(part, times)| Timed::of(part, &times))
        .collect()
}

/// Returns the milliseconds that `work` takes for each query.
fn each(queries: &[&[f32]], work: impl Fn(&[f32]) -> Result<usize>) -> Result<Vec<f64>> {
    let time = |x: &&[f32]| {
        let started = Instant::now();
        work(x)?;
        Ok(milliseconds(started.elapsed()))
    };
    queries.iter().map(time).collect()
}

/// Times the parts of an exact search, and whole searches; of fewer queries where one takes long.
pub(super) fn of_exact_search(
    corpus: &EmbeddedCorpus,
    top_k: usize,
    n_timed: usize,
) -> Result<Vec<Timed>> {
    let mut search = InParts::new(top_k);
    let exact = ExactSearch::new(&corpus.items);
    let n_timed = latency::affordable(n_timed, corpus.items.len());
    let parts = |x: &[f32]| search.exact(corpus, x);
    let whole = |x: &[f32]| Ok(black_box(exact.top_k(x, top_k)?).len());
    timed(corpus, n_timed, parts, whole)
}

/// Times searches in parts and whole ones, a block of queries after a block, so that whatever slows the machine
/// down meets both; the blocks are large enough that neither finds its lists in the processor's cache.
fn timed(
    corpus: &EmbeddedCorpus,
    n_timed: usize,
    mut parts: impl FnMut(&[f32]) -> Result<[f64; 3]>,
    mut whole: impl FnMut(&[f32]) -> Result<usize>,
) -> Result<Vec<Timed>> {
    for x in corpus.queries.iter().take(WARM_UP) {
        parts(x)?;
        whole(x)?;
    }
    let (mut of_parts, mut of_whole) = (Vec::new(), Vec::new());
    let queries: Vec<&[f32]> = corpus.queries.iter().take(n_timed).collect();
    for block in queries.chunks(BLOCK) {
        for x in block {
            of_parts.push(parts(x)?);
        }
        for x in block {
            let started = Instant::now();
            whole(x)?;
            of_whole.push(milliseconds(started.elapsed()));
        }
    }
    let column = |at: usize| of_parts.iter().map(|times| times[at]).collect::<Vec<f64>>();
    let sums = of_parts.iter().map(|times| times.iter().sum()).collect();
    [
        (ROUTE, column(0)),
        (SCAN, column(1)),
        (SELECT, column(2)),
        (SUM, sums),
        (WHOLE, of_whole),
    ]
    .into_iter()
    .map(|(part, times)| Timed::of(part, &times))
    .collect()
}

/// Does a search step by step with a clock between the steps.
struct InParts {
    best: Best,
}

impl InParts {
    fn new(top_k: usize) -> Self {
        Self {
            best: Best {
                top_k,
                kept: Vec::new(),
            },
        }
    }

    /// Searches `n_probes` lists that have items, and returns the milliseconds of the three parts.
    fn routed(&mut self, index: &Index, x: &[f32], n_probes: usize) -> Result<[f64; 3]> {
        let n_empty = index.lists().filter(|(_, list)| list.is_empty()).count();
        let started = Instant::now();
        let (signals, ranked) = index.codebook().route(x, n_probes + n_empty)?;
        black_box(signals);
        let routed = Instant::now();
        let lists: Vec<_> = ranked
            .iter()
            .filter_map(|probe| index.list(probe.centroid).ok())
            .filter(|list| !list.is_empty())
            .take(n_probes)
            .collect();
        let mut scores = Vec::new();
        for list in &lists {
            dots_into(x, list.vectors(), &mut scores);
        }
        let scanned = Instant::now();
        let ids = lists.iter().flat_map(|list| list.ids());
        self.best.select(ids.copied().zip(scores.iter().copied()));
        let selected = Instant::now();
        black_box(&self.best.kept);
        Ok([routed - started, scanned - routed, selected - scanned].map(milliseconds))
    }

    /// Searches all items; there is nothing to route.
    fn exact(&mut self, corpus: &EmbeddedCorpus, x: &[f32]) -> Result<[f64; 3]> {
        let started = Instant::now();
        let x = check_unit(corpus.items.dim(), x)?;
        let mut scores = Vec::new();
        dots_into(&x, corpus.items.as_slice(), &mut scores);
        let scanned = Instant::now();
        let ids = (0..).map(ItemId);
        self.best.select(ids.zip(scores.iter().copied()));
        let selected = Instant::now();
        black_box(&self.best.kept);
        Ok([Duration::ZERO, scanned - started, selected - scanned].map(milliseconds))
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Keeps the best scores, best first; of equal ones the smaller id.
struct Best {
    top_k: usize,
    kept: Vec<(ItemId, f32)>,
}

impl Best {
    fn select(&mut self, scored: impl Iterator<Item = (ItemId, f32)>) {
        self.kept.clear();
        let mut floor = f32::NEG_INFINITY;
        for (item, score) in scored {
            if score < floor {
                continue;
            }
            let at = self
                .kept
                .partition_point(|&(id, best)| best > score || (best == score && id < item));
            self.kept.insert(at, (item, score));
            self.kept.truncate(self.top_k);
            if self.kept.len() == self.top_k {
                floor = self.kept.last().map_or(floor, |(_, score)| *score);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rm_core::{Codebook, Vectors};

    use super::*;

    #[test]
    fn the_best_come_first_and_of_equals_the_smaller_id() {
        let mut best = Best {
            top_k: 3,
            kept: Vec::new(),
        };
        let scores = [(4, 0.5), (1, 0.9), (3, 0.5), (2, -1.0), (0, 0.5)];
        best.select(scores.iter().map(|&(id, score)| (ItemId(id), score)));
        assert_eq!(
            best.kept,
            [(ItemId(1), 0.9), (ItemId(0), 0.5), (ItemId(3), 0.5)]
        );
    }

    #[test]
    fn a_search_in_parts_finds_what_the_retriever_finds() -> Result<()> {
        let angles = (0..60u32).map(|at| (at * at) as f32 * 0.37);
        let rows = angles.flat_map(|angle| [angle.cos(), angle.sin()]);
        let vectors = Vectors::from_rows(2, rows.collect())?;
        // Centroids (0, 1) and (0, 1) again: the second of equals gets no item.
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, 0.0, 1.0, -1.0, 0.0])?;
        let ids: Vec<ItemId> = (0..60).map(ItemId).collect();
        let index = Index::build(codebook, &ids, &vectors)?;
        let mut search = InParts::new(5);
        for n_probes in 1..=3 {
            for x in vectors.iter().step_by(7) {
                search.routed(&index, x, n_probes)?;
                let whole = every_score(n_probes, 5).query(&index, x)?;
                let hits: Vec<_> = whole.hits.iter().map(|hit| (hit.item, hit.score)).collect();
                assert_eq!(search.best.kept, hits, "{n_probes} probes");
            }
        }
        Ok(())
    }
}
