//! A4, million scale.
//!
//! *Question.* What do recall, latency and memory become when a memory grows to a million items?
//!
//! *Hypothesis.* With K capped at 512, as in the original, recall at a fixed number of probes falls as N
//! grows, to the published 0.8556 at a million; with K that follows N it holds for the same share scanned.
//!
//! *Set-up.* N titles, post bodies as queries, nested samples of one seed. For every N and K rule: training,
//! routing, searches with n = 1 to 64 probes. Recall runs over all queries on all cores; latency is one query
//! at a time on one core after a warm-up. Build and open time are those of a memory on a file, with vectors
//! given; bytes are counted by part and beside them what the process grew by.
//!
//! *Refuted by* a recall that falls with N at an equal share of items scanned.

mod file;
mod report;

use std::time::Instant;

use anyhow::Result;
use rm_core::KRule;
use serde::{Deserialize, Serialize};

use super::latency;
use super::probing::{DenseAnswers, build, every_score, probe};
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::metrics::Percentiles;
use crate::output::Table;
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale, TextKind,
};

/// Measures recall, latency and bytes as a memory grows.
#[derive(Debug, Clone, Copy)]
pub struct MillionScale;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    n_probes: Vec<usize>,
    top_k: usize,
    k_rules: Vec<String>,
    published_k_rule: String,
    published_n_probes: usize,
    published_n_items: usize,
    sizes: Vec<usize>,
    n_queries: usize,
    n_timed: usize,
}

/// Is one line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
struct RecallRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
    k_rule: String,
    k: usize,
    n_probes: usize,
    top_k: usize,
    recall_vs_dense: f64,
    ci_low: f64,
    ci_high: f64,
    gold_recall_at_10: f64,
    dense_gold_recall_at_10: f64,
    share_scanned: f64,
    centroid_bytes: usize,
    vector_bytes: usize,
    id_bytes: usize,
}

/// Is one line of `latency_timing.csv`; `n_probes` 0 is exact search.
#[derive(Debug, Clone, Serialize)]
struct LatencyRow {
    dataset: Dataset,
    n_items: usize,
    k_rule: String,
    k: usize,
    n_probes: usize,
    n_timed: usize,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

/// Is one line of `build_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct BuildRow {
    dataset: Dataset,
    n_items: usize,
    k_rule: String,
    k: usize,
    train_and_route_s: f64,
    write_file_s: f64,
    open_file_s: f64,
    file_bytes: u64,
    resident_growth_bytes: Option<u64>,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
struct Measured {
    recall: Vec<RecallRow>,
    latency: Vec<LatencyRow>,
    build: Vec<BuildRow>,
}

struct Tables {
    recall: Table<RecallRow>,
    latency: Table<LatencyRow>,
    build: Table<BuildRow>,
}

impl Experiment for MillionScale {
    fn id(&self) -> ExperimentId {
        ExperimentId::A4
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let largest = p.sizes.iter().copied().max().unwrap_or(0);
        let all: usize = p.sizes.iter().sum();
        let texts = (p.datasets.len() * (largest + p.n_queries)) as u64;
        // Measured on two cores: some 250 titles embedded a second, 40 us an item and K rule for the rest.
        let measuring = (p.datasets.len() * p.k_rules.len() * all) as f64 * 4e-5;
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + measuring,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let largest = parameters.sizes.iter().copied().max().unwrap_or(0);
        let smallest = parameters.sizes.iter().copied().min().unwrap_or(0);
        // Every size holds the gold items of all queries, so that sizes differ in distractors alone.
        let n_queries = parameters.n_queries.min(smallest / 2);
        let size = CorpusSize {
            n_items: largest,
            n_queries,
        };
        let resolved = resolve_for(context, &parameters.datasets, size)?;
        let mut tables = Tables {
            recall: context.table("recall")?,
            latency: context.timing_table("latency")?,
            build: context.timing_table("build")?,
        };
        let mut measured = Measured::default();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            for &n_items in parameters
                .sizes
                .iter()
                .filter(|&&n| n <= corpus.items.len())
            {
                let corpus = corpus.prefix(n_items)?;
                measure(context, &parameters, &corpus, &mut tables, &mut measured)?;
            }
        }
        tables.recall.finish()?;
        tables.latency.finish()?;
        tables.build.finish()?;
        let mut outcome = report::outcome(context, &parameters, &measured)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

/// Measures one size of one data set.
fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    tables: &mut Tables,
    measured: &mut Measured,
) -> Result<()> {
    let (dataset, n_items) = (corpus.corpus.dataset, corpus.items.len());
    let label = format!("A4 {dataset}, {n_items} items");
    let task = context
        .progress()
        .task(&label, parameters.k_rules.len() as u64, "K rules");
    let dense = DenseAnswers::of(corpus, parameters.top_k.max(10))?;
    let dense_gold = dense.gold_recall(corpus, 10)?.estimate;
    let exact = latency::of_exact_search(
        &corpus.items,
        &corpus.queries,
        parameters.top_k,
        parameters.n_timed,
    )?;
    let exact = latency_row(corpus, "exact", n_items, 0, parameters.n_timed, exact);
    tables.latency.write(&exact)?;
    measured.latency.push(exact);
    for rule in &parameters.k_rules {
        let started = Instant::now();
        let index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        let train_and_route_s = started.elapsed().as_secs_f64();
        for &n_probes in parameters.n_probes.iter().filter(|&&n| n <= index.k()) {
            let reached = probe(&index, corpus, &dense, n_probes, &[parameters.top_k])?;
            let recall = reached.recall[0];
            let row = RecallRow {
                dataset,
                text_kind: corpus.corpus.kind(),
                n_items,
                n_queries: corpus.queries.len(),
                k_rule: rule.clone(),
                k: index.k(),
                n_probes,
                top_k: parameters.top_k,
                recall_vs_dense: recall.estimate,
                ci_low: recall.low,
                ci_high: recall.high,
                gold_recall_at_10: reached.gold_recall_at_10.estimate,
                dense_gold_recall_at_10: dense_gold,
                share_scanned: reached.share_scanned,
                centroid_bytes: size_of_val(index.codebook().as_slice()),
                vector_bytes: n_items * index.dim() * size_of::<f32>(),
                id_bytes: n_items * size_of::<rm_core::ItemId>(),
            };
            tables.recall.write(&row)?;
            measured.recall.push(row);
            let timed = latency::of_retriever(
                &every_score(n_probes, parameters.top_k),
                &index,
                &corpus.queries,
                parameters.n_timed,
            )?;
            let row = latency_row(corpus, rule, index.k(), n_probes, parameters.n_timed, timed);
            tables.latency.write(&row)?;
            measured.latency.push(row);
        }
        let row = file::measure(corpus, &index, rule, context.seed(), train_and_route_s)?;
        tables.build.write(&row)?;
        measured.build.push(row);
        task.advance(1);
    }
    Ok(())
}

fn latency_row(
    corpus: &EmbeddedCorpus,
    rule: &str,
    k: usize,
    n_probes: usize,
    n_timed: usize,
    percentiles: Percentiles,
) -> LatencyRow {
    LatencyRow {
        dataset: corpus.corpus.dataset,
        n_items: corpus.items.len(),
        k_rule: rule.to_owned(),
        k,
        n_probes,
        n_timed: n_timed.min(corpus.queries.len()),
        p50_ms: percentiles.p50,
        p95_ms: percentiles.p95,
        p99_ms: percentiles.p99,
    }
}
