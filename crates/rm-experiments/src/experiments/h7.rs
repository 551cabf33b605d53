//! H7, storage and latency.
//!
//! *Question.* How many bytes and how much time does an item cost?
//!
//! *Hypothesis.* The routing code is 768 times smaller than the vector it stands for; everything resident is
//! not, because the rerank keeps every vector.
//!
//! *Set-up.* Nested samples of N items, K by the product's default rule, lists of vectors alone and lists with
//! codes. Bytes are those that the index counts by part: centroids, vectors, codes, ids, the lists' heads, and the table
//! that finds an item by its id; beside them what a new process really grows by when it opens the memory, and the
//! file on disk, texts included. The time of a search, one at a time on one core, is split. Over lists of
//! vectors: routing, scanning (which computes exact scores, so that it is the rerank too) and selecting the best; the
//! parts are timed by taking a search to pieces, and the whole search beside them says how well that went. Over
//! codes: routing; a search that keeps nothing, less routing, which is the scan; the whole search less that, which is
//! the rerank. Exact search stands beside it, and last what a user waits for: a search by text in a memory on a
//! file, embedding included, with the product's defaults.
//!
//! *Refuted by* a resident size far below that of the vectors.

mod by_text;
mod coded;
mod parts;
mod plots;
mod report;
mod storage;

use std::sync::Arc;

use anyhow::Result;
use rm_core::{Index, KRule};
use rm_embed::MiniLm;
use serde::{Deserialize, Serialize};

use super::probing::build;
use super::recall::{RecallMeter, RecallRow};
use super::resident::ResidentBytes;
use super::sized::{SizedDatasets, resolve_sized};
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus, embed};
use crate::metrics::Percentiles;
use crate::output::Table;
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale, TextKind,
};
use storage::{FileRow, StorageRow};

/// Measures bytes and time of an item as a memory grows.
#[derive(Debug, Clone, Copy)]
pub struct StorageAndLatency;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    k_rule: String,
    codings: Vec<ListCoding>,
    code_bytes: usize,
    n_probes: Vec<usize>,
    top_k: usize,
    sizes: Vec<usize>,
    sizes_generated: Vec<usize>,
    n_queries: usize,
    n_timed: usize,
    n_timed_by_text: usize,
    adapt_up_to_items: usize,
}

/// Is one line of `latency_timing.csv`; `n_probes` 0 is exact search.
#[derive(Debug, Clone, Serialize)]
struct LatencyRow {
    dataset: Dataset,
    n_items: usize,
    coding: ListCoding,
    k: usize,
    n_probes: usize,
    part: &'static str,
    n_timed: usize,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

/// Is one line of `by_text_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct ByTextRow {
    dataset: Dataset,
    n_items: usize,
    threads: usize,
    step: &'static str,
    n_timed: usize,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
struct Measured {
    storage: Vec<StorageRow>,
    file: Vec<FileRow>,
    /// What the timed settings reach.
    recall: Vec<RecallRow>,
    latency: Vec<LatencyRow>,
    by_text: Vec<ByTextRow>,
}

struct Tables {
    storage: Table<StorageRow>,
    file: Table<FileRow>,
    recall: Table<RecallRow>,
    latency: Table<LatencyRow>,
    by_text: Table<ByTextRow>,
}

impl Experiment for StorageAndLatency {
    fn id(&self) -> ExperimentId {
        ExperimentId::H7
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = (sizes(&p).n_items_in_all() + p.datasets.len() * p.n_queries) as u64;
        let all: usize = p.sizes.iter().chain(&p.sizes_generated).sum();
        let searches = 4 * p.n_timed_by_text;
        // Measured on two cores: some 250 short texts embedded a second; 80 us an item for training, file and
        // opening; 100 ms for a question embedded four times, at the smallest and the largest size.
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + all as f64 * 8e-5 + searches as f64 * 0.1,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let resolved = resolve_sized(context, &sizes(&parameters))?;
        let mut tables = Tables {
            storage: context.table("storage")?,
            file: context.timing_table("file")?,
            recall: context.table("recall")?,
            latency: context.timing_table("latency")?,
            by_text: context.timing_table("by_text")?,
        };
        let model = by_text::uncached_model(context)?;
        let mut measured = Measured::default();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            let sizes = sizes_of(&parameters, &corpus);
            let label = format!("H7 {}", corpus.corpus.dataset);
            let task = context.progress().task(&label, sizes.len() as u64, "sizes");
            let ends = [sizes.first().copied(), sizes.last().copied()];
            for n_items in sizes {
                let corpus = corpus.first(n_items)?;
                // Embedding costs the same at every size: the smallest and the largest tell enough.
                let model = ends.contains(&Some(n_items)).then_some(&model);
                let of_size = measure(context, &parameters, &corpus, model)?;
                tables.write(&of_size)?;
                measured.extend(of_size);
                task.advance(1);
            }
        }
        tables.finish()?;
        let mut outcome = report::outcome(context, &parameters, &measured)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

impl Tables {
    fn write(&mut self, measured: &Measured) -> Result<()> {
        let Measured {
            storage,
            file,
            recall,
            latency,
            by_text,
        } = measured;
        self.storage.write_all(storage)?;
        self.file.write_all(file)?;
        self.recall.write_all(recall)?;
        self.latency.write_all(latency)?;
        self.by_text.write_all(by_text)
    }

