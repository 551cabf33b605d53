//! The tables of recall and of spread.

use anyhow::Result;
use serde::Serialize;

use super::comparison::Comparison;
use super::measure::Probing;
use crate::corpora::Dataset;
use crate::suite::{Context, TextKind};

/// Is one line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
struct RecallRow {
    dataset: Dataset,
    text_kind: TextKind,
    encoder: String,
    n_items: usize,
    n_queries: usize,
    k: usize,
    n_probes: Option<usize>,
    budget_share: Option<f64>,
    share_scanned: f64,
    recall_vs_dense: f64,
    recall_ci_low: f64,
    recall_ci_high: f64,
    gold_recall: f64,
    dense_gold_recall: f64,
    gold_ratio: f64,
    ratio_ci_low: f64,
    ratio_ci_high: f64,
}

/// Is one line of `spread.csv`.
#[derive(Debug, Clone, Serialize)]
struct SpreadRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_encoders: usize,
    n_items: usize,
    n_queries: usize,
    k: usize,
    n_probes: Option<usize>,
    budget_share: Option<f64>,
    share_scanned: f64,
    metric: &'static str,
    range: f64,
    range_ci_low: f64,
    range_ci_high: f64,
    range_by_chance: f64,
    range_by_chance_95: f64,
    deviation: f64,
    deviation_ci_low: f64,
    deviation_ci_high: f64,
}

/// Writes `recall.csv`: one line for each encoder and setting.
pub(super) fn write_recall(context: &Context<'_>, comparisons: &[Comparison]) -> Result<()> {
    let mut table = context.table("recall")?;
    for comparison in comparisons {
        let measured = &comparison.measured;
        for (at, probing) in measured.probings.iter().enumerate() {
            for (place, encoder) in measured.encoders.iter().enumerate() {
                let (n_probes, budget_share) = columns(*probing);
                let recall = comparison.recall[at].ratios[place];
                let ratio = comparison.gold[at].ratios[place];
                table.write(&RecallRow {
                    dataset: measured.dataset,
                    text_kind: measured.text_kind,
                    encoder: encoder.encoder.clone(),
                    n_items: measured.n_items,
                    n_queries: measured.n_queries,
                    k: measured.k,
                    n_probes,
                    budget_share,
                    share_scanned: encoder.reached[at].share_scanned,
                    recall_vs_dense: recall.estimate,
                    recall_ci_low: recall.low,
                    recall_ci_high: recall.high,
                    gold_recall: mean(&encoder.reached[at].gold_recall),
                    dense_gold_recall: mean(&encoder.dense_gold),
                    gold_ratio: ratio.estimate,
                    ratio_ci_low: ratio.low,
                    ratio_ci_high: ratio.high,
                })?;
            }
        }
    }
    table.finish()
}

/// Writes `spread.csv`: one line for each setting and metric.
pub(super) fn write_spread(context: &Context<'_>, comparisons: &[Comparison]) -> Result<()> {
    let mut table = context.table("spread")?;
    for comparison in comparisons {
        let measured = &comparison.measured;
        for (at, probing) in measured.probings.iter().enumerate() {
            let (n_probes, budget_share) = columns(*probing);
            let of = [
                ("gold recall over dense", &comparison.gold[at]),
                (
                    "gold recall over dense, encoders of use",
                    &comparison.useful_gold[at],
                ),
                ("R@k vs dense", &comparison.recall[at]),
            ];
            for (metric, spread) in of {
                table.write(&SpreadRow {
                    dataset: measured.dataset,
                    text_kind: measured.text_kind,
                    n_encoders: spread.ratios.len(),
                    n_items: measured.n_items,
                    n_queries: measured.n_queries,
                    k: measured.k,
                    n_probes,
                    budget_share,
                    share_scanned: measured.share_scanned(at),
                    metric,
                    range: spread.range.estimate,
                    range_ci_low: spread.range.low,
                    range_ci_high: spread.range.high,
                    range_by_chance: spread.by_chance,
                    range_by_chance_95: spread.by_chance_at_most,
                    deviation: spread.deviation.estimate,
                    deviation_ci_low: spread.deviation.low,
                    deviation_ci_high: spread.deviation.high,
                })?;
            }
        }
    }
    table.finish()
}

fn columns(probing: Probing) -> (Option<usize>, Option<f64>) {
    match probing {
        Probing::Lists(n) => (Some(n), None),
        Probing::Share(share) => (None, Some(share)),
    }
}

fn mean(values: &[f64]) -> f64 {
    crate::metrics::mean(values).unwrap_or(0.0)
}
