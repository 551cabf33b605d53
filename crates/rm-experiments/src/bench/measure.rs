//! Builds an index of given vectors and searches it at each setting.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use rm_core::{
    CentroidId, Codebook, ExactSearch, Index, ItemId, KRule, RecallCalibration, Retriever, Trainer,
    Vectors, train,
};

use super::held::Place;
use super::npy::{for_each_block, read_npy};
use super::vector_file::{VectorFile, cached};
use super::{BenchRow, Held};
use crate::experiments::latency::{affordable, of_exact_search, of_retriever};
use crate::experiments::opened::peak_bytes;
use crate::metrics::{mean, recall_vs_dense};

/// Vectors that are read at a time.
const BLOCK_ROWS: usize = 8_192;

/// Holds what a bench builds and searches with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Nearest items that recall is about.
    pub top_k: usize,
    /// How K follows the number of items.
    pub k_rule: KRule,
    /// What is held of the items; one index after the other is built of each.
    pub held: Vec<Held>,
    /// Numbers of lists to scan; those above K are left out.
    pub n_probes: Vec<usize>,
    /// Other vectors like the queries, which tell how many lists a query needs for a recall target.
    pub samples: Option<Vectors>,
    /// Recalls for which each query chooses its own number of lists.
    pub recall_targets: Vec<f64>,
    /// Standard errors that an estimate may be off.
    pub rerank_errors: f32,
    /// Searches that are timed at most.
    pub n_timed: usize,
    /// Seed of training and of the codes' rotation.
    pub seed: u64,
}

/// Is told each row as soon as it is measured.
pub type Progressed<'a> = &'a mut dyn FnMut(&BenchRow) -> Result<()>;

/// Measures the vectors in the file `base` under `queries` at each setting, and tells each row.
///
/// An index is built as one of vectors that do not fit into memory twice would be: the centroids are trained, items are
/// routed, and then read again into their lists.
///
/// # Errors
/// When there is nothing to search, the two have different dimensions, or a setting is out of range.
pub fn measure(
    base: &Path,
    queries: &Vectors,
    settings: &Settings,
    progressed: Progressed<'_>,
) -> Result<()> {
    let items = read_npy(base)?;
    if items.is_empty() || queries.is_empty() || settings.top_k == 0 {
        bail!(
            "expected items, queries and a k of at least 1, got {} items, {} queries and k = {}",
            items.len(),
            queries.len(),
            settings.top_k
        );
    }
    let exact = exact_answers(&items, queries, settings, progressed)?;
    let started = Instant::now();
    let k = settings.k_rule.k(items.len());
    let codebook = train(&items, k, &Trainer::default(), settings.seed)?.codebook;
    let routed = codebook.encode_batch(&items)?;
    let routed: Vec<CentroidId> = routed.iter().map(|encoding| encoding.centroid).collect();
    drop(items);
    let mut index = listed(base, codebook, &routed)?;
    let built_s = started.elapsed().as_secs_f64();
    let mut held = settings.held.clone();
    held.sort_by_key(|held| held.place());
    let mut file = None;
    for held in held {
        if held.place() != Place::Ram && file.is_none() {
            file = Some(Arc::new(VectorFile::write(base)?));
        }
        if index.has_vectors_elsewhere() {
            // Vectors that were left to a file do not come back by themselves.
            index = listed(base, index.codebook().clone(), &routed)?;
        }
        let started = Instant::now();
        index = index.with_coding(held.in_lists().drawn_by(settings.seed));
        if let Some(file) = &file {
            index = index.with_vectors_in(file.clone())?;
        }
        if let (Some(file), Place::CachedFile) = (&file, held.place()) {
            let cached = cached(Arc::clone(file), index.dim())?;
            index = index.with_vectors_in(Arc::new(cached))?;
        }
        let build_s = built_s + started.elapsed().as_secs_f64();
        let searches = [fixed(k, settings), chosen(&index, settings)?].concat();
        for (setting, retriever) in searches {
            let row = search(&index, queries, &retriever, &exact, settings)?;
            let cached = file.as_ref().map_or(0, |file| file.cache_bytes) + index.source_bytes();
            progressed(&BenchRow {
                bytes_per_item: row.bytes_per_item + cached as f64 / index.len() as f64,
                index: format!("RM {}, K={k}", held.in_words()),
                setting,
                build_s,
                peak_bytes: peak_bytes(),
                ..row
            })?;
        }
    }
    Ok(())
}

/// Is a search and what is said of it.
type Named = (String, Retriever);

/// Returns the searches of one number of lists for all queries.
fn fixed(k: usize, settings: &Settings) -> Vec<Named> {
    let n_probes = settings.n_probes.iter().filter(|n| **n <= k);
    let searches = n_probes.map(|n| (format!("n={n}"), retriever(settings).n_probes(*n)));
    searches.collect()
}

/// Returns the searches that choose as many lists for each query as a recall takes.
fn chosen(index: &Index, settings: &Settings) -> Result<Vec<Named>> {
    let Some(samples) = &settings.samples else {
        return Ok(Vec::new());
    };
    let calibration = RecallCalibration::fit_to_queries(index, samples, settings.top_k)?;
    let searches = settings.recall_targets.iter().map(|target| {
        let retriever = retriever(settings).recall_target(*target, &calibration);
        (format!("target={target}"), retriever)
    });
    Ok(searches.collect())
}

fn retriever(settings: &Settings) -> Retriever {
    Retriever::default()
        .top_k(settings.top_k)
        .score_threshold(-1.0)
        .rerank_errors(settings.rerank_errors)
}

/// Reads the vectors of a file into the lists that they were routed to; item `p` is the vector at position `p - 1`.
fn listed(base: &Path, codebook: Codebook, routed: &[CentroidId]) -> Result<Index> {
    let mut index = Index::new(codebook);
    index.reserve(routed)?;
    let mut seen = 0;
    for_each_block(base, BLOCK_ROWS, |block| {
        let here = seen..seen + block.len();
        let ids: Vec<ItemId> = here.clone().map(item).collect();
        index.extend_assigned(&ids, &routed[here.clone()], &block)?;
        seen = here.end;
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(index)
}

/// Returns the item of the vector at a position of a file: the key it gets in a fresh store.
fn item(position: usize) -> ItemId {
    ItemId(position as u64 + 1)
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
        peak_bytes: peak_bytes(),
        candidates: items.len() as f64,
        reranked: items.len() as f64,
    })?;
    let ids = found.into_iter().map(|hits| {
        let ids = hits.iter().map(|hit| item(hit.row));
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
        index: String::new(),
        setting: String::new(),
        recall,
        p50_ms: times.p50,
        p95_ms: times.p95,
        p99_ms: times.p99,
        bytes_per_item: index.bytes().total() as f64 / index.len() as f64,
        build_s: 0.0,
        peak_bytes: None,
        candidates: found.iter().map(|found| found.candidates).sum::<usize>() as f64 / n,
        reranked: found.iter().map(|found| found.reranked).sum::<usize>() as f64 / n,
    })
}
