//! Recall over what it costs: the rows that H2, A4 and others write, and what is read off them.

use anyhow::{Context as _, Result};
use rm_core::Index;
use serde::Serialize;

use super::chart::series_of;
use super::latency::LatencyRow;
use super::probing::{DenseAnswers, GOLD_DEPTH, Reached, probe};
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::metrics::Interval;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{Context, Measured, ResultRow, RowBuilder, TextKind};

/// Is what one setting finds at one depth: a line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecallRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) n_queries: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) n_probes: usize,
    pub(super) top_k: usize,
    pub(super) recall_vs_dense: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
    pub(super) gold_recall_at_10: f64,
    pub(super) gold_ci_low: f64,
    pub(super) gold_ci_high: f64,
    pub(super) dense_gold_recall_at_10: f64,
    pub(super) dense_gold_ci_low: f64,
    pub(super) dense_gold_ci_high: f64,
    pub(super) gold_recall_lost: f64,
    pub(super) gold_lost_ci_low: f64,
    pub(super) gold_lost_ci_high: f64,
    pub(super) share_scanned: f64,
    pub(super) share_scanned_ci_low: f64,
    pub(super) share_scanned_ci_high: f64,
    /// Items whose exact score was computed, mean over the queries.
    pub(super) mean_reranked: f64,
    pub(super) resident_bytes_per_item: f64,
}

impl RecallRow {
    /// Returns R@k vs dense with its interval.
    pub(super) fn recall(&self) -> Result<Measured> {
        Measured::with_interval(self.recall_vs_dense, self.ci_low, self.ci_high)
    }

    /// Names the index in the key of a plot.
    pub(super) fn label(&self) -> String {
        let rule = format!("K by {} = {}", self.k_rule, self.k);
        self.coding.behind(&rule)
    }

    /// Returns the share of items scanned with its interval, as text: `2.1% (2.0 to 2.2)`.
    pub(super) fn scanned(&self) -> String {
        format!(
            "{} ({} to {})",
            percent(self.share_scanned),
            percent(self.share_scanned_ci_low).trim_end_matches('%'),
            percent(self.share_scanned_ci_high).trim_end_matches('%'),
        )
    }
}

/// Measures settings of one corpus, all against the same exact answers.
pub(super) struct RecallMeter<'a> {
    corpus: &'a EmbeddedCorpus,
    top_ks: &'a [usize],
    /// The exact answers to all queries.
    pub(super) dense: DenseAnswers,
    dense_gold: Interval,
}

impl<'a> RecallMeter<'a> {
    /// Searches exactly for all queries, deep enough for all of `top_ks`.
    pub(super) fn of(corpus: &'a EmbeddedCorpus, top_ks: &'a [usize]) -> Result<Self> {
        let deepest = top_ks.iter().copied().max().unwrap_or(0).max(GOLD_DEPTH);
        let dense = DenseAnswers::of(corpus, deepest)?;
        let dense_gold = dense.gold_recall(corpus, GOLD_DEPTH)?;
        Ok(Self {
            corpus,
            top_ks,
            dense,
            dense_gold,
        })
    }

    /// Searches for all queries with `n_probes` lists; gives one row for each depth.
    pub(super) fn measure(
        &self,
        index: &Index,
        k_rule: &str,
        n_probes: usize,
    ) -> Result<Vec<RecallRow>> {
        let reached = probe(index, self.corpus, &self.dense, n_probes, self.top_ks)?;
        let rows = self.top_ks.iter().zip(&reached.recall);
        let row = |(&top_k, recall)| self.row(index, k_rule, n_probes, top_k, recall, &reached);
        Ok(rows.map(row).collect())
    }

    fn row(
        &self,
        index: &Index,
        k_rule: &str,
        n_probes: usize,
        top_k: usize,
        recall: &Interval,
        reached: &Reached,
    ) -> RecallRow {
        let (gold, lost, scanned) = (
            reached.gold_recall_at_10,
            reached.gold_recall_lost,
            reached.share_scanned,
        );
        RecallRow {
            dataset: self.corpus.corpus.dataset,
            text_kind: self.corpus.corpus.kind(),
            n_items: self.corpus.items.len(),
            n_queries: self.corpus.queries.len(),
            k_rule: k_rule.to_owned(),
            coding: ListCoding::of(index),
            k: index.k(),
            n_probes,
            top_k,
            recall_vs_dense: recall.estimate,
            ci_low: recall.low,
            ci_high: recall.high,
            gold_recall_at_10: gold.estimate,
            gold_ci_low: gold.low,
            gold_ci_high: gold.high,
            dense_gold_recall_at_10: self.dense_gold.estimate,
            dense_gold_ci_low: self.dense_gold.low,
            dense_gold_ci_high: self.dense_gold.high,
            gold_recall_lost: lost.estimate,
            gold_lost_ci_low: lost.low,
            gold_lost_ci_high: lost.high,
            share_scanned: scanned.estimate,
            share_scanned_ci_low: scanned.low,
            share_scanned_ci_high: scanned.high,
            mean_reranked: reached.reranked.estimate,
            resident_bytes_per_item: index.bytes().total() as f64 / index.len().max(1) as f64,
        }
    }
}

/// Returns the data sets of `rows` in the order in which they first come.
pub(super) fn datasets<'a>(rows: impl IntoIterator<Item = &'a RecallRow>) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = Vec::new();
    for row in rows {
        if !datasets.contains(&row.dataset) {
            datasets.push(row.dataset);
        }
    }
    datasets
}

