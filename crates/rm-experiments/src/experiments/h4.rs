//! H4, adaptive K.
//!
//! *Question.* Which rule for the number of centroids gives even buckets and good recall for the same work?
//!
//! *Hypothesis.* K = sqrt(N) gives the lowest Gini coefficient of list sizes among the rules.
//!
//! *Set-up.* For every data set and N: a codebook for each K that some rule names, trained with several seeds.
//! Balance: Gini coefficient, dead codes, fidelity. Use: what a query finds of the exact top five when it may be
//! compared with a given number of vectors, where the K comparisons that route it count like any other; and the
//! other way round, how many comparisons a given recall takes. The number of lists that meets a budget on average
//! lies between two whole numbers, whose mixture stands for it. Intervals of recalls are bootstraps over queries,
//! each with its mean over the seeds; those of Gini coefficients and of work are bootstraps over seeds.
//!
//! *Refuted by* a rule with a lower Gini coefficient at the same N, by more than the seeds differ. That the lowest
//! Gini coefficient is also the best codebook would be refuted by another rule that needs less work for the same
//! recall.

mod measure;
mod plots;
mod report;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::at_sizes::{DatasetSizes, at_sizes, texts_to_embed};
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::output::Table;
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale, TextKind,
};

/// Compares rules for the number of centroids.
#[derive(Debug, Clone, Copy)]
pub struct AdaptiveK;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    corpora: Vec<DatasetSizes>,
    k_rules: Vec<String>,
    published_k_rule: String,
    tuned_from: Vec<String>,
    n_tuning_items: usize,
    top_k: usize,
    work_budgets: Vec<f64>,
    target_recalls: Vec<f64>,
    n_queries: usize,
    n_seeds: u64,
    few_seeds: u64,
    many_seeds_up_to: usize,
}

/// Is one line of `codebooks.csv`: one training.
#[derive(Debug, Clone, Serialize)]
struct CodebookRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    k: usize,
    seed: u64,
    gini: f64,
    dead_codes: usize,
    largest_list: usize,
    fidelity: f64,
}

/// Is one line of `rules.csv`: what a rule's codebooks are like, over the seeds.
#[derive(Debug, Clone, Serialize)]
struct RuleRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    k_rule: String,
    k: usize,
    n_seeds: usize,
    gini: f64,
    gini_ci_low: f64,
    gini_ci_high: f64,
    dead_share: f64,
    fidelity: f64,
}

/// Is one line of `recall_at_budget.csv`; the last six fields are empty where routing alone exceeds the budget.
#[derive(Debug, Clone, Serialize)]
struct BudgetRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
    k_rule: String,
    k: usize,
    work_share: f64,
    n_probes: Option<f64>,
    recall_vs_dense: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    less_published_rule_low: Option<f64>,
    less_published_rule_high: Option<f64>,
}

/// Is one line of `work_at_recall.csv`.
#[derive(Debug, Clone, Serialize)]
struct WorkRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
    k_rule: String,
    k: usize,
    target_recall: f64,
    n_probes: f64,
    compared_vectors: f64,
    ci_low: f64,
    ci_high: f64,
    work_share: f64,
}

/// Is one line of `build_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct BuildRow {
    dataset: Dataset,
    n_items: usize,
    k: usize,
    seed: u64,
    train_s: f64,
    route_s: f64,
}

/// Is what one rule gives on one data set of one size.
#[derive(Debug, Clone)]
struct Point {
    dataset: Dataset,
    n_items: usize,
    n_queries: usize,
    rule: String,
    k: usize,
    n_seeds: usize,
    gini: Interval,
    /// The rule's Gini coefficient less that of the published rule, seed by seed.
    gini_difference: Interval,
    dead_share: f64,
    fidelity: f64,
    /// One for each budget.
    budgets: Vec<Option<AtBudget>>,
    /// One for each target recall.
    works: Vec<Option<AtRecall>>,
    build_s: f64,
}

/// Is the recall that a budget buys.
#[derive(Debug, Clone, Copy)]
struct AtBudget {
    n_probes: f64,
    recall: Interval,
    /// Recall less that of the published rule, query by query, where that can be had for the budget too.
    difference: Option<Interval>,
}

/// Is the work that a recall takes: vectors that a query is compared with.
#[derive(Debug, Clone, Copy)]
struct AtRecall {
    n_probes: f64,
    work: Interval,
}

struct Tables {
    codebooks: Table<CodebookRow>,
    rules: Table<RuleRow>,
    budgets: Table<BudgetRow>,
    works: Table<WorkRow>,
    build: Table<BuildRow>,
}

impl Experiment for AdaptiveK {
    fn id(&self) -> ExperimentId {
        ExperimentId::H4
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = texts_to_embed(&p.corpora, p.n_queries);
        let mut pairs = 0.0;
        for sized in &p.corpora {
            for &n_items in sized.sizes() {
                let centroids: usize = measure::ks(&p, n_items)?.iter().sum();
                pairs += (centroids * n_items) as f64 * p.seeds(n_items) as f64;
            }
        }
        // Measured on two cores: some 250 texts embedded a second; the trainer visits 1e8 pairs of item and
        // centroid a second, some twelve times each.
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + 12.0 * pairs / 1e8,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let mut tables = Tables {
            codebooks: context.table("codebooks")?,
            rules: context.table("rules")?,
            budgets: context.table("recall_at_budget")?,
            works: context.table("work_at_recall")?,
            build: context.timing_table("build")?,
        };
        let mut points = Vec::new();
        let missing = at_sizes(
            context,
            &parameters.corpora,
            parameters.n_queries,
            |corpus| {
                points.extend(measure::corpus(context, &parameters, corpus, &mut tables)?);
                Ok(())
            },
        )?;
        tables.codebooks.finish()?;
        tables.rules.finish()?;
        tables.budgets.finish()?;
        tables.works.finish()?;
        tables.build.finish()?;
        let mut outcome = report::outcome(context, &parameters, &points)?;
        outcome.notes.remarks.extend(missing.remarks);
        outcome.failures = missing.failures;
        Ok(outcome)
    }
}

impl Parameters {
    /// Returns the number of trainings of each codebook at one size.
    fn seeds(&self, n_items: usize) -> u64 {
        if n_items <= self.many_seeds_up_to {
            self.n_seeds
        } else {
            self.few_seeds
        }
    }
}
