//! Builds an index of given vectors and searches it at each setting.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use rm_core::{ExactSearch, Index, ItemId, KRule, Retriever, Trainer, Vectors, train};

use super::BenchRow;
use crate::ListCoding;
use crate::experiments::latency::{affordable, of_exact_search, of_retriever};
use crate::metrics::{mean, recall_vs_dense};

/// Holds what a bench builds and searches with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Nearest items that recall is about.
    pub top_k: usize,
    /// How K follows the number of items.
    pub k_rule: KRule,
    /// What lists hold beside the vectors; an index is built of each.
    pub codings: Vec<ListCoding>,
    /// Numbers of lists to scan; those above K are left out.
    pub n_probes: Vec<usize>,
    /// Standard errors that an estimate may be off.
    pub rerank_errors: f32,
    /// Searches that are timed at most.
    pub n_timed: usize,
    /// Seed of training and of the codes' rotation.
    pub seed: u64,
}

/// Is told each row as soon as it is measured.
pub type Progressed<'a> = &'a mut dyn FnMut(&BenchRow) -> Result<()>;

/// Measures `items` under `queries` at each setting, and tells each row.
///
/// # Errors
/// When there is nothing to search, the two have different dimensions, or a setting is out of range.
pub fn measure(
    items: &Vectors,
    queries: &Vectors,
    settings: &Settings,
    progressed: Progressed<'_>,
) -> Result<()> {
    if items.is_empty() || queries.is_empty() || settings.top_k == 0 {
        bail!(
            "expected items, queries and a k of at least 1, got {} items, {} queries and k = {}",
            items.len(),
            queries.len(),
            settings.top_k
        );
    }
    let exact = exact_answers(items, queries, settings, progressed)?;
    let started = Instant::now();
    let k = settings.k_rule.k(items.len());
    let codebook = train(items, k, &Trainer::default(), settings.seed)?.codebook;
    let ids: Vec<ItemId> = (0..items.len() as u64).map(ItemId).collect();
    let index = Index::build(codebook, &ids, items)?;
    let built_s = started.elapsed().as_secs_f64();
    for coding in &settings.codings {
        let uncoded = index.clone();
        let started = Instant::now();
        let index = uncoded.with_coding(coding.drawn_by(settings.seed));
        let build_s = built_s + started.elapsed().as_secs_f64();
        for &n_probes in settings.n_probes.iter().filter(|n| **n <= k) {
            let retriever = Retriever::default()
                .n_probes(n_probes)
                .top_k(settings.top_k)
                .score_threshold(-1.0)
                .rerank_errors(settings.rerank_errors);
            let row = search(&index, queries, &retriever, &exact, settings)?;
            progressed(&BenchRow {
                setting: format!("n={n_probes}"),
                build_s,
                ..row
            })?;
        }
    }
    Ok(())
}

/// Compares every query with every item, which is the truth, and times that as a row of its own.
fn exact_answers(
    items: &Vectors,
    queries: &Vectors,
    settings: &Settings,
    progressed: Progressed<'_>,
) -> Result<Vec<Vec<ItemId>>> {
    let search = ExactSearch::new(items);
    let found = search.top_k_batch(queries, settings.top_k)?;
    let n_timed = affordable(settings.n_timed, items.len());
    let times = of_exact_search(items, queries, settings.top_k, n_timed)?;
    progressed(&BenchRow {
        index: "RM exact search".to_owned(),
        setting: String::new(),
        recall: 1.0,
        p50_ms: times.p50,
        p95_ms: times.p95,
        p99_ms: times.p99,
        bytes_per_item: (items.dim() * size_of::<f32>()) as f64,
        build_s: 0.0,
        candidates: items.len() as f64,
        reranked: items.len() as f64,
    })?;
    let ids = found.into_iter().map(|hits| {
        let ids = hits.iter().map(|hit| ItemId(hit.row as u64));
        ids.collect()
    });
    Ok(ids.collect())
}

/// Searches an index for all queries, then times some.
fn search(
    index: &Index,
    queries: &Vectors,
    retriever: &Retriever,
    exact: &[Vec<ItemId>],
    settings: &Settings,
) -> Result<BenchRow> {
    let found = retriever.query_batch(index, queries)?;
    let n = found.len() as f64;
    let recalls = found.iter().zip(exact).map(|(found, exact)| {
        let ids: Vec<ItemId> = found.hits.iter().map(|hit| hit.item).collect();
        recall_vs_dense(&ids, exact, settings.top_k)
    });
    let recalls: Vec<f64> = recalls.flatten().collect();
    let recall = mean(&recalls).context("no query has an exact answer")?;
    let times = of_retriever(retriever, index, queries, settings.n_timed)?;
    Ok(BenchRow {
        index: format!("RM {}, K={}", ListCoding::of(index).in_words(), index.k()),
        setting: String::new(),
        recall,
        p50_ms: times.p50,
        p95_ms: times.p95,
        p99_ms: times.p99,
        bytes_per_item: index.bytes().total() as f64 / index.len() as f64,
        build_s: 0.0,
        candidates: found.iter().map(|found| found.candidates).sum::<usize>() as f64 / n,
        reranked: found.iter().map(|found| found.reranked).sum::<usize>() as f64 / n,
    })
}