    fn finish(self) -> Result<()> {
        self.storage.finish()?;
        self.file.finish()?;
        self.recall.finish()?;
        self.latency.finish()?;
        self.by_text.finish()
    }
}

impl Measured {
    fn extend(&mut self, other: Self) {
        self.storage.extend(other.storage);
        self.file.extend(other.file);
        self.recall.extend(other.recall);
        self.latency.extend(other.latency);
        self.by_text.extend(other.by_text);
    }
}

fn sizes(parameters: &Parameters) -> SizedDatasets<'_> {
    let largest = |sizes: &[usize]| sizes.iter().copied().max().unwrap_or(0);
    let smallest = parameters.sizes.iter().chain(&parameters.sizes_generated);
    SizedDatasets {
        datasets: &parameters.datasets,
        n_items: largest(&parameters.sizes),
        n_items_generated: largest(&parameters.sizes_generated),
        // Every size holds the gold items of all queries.
        n_queries: parameters
            .n_queries
            .min(smallest.copied().min().unwrap_or(0) / 2),
    }
}

/// Returns the sizes at which a data set is measured, rising.
fn sizes_of(parameters: &Parameters, corpus: &EmbeddedCorpus) -> Vec<usize> {
    let all = parameters.sizes.iter().chain(&parameters.sizes_generated);
    let listed = match corpus.corpus.kind() {
        TextKind::Real => parameters.sizes.clone(),
        // Generated text may stand in for real text, and is then as large as that.
        TextKind::Generated => all.copied().collect(),
    };
    let mut sizes: Vec<usize> = listed
        .into_iter()
        .filter(|&n| n <= corpus.items.len())
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Measures one size of one data set.
fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    model: Option<&Arc<MiniLm>>,
) -> Result<Measured> {
    let mut index = build(corpus, parameters.k_rule.parse::<KRule>()?, context.seed())?;
    let mut measured = Measured::default();
    let top_ks = [parameters.top_k];
    let meter = RecallMeter::of(corpus, &top_ks)?;
    let exact = parts::of_exact_search(corpus, parameters.top_k, parameters.n_timed)?;
    let exact_search = (ListCoding::Exact, 0);
    let rows = latency_rows(corpus, exact_search, 0, exact);
    measured.latency.extend(rows);
    let mut counted = Vec::new();
    for &coding in &parameters.codings {
        index = index.with_coding(coding.drawn_by(context.seed()));
        counted.push((coding, ResidentBytes::of(&index)));
        for &n_probes in parameters.n_probes.iter().filter(|&&n| n <= index.k()) {
            measured
                .recall
                .extend(meter.measure(&index, &parameters.k_rule, n_probes)?);
            let timed = if coding.is_coded() {
                parts::of_codes(&index, corpus, n_probes, parameters)?
            } else {
                parts::of_routing(&index, corpus, n_probes, parameters)?
            };
            let setting = (coding, n_probes);
            let rows = latency_rows(corpus, setting, index.k(), timed);
            measured.latency.extend(rows);
        }
    }
    measure_file(
        context,
        parameters,
        corpus,
        (index, &counted),
        model,
        &mut measured,
    )?;
    Ok(measured)
}

/// Measures a memory of the corpus on a file: bytes, resident memory, and searches by text.
fn measure_file(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    (index, counted): (Index, &[(ListCoding, ResidentBytes)]),
    model: Option<&Arc<MiniLm>>,
    measured: &mut Measured,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let (storage, file) = storage::measure(context, parameters, corpus, &index, counted, &path)?;
    // The memory that is opened next holds all vectors again.
    drop(index);
    measured.storage.extend(storage);
    measured.file.extend(file);
    if let Some(model) = model {
        measured
            .by_text
            .extend(by_text::measure(parameters, corpus, model, &path)?);
    }
    Ok(())
}

fn latency_rows(
    corpus: &EmbeddedCorpus,
    (coding, n_probes): (ListCoding, usize),
    k: usize,
    timed: Vec<parts::Timed>,
) -> Vec<LatencyRow> {
    let row = |timed: parts::Timed| {
        let Percentiles { p50, p95, p99 } = timed.percentiles;
        LatencyRow {
            dataset: corpus.corpus.dataset,
            n_items: corpus.items.len(),
            coding,
            k,
            n_probes,
            part: timed.part,
            n_timed: timed.n_timed,
            p50_ms: p50,
            p95_ms: p95,
            p99_ms: p99,
        }
    };
    timed.into_iter().map(row).collect()
}
