//! What recall-targeted probing adds to a report: rows, a plot, a sentence.

use anyhow::{Context as _, Result};

use super::super::recall::percent;
use super::{TargetRow, TargetTimingRow, TargetedProbing};
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Series};
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder};

/// Share below which a curve of fixed n is not drawn: nobody asks for so little recall.
const LEAST_SHOWN: f64 = 0.6;

/// Adds to an experiment's outcome what the shown rows tell: a plot of them all, the rows of the `reported` targets, and
/// for the first of these a sentence of the answer and a remark.
pub(in super::super) fn add_to(
    outcome: &mut Outcome,
    context: &Context<'_>,
    probing: &TargetedProbing,
    title: &str,
    reported: &[f64],
    shown: impl Fn(&TargetRow) -> bool,
) -> Result<()> {
    if probing.rows.iter().any(&shown) {
        outcome.plots.push(plot(context, probing, title, &shown)?);
    }
    let is_reported = |row: &TargetRow| shown(row) && reported.contains(&row.target);
    outcome
        .rows
        .extend(result_rows(context, probing, is_reported)?);
    let is_answer = |row: &TargetRow| shown(row) && reported.first() == Some(&row.target);
    if let Some(sentence) = answer(probing, is_answer) {
        outcome.notes.answer.push(' ');
        outcome.notes.answer.push_str(&sentence);
    }
    outcome.notes.remarks.extend(remark(probing, is_answer));
    Ok(())
}

/// Gives, for each target, a row of the recall on held-out queries and a row of the time.
fn result_rows(
    context: &Context<'_>,
    probing: &TargetedProbing,
    shown: impl Fn(&TargetRow) -> bool,
) -> Result<Vec<ResultRow>> {
    let mut results = Vec::new();
    for row in probing.rows.iter().filter(|row| shown(row)) {
        let recall = Measured::with_interval(row.held_out_recall, row.ci_low, row.ci_high)?;
        let metric = format!("R@{} vs dense, target {}", row.top_k, row.target);
        results.push(placed(context.row(&metric, recall), row).because(&why(row))?);
        if let Some(timing) = probing.timing.iter().find(|timing| timing.is_of(row)) {
            let why = format!(
                "one core, {} queries, p95 {:.3} ms; a fixed n = {} with at least the same recall: {:.3} ms, p95 \
                 {:.3} ms",
                timing.n_timed,
                timing.p95_ms,
                timing.fixed_probes,
                timing.fixed_p50_ms,
                timing.fixed_p95_ms
            );
            let metric = format!("p50_ms, target {}", row.target);
            let p50 = context.row(&metric, Measured::exact(timing.p50_ms)?);
            results.push(placed(p50.timing(), row).because(&why)?);
        }
    }
    Ok(results)
}

fn placed(builder: RowBuilder, row: &TargetRow) -> RowBuilder {
    let on = builder.on(row.dataset.name(), row.text_kind, row.n_items as u64);
    on.k(row.k as u64)
}

impl TargetTimingRow {
    pub(in super::super) fn is_of(&self, row: &TargetRow) -> bool {
        (self.dataset, self.n_items, self.target) == (row.dataset, row.n_items, row.target)
            && self.k_rule == row.k_rule
            && self.coding == row.coding
    }
}

impl TargetRow {
    /// Returns whether the sample was too small for the target, so that all lists are scanned.
    fn scans_all(&self) -> bool {
        let n = self.n_calibration_queries as f64;
        self.target > n / (n + 1.0)
    }
}

fn why(row: &TargetRow) -> String {
    if row.scans_all() {
        return format!(
            "{} calibration queries cannot vouch for so high a recall, so every list is scanned",
            row.n_calibration_queries
        );
    }
    format!(
        "each query chooses its n: {:.1} lists on average, p95 {:.0}, {} of the items; with one n for all the same \
         recall takes {:.1} lists and {}, so {} fewer are scanned; {} queries calibrated, {} others searched",
        row.mean_probes,
        row.p95_probes,
        percent(row.share_scanned),
        row.equal_fixed_probes,
        percent(row.equal_fixed_share_scanned),
        saving(row),
        row.n_calibration_queries,
        row.n_held_out_queries,
    )
}

