//! H3, score filtering.
//!
//! *Question.* How many tokens does a score threshold save, and how much recall does it cost?
//!
//! *Hypothesis.* A threshold of 0.7 saves more than half of the tokens and keeps R@5 at the published 0.958.
//!
//! *Set-up.* The first results of a search over n lists are filtered by tau = 0 to 0.9; tokens are word pieces
//! of the whole texts that are returned. What is left is held against labelled gold items, against the
//! unfiltered results, against exact search and against exact search through the same filter. The same for a
//! margin below the best score and for fewer results, which save tokens too. Settings that keep a wanted share of
//! recall are chosen on the first half of the queries and measured on the second. Besides questions, the
//! gold items themselves and near-duplicates of them are asked, and every question is asked of a memory
//! from which its gold items are taken away, where an empty answer is the right one.
//!
//! *Refuted by* real questions that score their right answers below 0.7: then the threshold saves tokens by
//! returning nothing.

mod answers;
mod effects;
mod filter;
mod findings;
mod measure;
mod plots;
mod report;
mod tables;
mod words;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use self::filter::Rule;
use self::findings::Findings;
use self::measure::measure;
use self::tables::Tables;
use super::tokens::TokenCounter;
use crate::corpora::{CorpusSize, Dataset, embed, resolve_for};
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};

/// Measures what filters save and cost.
#[derive(Debug, Clone, Copy)]
pub struct ScoreFiltering;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    k_rule: String,
    n_probes: usize,
    top_ks: Vec<usize>,
    taus: Vec<f64>,
    margins: Vec<f64>,
    counts: Vec<usize>,
    published_top_k: usize,
    published_tau: f64,
    published_recall: f64,
    kept_targets: Vec<f64>,
    n_items: usize,
    n_queries: usize,
}

impl Experiment for ScoreFiltering {
    fn id(&self) -> ExperimentId {
        ExperimentId::H3
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        // Items and questions of each data set, and restatements of one.
        let texts = (p.datasets.len() * (p.n_items + p.n_queries) + p.n_queries) as u64;
        let filters = p.datasets.len() * p.top_ks.len() * (p.taus.len() + p.margins.len());
        // Measured on two cores: a filter's intervals take some 0.1 ms a query.
        let seconds = texts as f64 / 100.0 + (filters * p.n_queries) as f64 * 1e-4;
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
        let mut tables = Tables::create(context)?;
        let mut findings = Findings::default();
        let mut counter = None;
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            // The embedder has fetched the model's files by now.
            let counter = match &mut counter {
                Some(counter) => counter,
                none => none.insert(TokenCounter::load()?),
            };
            measure(
                context,
                &parameters,
                &corpus,
                counter,
                &mut tables,
                &mut findings,
            )?;
        }
        tables.finish()?;
        let mut outcome = report::outcome(context, &parameters, &findings)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

impl Parameters {
    /// Returns the settings of a rule as people read them.
    fn settings(&self, rule: Rule) -> Vec<f64> {
        match rule {
            Rule::Score => self.taus.clone(),
            Rule::Margin => self.margins.clone(),
            Rule::Count => self.counts.iter().map(|&count| count as f64).collect(),
        }
    }

    /// Returns the largest number of results that is looked at.
    fn deepest(&self) -> usize {
        self.top_ks.iter().copied().max().unwrap_or(0)
    }
}

/// Returns the share of tokens that was published as saved.
fn published_saving(context: &Context<'_>) -> Result<f64> {
    let figure = context.definition().published.figure();
    Ok(figure
        .context("experiments/h3.toml holds no published value")?
        .value)
}
