//! The CSV tables.

use anyhow::Result;
use serde::Serialize;

use super::answers::Asked;
use super::filter::Rule;
use super::measure::{Chosen, Filtered, Scores};
use crate::corpora::Dataset;
use crate::output::Table;
use crate::suite::{Context, TextKind};

/// Is one line of `filters.csv`: what one filter does to the results of all queries.
#[derive(Debug, Clone, Serialize)]
struct FilterRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    k: usize,
    n_probes: usize,
    asked: Asked,
    n_queries: usize,
    top_k: usize,
    rule: Rule,
    setting: f64,
    chosen_by: &'static str,
    target: Option<f64>,
    tokens_per_query: f64,
    tokens_saved: f64,
    tokens_saved_low: f64,
    tokens_saved_high: f64,
    gold_recall: f64,
    gold_recall_low: f64,
    gold_recall_high: f64,
    gold_recall_kept: Option<f64>,
    gold_recall_kept_low: Option<f64>,
    gold_recall_kept_high: Option<f64>,
    results_kept: f64,
    results_kept_low: f64,
    results_kept_high: f64,
    recall_vs_dense: f64,
    recall_vs_dense_low: f64,
    recall_vs_dense_high: f64,
    recall_vs_filtered_dense: Option<f64>,
    recall_vs_filtered_dense_low: Option<f64>,
    recall_vs_filtered_dense_high: Option<f64>,
    empty: f64,
    empty_low: f64,
    empty_high: f64,
    empty_without_answer: f64,
    empty_without_answer_low: f64,
    empty_without_answer_high: f64,
    gold_recall_over_fewer_results: Option<f64>,
    gold_recall_over_fewer_results_low: Option<f64>,
    gold_recall_over_fewer_results_high: Option<f64>,
}

/// Is one line of `scores.csv`: how the scores of some results are spread.
#[derive(Debug, Clone, Serialize)]
struct ScoresRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    k: usize,
    n_probes: usize,
    asked: Asked,
    n_queries: usize,
    scores_of: &'static str,
    p5: f64,
    p25: f64,
    p50: f64,
    p75: f64,
    p95: f64,
}

/// Holds the tables while they are written.
pub(super) struct Tables {
    filters: Table<FilterRow>,
    scores: Table<ScoresRow>,
}

impl Tables {
    /// Starts both tables.
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            filters: context.table("filters")?,
            scores: context.table("scores")?,
        })
    }

    /// Appends what was measured on one query set.
    pub(super) fn write(&mut self, filtered: &[Filtered], scores: &[Scores]) -> Result<()> {
        for filtered in filtered {
            self.filters.write(&FilterRow::of(filtered))?;
        }
        for scores in scores {
            self.scores.write(&ScoresRow::of(scores))?;
        }
        Ok(())
    }

    /// Ends both tables.
    pub(super) fn finish(self) -> Result<()> {
        self.filters.finish()?;
        self.scores.finish()
    }
}

impl FilterRow {
    fn of(filtered: &Filtered) -> Self {
        let Filtered {
            place,
            filter,
            effects,
            ..
        } = filtered;
        let (chosen_by, target) = match filtered.chosen {
            Chosen::Given => ("given", None),
            Chosen::KeptRecall(share) => ("kept_recall", Some(share)),
            Chosen::Saving(share) => ("saving", Some(share)),
        };
        let kept = effects.gold_kept;
        let alike = effects.recall_vs_filtered_dense;
        let over = filtered.over_fewer_results;
        Self {
            dataset: place.dataset,
            text_kind: place.text_kind,
            n_items: place.n_items,
            k: place.k,
            n_probes: place.n_probes,
            asked: place.asked,
            n_queries: place.n_queries,
            top_k: place.top_k,
            rule: filter.rule,
            setting: filter.setting(),
            chosen_by,
            target,
            tokens_per_query: effects.tokens_per_query,
            tokens_saved: effects.tokens_saved.estimate,
            tokens_saved_low: effects.tokens_saved.low,
            tokens_saved_high: effects.tokens_saved.high,
            gold_recall: effects.gold_recall.estimate,
            gold_recall_low: effects.gold_recall.low,
            gold_recall_high: effects.gold_recall.high,
            gold_recall_kept: kept.map(|kept| kept.estimate),
            gold_recall_kept_low: kept.map(|kept| kept.low),
            gold_recall_kept_high: kept.map(|kept| kept.high),
            results_kept: effects.results_kept.estimate,
            results_kept_low: effects.results_kept.low,
            results_kept_high: effects.results_kept.high,
            recall_vs_dense: effects.recall_vs_dense.estimate,
            recall_vs_dense_low: effects.recall_vs_dense.low,
            recall_vs_dense_high: effects.recall_vs_dense.high,
            recall_vs_filtered_dense: alike.map(|recall| recall.estimate),
            recall_vs_filtered_dense_low: alike.map(|recall| recall.low),
            recall_vs_filtered_dense_high: alike.map(|recall| recall.high),
            empty: effects.empty.estimate,
            empty_low: effects.empty.low,
            empty_high: effects.empty.high,
            empty_without_answer: effects.empty_without_answer.estimate,
            empty_without_answer_low: effects.empty_without_answer.low,
            empty_without_answer_high: effects.empty_without_answer.high,
            gold_recall_over_fewer_results: over.map(|over| over.estimate),
            gold_recall_over_fewer_results_low: over.map(|over| over.low),
            gold_recall_over_fewer_results_high: over.map(|over| over.high),
        }
    }
}

impl ScoresRow {
    fn of(scores: &Scores) -> Self {
        let place = scores.place;
        let [p5, p25, p50, p75, p95] = scores.percentiles;
        Self {
            dataset: place.dataset,
            text_kind: place.text_kind,
            n_items: place.n_items,
            k: place.k,
            n_probes: place.n_probes,
            asked: place.asked,
            n_queries: place.n_queries,
            scores_of: scores.of,
            p5,
            p25,
            p50,
            p75,
            p95,
        }
    }
}