fn saving(row: &TargetRow) -> String {
    format!(
        "{:.0}% [{:.0}, {:.0}]",
        100.0 * row.saving,
        100.0 * row.saving_ci_low,
        100.0 * row.saving_ci_high
    )
}

/// Says what the shown target gives, one part for each data set.
fn answer(probing: &TargetedProbing, shown: impl Fn(&TargetRow) -> bool) -> Option<String> {
    let rows: Vec<&TargetRow> = probing.rows.iter().filter(|row| shown(row)).collect();
    let first = rows.first()?;
    let parts = rows.iter().map(|row| {
        format!(
            "{:.3} on {} ({} of the items scanned where one n for all scans {})",
            row.held_out_recall,
            row.dataset,
            percent(row.share_scanned),
            percent(row.equal_fixed_share_scanned)
        )
    });
    Some(format!(
        "Where each query chooses its own n for an R@{} of {} (K by {}), queries that took no part in calibrating \
         get {}.",
        first.top_k,
        first.target,
        first.coding.behind(&first.k_rule),
        parts.collect::<Vec<_>>().join(", ")
    ))
}

/// Says what the mean hides: the hardest queries scan more lists than one n for all would.
fn remark(probing: &TargetedProbing, shown: impl Fn(&TargetRow) -> bool) -> Option<String> {
    let rows: Vec<&TargetRow> = probing.rows.iter().filter(|row| shown(row)).collect();
    let first = rows.first()?;
    let parts = rows.iter().map(|row| {
        let (p95, fixed) = (row.p95_probes, row.fixed_probes);
        format!("{p95:.0} lists against {fixed} on {}", row.dataset)
    });
    Some(format!(
        "A recall target saves on the mean and spends on the hardest queries: for {} the 95th percentile is {}.",
        first.target,
        parts.collect::<Vec<_>>().join(", ")
    ))
}

/// Draws recall over the share scanned: a line of fixed n and the targets for each data set that is shown.
fn plot(
    context: &Context<'_>,
    probing: &TargetedProbing,
    title: &str,
    shown: impl Fn(&TargetRow) -> bool,
) -> Result<PlotFile> {
    let rows: Vec<&TargetRow> = probing.rows.iter().filter(|row| shown(row)).collect();
    let top_k = rows.first().map_or(0, |row| row.top_k);
    let mut chart = LineChart::new(
        title,
        Axis::new("items scanned (%)", AxisScale::Log10),
        Axis::linear(&format!("R@{top_k} vs dense, held-out queries")),
    );
    let groups = rows.chunk_by(|a, b| a.same_index(b));
    for (look, group) in groups.enumerate() {
        let Some(first) = group.first() else { continue };
        let fixed = probing.fixed.iter().filter(|fixed| {
            (fixed.dataset, fixed.n_items) == (first.dataset, first.n_items)
                && fixed.k_rule == first.k_rule
                && fixed.coding == first.coding
                && fixed.held_out_recall >= LEAST_SHOWN
        });
        let fixed = fixed.map(|f| Point::new(100.0 * f.share_scanned, f.held_out_recall));
        let label = format!("{}, one n for all", first.dataset);
        let line = Series::new(&label, fixed.collect()).without_markers();
        let targets = group.iter().map(|row| {
            let point = Point::new(100.0 * row.share_scanned, row.held_out_recall);
            point.with_interval(row.ci_low, row.ci_high)
        });
        let label = format!("{}, n by target", first.dataset);
        let points = Series::new(&label, targets.collect()).without_line();
        chart = chart
            .series(line.with_look(look))
            .series(points.with_look(look));
    }
    let targets: Vec<String> = rows
        .chunk_by(|a, b| a.same_index(b))
        .next()
        .unwrap_or_default()
        .iter()
        .map(|row| row.target.to_string())
        .collect();
    let caption = format!(
        "Left and above is better. Points: targets {}, calibrated on the other half of the queries, with 95% \
         intervals; lines: the same number of probes for every query",
        targets.join(", ")
    );
    chart
        .save(context.folder(), "recall-target", &caption)
        .context("cannot draw the plot of recall targets")
}

impl TargetRow {
    fn same_index(&self, other: &Self) -> bool {
        (self.dataset, self.n_items) == (other.dataset, other.n_items)
            && self.k_rule == other.k_rule
            && self.coding == other.coding
    }
}
