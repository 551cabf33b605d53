//! A4, million scale.
//!
//! *Question.* What do recall, latency and memory become when a memory grows to a million items?
//!
//! *Hypothesis.* With K capped at 512, as in the original, recall at a fixed number of probes falls as N
//! grows, to the published 0.8556 at a million; with K that follows N it holds for the same share scanned.
//!
//! *Set-up.* N titles, post bodies as queries, nested samples of one seed. For every N and K rule: training,
//! routing, searches with n probes over lists that hold vectors alone, and over the same lists with codes. For one K
//! rule each query also chooses its own n, for a wanted recall. Recall runs over all queries on all cores; latency is one
//! query at a time on one core after a warm-up. Build and open time are those of a memory on a file, with vectors
//! given; bytes are those that the index counts by part. How time and bytes grow with N is an exponent, fitted to
//! the sizes.
//!
//! *Refuted by* a recall that falls with N at an equal share of items scanned.

mod file;
mod growth;
mod measure;
mod plots;
mod report;
mod rows;
mod ways;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::at_sizes::{DatasetSizes, texts_to_embed};
use super::latency::LatencyRow;
use super::recall::RecallRow;
use super::resident::BytesRow;
use super::targeted::TargetedProbing;
use crate::ListCoding;
use crate::corpora::{CorpusSize, Dataset, embed, resolve_nested};
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};
use measure::Tables;

/// Measures recall, latency and bytes as a memory grows.
#[derive(Debug, Clone, Copy)]
pub struct MillionScale;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    corpora: Vec<DatasetSizes>,
    codings: Vec<ListCoding>,
    n_probes: Vec<usize>,
    most_probes_exact: usize,
    top_k: usize,
    k_rules: Vec<String>,
    published_k_rule: String,
    published_n_probes: usize,
    published_n_items: usize,
    n_queries: usize,
    n_timed: usize,
    recall_targets: Vec<f64>,
    reported_targets: Vec<f64>,
    target_k_rule: String,
    reported_coding: ListCoding,
}

/// Is one line of `build_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct BuildRow {
    dataset: Dataset,
    n_items: usize,
    k_rule: String,
    coding: ListCoding,
    k: usize,
    train_and_route_s: f64,
    /// What giving the lists their codes took beyond that.
    code_s: f64,
}

/// Is one line of `file_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct FileRow {
    dataset: Dataset,
    n_items: usize,
    k_rule: String,
    coding: ListCoding,
    k: usize,
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
    bytes: Vec<BytesRow>,
    build: Vec<BuildRow>,
    file: Vec<FileRow>,
    targeted: TargetedProbing,
}

impl Experiment for MillionScale {
    fn id(&self) -> ExperimentId {
        ExperimentId::A4
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = texts_to_embed(&p.corpora, p.n_queries);
        let all: usize = p.corpora.iter().flat_map(|sized| sized.sizes()).sum();
        // Measured on two cores: some 250 titles embedded a second, 150 us an item and K rule for the rest.
        let measuring = (p.k_rules.len() * all) as f64 * 1.5e-4;
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + measuring,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let mut tables = Tables::create(context)?;
        let mut measured = Measured::default();
        let (mut remarks, mut failures) = (Vec::new(), Vec::new());
        for sized in &parameters.corpora {
            let smallest = sized.sizes().first().copied().unwrap_or(0);
            let size = CorpusSize {
                n_items: sized.largest(),
                // Every size holds the gold items of all queries, so that sizes differ in distractors alone.
                n_queries: parameters.n_queries.min(smallest / 2),
            };
            let resolved = resolve_nested(context, &[sized.dataset], size, smallest)?;
            remarks.extend(resolved.remarks);
            failures.extend(resolved.failures);
            for corpus in resolved.corpora {
                // Generated text may have stood in for real text already.
                if measured
                    .recall
                    .iter()
                    .any(|row| row.dataset == corpus.dataset)
                {
                    continue;
                }
                let corpus = embed(context, corpus)?;
                for n_items in sized.within(corpus.items.len()) {
                    let corpus = corpus.first(n_items)?;
                    measure::corpus(context, &parameters, &corpus, &mut tables, &mut measured)?;
                }
            }
        }
        tables.finish()?;
        measured.targeted.write(context)?;
        let mut outcome = report::outcome(context, &parameters, &measured)?;
        outcome.notes.remarks.extend(remarks);
        outcome.failures = failures;
        Ok(outcome)
    }
}

impl Measured {
    /// Returns each data set with its largest size.
    fn largest(&self) -> Vec<(Dataset, usize)> {
        let mut largest: Vec<(Dataset, usize)> = Vec::new();
        for row in &self.recall {
            match largest
                .iter_mut()
                .find(|(dataset, _)| *dataset == row.dataset)
            {
                Some((_, n_items)) => *n_items = row.n_items.max(*n_items),
                None => largest.push((row.dataset, row.n_items)),
            }
        }
        largest
    }

    /// Returns the recall of all settings of one data set at one size.
    fn recall_at(&self, (dataset, n_items): (Dataset, usize)) -> impl Iterator<Item = &RecallRow> {
        self.recall
            .iter()
            .filter(move |row| (row.dataset, row.n_items) == (dataset, n_items))
    }
}

impl Parameters {
    /// Returns whether K, n and lists are those of the published figure.
    fn is_published(&self, row: &RecallRow) -> bool {
        row.k_rule == self.published_k_rule
            && row.n_probes == self.published_n_probes
            && row.coding == ListCoding::Exact
    }

    /// Returns the codings that a K rule is measured with: second lists for that of targets alone, because to fill them
    /// takes as long as routing.
    fn codings_of(&self, k_rule: &str) -> impl Iterator<Item = ListCoding> {
        let is_target = k_rule == self.target_k_rule;
        let codings = self.codings.iter().copied();
        codings.filter(move |coding| is_target || coding.lists_of_an_item() == 1)
    }

    /// Returns whether a setting is measured: lists without codes are not scanned by the hundred.
    fn is_measured(&self, coding: ListCoding, n_probes: usize) -> bool {
        coding.is_coded() || n_probes <= self.most_probes_exact
    }
}
