//! H2, retrieval quality.
//!
//! *Question.* How does recall against dense search grow with the number of lists probed, and what share of
//! the items has to be scanned for it?
//!
//! *Hypothesis.* Four probes find 99% of the dense top five among 5,000 items.
//!
//! *Set-up.* For every data set and K rule: train on all N items, route them, and search for real questions
//! with n = 1 to 128 probes. R@k vs dense is the share of the exact k best that the search found; gold recall
//! the share of items labelled as answers among the first ten. Intervals are bootstraps over questions. Beside the
//! fixed n, every question chooses its own for a wanted recall, calibrated on every other question.
//!
//! *Refuted by* questions whose neighbours lie in more lists than that: then R@5 at n = 4 stays below the
//! published 0.9916, and the second row says how many probes it takes.

mod report;

use anyhow::Result;
use rm_core::KRule;
use serde::Deserialize;

use super::latency::LatencyRow;
use super::probing::{build, every_score};
use super::recall::{RecallMeter, RecallRow};
use super::targeted::{TargetedProbing, Wanted};
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::output::Table;
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

/// Measures recall as probes grow.
#[derive(Debug, Clone, Copy)]
pub struct RetrievalQuality;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    n_probes: Vec<usize>,
    top_ks: Vec<usize>,
    k_rules: Vec<String>,
    published_k_rule: String,
    published_n_probes: usize,
    published_top_k: usize,
    n_items: usize,
    n_queries: usize,
    n_timed: usize,
    recall_targets: Vec<f64>,
    reported_targets: Vec<f64>,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
struct Measured {
    recall: Vec<RecallRow>,
    latency: Vec<LatencyRow>,
    targeted: TargetedProbing,
}

struct Tables {
    recall: Table<RecallRow>,
    latency: Table<LatencyRow>,
}

impl Experiment for RetrievalQuality {
    fn id(&self) -> ExperimentId {
        ExperimentId::H2
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = (p.datasets.len() * (p.n_items + p.n_queries)) as u64;
        let searches = p.datasets.len() * p.k_rules.len() * p.n_probes.len() * p.n_queries;
        let seconds = texts as f64 / 100.0 + searches as f64 * 1e-4;
        Ok(Estimate {
            texts_to_embed: texts,
            seconds,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let size = CorpusSize {
            n_items: parameters.n_items,
            n_queries: parameters.n_queries,
        };
        let resolved = resolve_for(context, &parameters.datasets, size)?;
        let mut tables = Tables {
            recall: context.table("recall")?,
            latency: context.timing_table("latency")?,
        };
        let mut measured = Measured::default();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            measure(context, &parameters, &corpus, &mut tables, &mut measured)?;
        }
        tables.recall.finish()?;
        tables.latency.finish()?;
        measured.targeted.write(context)?;
        let mut outcome = report::outcome(context, &parameters, &measured)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

/// Measures every K rule and number of probes on one data set.
fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    tables: &mut Tables,
    measured: &mut Measured,
) -> Result<()> {
    let label = format!("H2 {}: searches", corpus.corpus.dataset);
    let steps = parameters.k_rules.len() as u64;
    let task = context.progress().task(&label, steps, "K rules");
    let meter = RecallMeter::of(corpus, &parameters.top_ks)?;
    let (top_k, n_timed) = (parameters.published_top_k, parameters.n_timed);
    let mut times = vec![LatencyRow::exact(corpus, top_k, n_timed)?];
    for rule in &parameters.k_rules {
        let index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        for &n_probes in parameters.n_probes.iter().filter(|&&n| n <= index.k()) {
            let rows = meter.measure(&index, rule, n_probes)?;
            tables.recall.write_all(&rows)?;
            measured.recall.extend(rows);
            let retriever = every_score(n_probes, top_k);
            let time = LatencyRow::routed(corpus, &index, rule, n_probes, &retriever, n_timed)?;
            times.push(time);
        }
        let targets = &parameters.recall_targets;
        let wanted = Wanted {
            top_k,
            targets,
            n_timed,
        };
        let targeted = &mut measured.targeted;
        targeted.measure(&index, corpus, &meter.dense, rule, wanted)?;
        task.advance(1);
    }
    tables.latency.write_all(&times)?;
    measured.latency.extend(times);
    Ok(())
}