/// Returns the row whose whole interval lies at or above `published` and that scans the smallest share of
/// the items.
pub(super) fn cheapest_that_passes<'a>(
    rows: impl IntoIterator<Item = &'a RecallRow>,
    published: f64,
) -> Option<&'a RecallRow> {
    rows.into_iter()
        .filter(|row| row.ci_low >= published)
        .min_by(|a, b| a.share_scanned.total_cmp(&b.share_scanned))
}

/// Starts the result row of R@k vs dense.
pub(super) fn recall_result(context: &Context<'_>, row: &RecallRow) -> Result<RowBuilder> {
    let metric = format!("R@{} vs dense", row.top_k);
    Ok(placed(context.row(&metric, row.recall()?), row))
}

/// States data set, N, K and n of a setting.
pub(super) fn placed(builder: RowBuilder, row: &RecallRow) -> RowBuilder {
    let on = builder.on(row.dataset.name(), row.text_kind, row.n_items as u64);
    on.k(row.k as u64).n_probes(row.n_probes as u64)
}

/// Says how much of the labelled answers a setting finds, beside exact search: the other reading of recall.
pub(super) fn gold_result(context: &Context<'_>, row: &RecallRow) -> Result<ResultRow> {
    let gold = Measured::with_interval(row.gold_recall_at_10, row.gold_ci_low, row.gold_ci_high)?;
    let why = format!(
        "share of labelled answers in the first {GOLD_DEPTH}; exact search has {:.3} [{:.3}, {:.3}], so {:.3} \
         [{:.3}, {:.3}] are lost",
        row.dense_gold_recall_at_10,
        row.dense_gold_ci_low,
        row.dense_gold_ci_high,
        row.gold_recall_lost,
        row.gold_lost_ci_low,
        row.gold_lost_ci_high,
    );
    let metric = format!("gold recall@{GOLD_DEPTH}");
    placed(context.row(&metric, gold), row).because(&why)
}

/// Says what a setting costs that passes the published figure: its recall with share scanned and bytes, and
/// its time where it was taken.
pub(super) fn passing_results(
    context: &Context<'_>,
    row: &RecallRow,
    latency: &[LatencyRow],
) -> Result<Vec<ResultRow>> {
    let why = format!(
        "K by {}: the setting that passes the published figure and scans least, {} of the items, {:.0} resident \
         bytes an item",
        row.coding.behind(&row.k_rule),
        row.scanned(),
        row.resident_bytes_per_item,
    );
    let mut rows = vec![recall_result(context, row)?.because(&why)?];
    let timed = latency.iter().find(|timed| timed.is_of(row));
    let exact = latency.iter().find(|timed| timed.is_exact_for(row));
    if let (Some(timed), Some(exact)) = (timed, exact) {
        let why = format!(
            "one core, {} queries, p95 {:.3} ms; exact search in the same run: {:.3} ms",
            timed.n_timed, timed.p95_ms, exact.p50_ms
        );
        let p50 = context.row("p50_ms", Measured::exact(timed.p50_ms)?);
        rows.push(placed(p50.timing(), row).because(&why)?);
    }
    Ok(rows)
}

/// Draws R@k over the share of items scanned, one line a K rule and coding.
pub(super) fn cost_plot<'a>(
    context: &Context<'_>,
    rows: impl IntoIterator<Item = &'a RecallRow>,
    title: &str,
    stem: &str,
) -> Result<PlotFile> {
    let rows: Vec<(String, &RecallRow)> = rows.into_iter().map(|row| (row.label(), row)).collect();
    let top_k = rows.first().map_or(0, |(_, row)| row.top_k);
    let points = rows.iter().map(|(label, row)| {
        let point = Point::new(100.0 * row.share_scanned, row.recall_vs_dense);
        (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
    });
    let mut chart = LineChart::new(
        title,
        Axis::new("items scanned (%)", AxisScale::Log10),
        Axis::linear(&format!("R@{top_k} vs dense")),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = "What recall costs in items scanned, with 95% intervals over queries: each point is one number \
                   of probes";
    chart
        .save(context.folder(), stem, caption)
        .with_context(|| format!("cannot draw {stem}"))
}

/// Writes a share as a percentage, with more digits where it is small.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 1.0 {
        format!("{percent:.2}%")
    } else {
        format!("{percent:.1}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n_probes: usize, ci_low: f64, share_scanned: f64) -> RecallRow {
        RecallRow {
            dataset: Dataset::Reddit,
            text_kind: TextKind::Real,
            n_items: 100,
            n_queries: 10,
            k_rule: "1*sqrt".to_owned(),
            coding: ListCoding::Exact,
            k: 10,
            n_probes,
            top_k: 5,
            recall_vs_dense: 1.0,
            ci_low,
            ci_high: 1.0,
            gold_recall_at_10: 0.5,
            gold_ci_low: 0.5,
            gold_ci_high: 0.5,
            dense_gold_recall_at_10: 0.5,
            dense_gold_ci_low: 0.5,
            dense_gold_ci_high: 0.5,
            gold_recall_lost: 0.0,
            gold_lost_ci_low: 0.0,
            gold_lost_ci_high: 0.0,
            share_scanned,
            share_scanned_ci_low: share_scanned,
            share_scanned_ci_high: share_scanned,
            mean_reranked: 100.0 * share_scanned,
            resident_bytes_per_item: 1600.0,
        }
    }

    #[test]
    fn the_cheapest_setting_passes_with_its_whole_interval() {
        // n = 2 has not enough, and of the two that have, n = 4 scans less.
        let rows = [row(8, 0.95, 0.4), row(4, 0.91, 0.2), row(2, 0.89, 0.1)];
        let cheapest = cheapest_that_passes(&rows, 0.9).map(|row| row.n_probes);
        assert_eq!(cheapest, Some(4));
        assert!(cheapest_that_passes(&rows, 0.99).is_none());
    }
}
