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

use std::slice;
use std::time::Instant;

use anyhow::Result;
use rm_core::KRule;
use serde::{Deserialize, Serialize};

use super::latency::LatencyRow;
use super::probing::{build, every_score};
use super::recall::{RecallMeter, RecallRow};
use super::resident::ResidentBytes;
use super::targeted::{TargetedProbing, Wanted};
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_nested};
use crate::output::Table;
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

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
    recall_targets: Vec<f64>,
    reported_targets: Vec<f64>,
    target_k_rule: String,
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
    targeted: TargetedProbing,
}

struct Tables {
    recall: Table<(RecallRow, ResidentBytes)>,
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
        let resolved = resolve_nested(context, &parameters.datasets, size, smallest)?;
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
        measured.targeted.write(context)?;
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
    let meter = RecallMeter::of(corpus, slice::from_ref(&parameters.top_k))?;
    let (top_k, n_timed) = (parameters.top_k, parameters.n_timed);
    let mut times = vec![LatencyRow::exact(corpus, top_k, n_timed)?];
    for rule in &parameters.k_rules {
        let started = Instant::now();
        let index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        let train_and_route_s = started.elapsed().as_secs_f64();
        let bytes = ResidentBytes::of(n_items, index.k(), index.dim());
        for &n_probes in parameters.n_probes.iter().filter(|&&n| n <= index.k()) {
            for row in meter.measure(&index, rule, n_probes)? {
                let row = (row, bytes);
                tables.recall.write(&row)?;
                measured.recall.push(row.0);
            }
            let retriever = every_score(n_probes, top_k);
            let time = LatencyRow::routed(corpus, &index, rule, n_probes, &retriever, n_timed)?;
            times.push(time);
        }
        if *rule == parameters.target_k_rule {
            let targets = &parameters.recall_targets;
            let wanted = Wanted {
                top_k,
                targets,
                n_timed,
            };
            let targeted = &mut measured.targeted;
            targeted.measure(&index, corpus, &meter.dense, rule, wanted)?;
        }
        let row = file::measure(corpus, &index, rule, context.seed(), train_and_route_s)?;
        tables.build.write(&row)?;
        measured.build.push(row);
        task.advance(1);
    }
    tables.latency.write_all(&times)?;
    measured.latency.extend(times);
    Ok(())
}
