//! The plots of H4.

use anyhow::{Context as _, Result};

use super::super::chart::series_of;
use super::{Parameters, Point};
use crate::corpora::Dataset;
use crate::output::text::grouped;
use crate::plots::{Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point as At};
use crate::suite::Context;

/// Draws the Gini coefficient of every rule at the largest size, for some data sets.
pub(super) fn rules(
    context: &Context<'_>,
    points: &[Point],
    shown: &[(Dataset, usize)],
) -> Result<PlotFile> {
    let at = |place: (Dataset, usize)| {
        points
            .iter()
            .filter(move |p| (p.dataset, p.n_items) == place)
    };
    let rules: Vec<&Point> = shown
        .first()
        .into_iter()
        .flat_map(|&first| at(first))
        .collect();
    let names = rules.iter().map(|point| in_words(&point.rule)).collect();
    let mut chart = BarChart::new(
        "How unevenly each rule fills its lists",
        Axis::linear("Gini coefficient of list sizes"),
        names,
    );
    for &(dataset, n_items) in shown {
        let bars = at((dataset, n_items))
            .map(|p| Bar::new(p.gini.estimate).with_interval(p.gini.low, p.gini.high));
        let label = format!("{dataset}, {} items", grouped(n_items as u64));
        chart = chart.series(BarSeries::new(&label, bars.collect()));
    }
    let caption = "Gini coefficient by rule, 95% intervals over seeds; the published claim is that sqrt(N) has the \
                   shortest bar";
    chart
        .save(context.folder(), "gini-by-rule", caption)
        .context("cannot draw the rules")
}

/// Draws the Gini coefficient over K, in multiples of sqrt(N).
pub(super) fn gini(context: &Context<'_>, points: &[Point], dataset: Dataset) -> Result<PlotFile> {
    let mut chart = LineChart::new(
        &format!("Balance over K, {dataset}"),
        Axis::new("K / sqrt(N)", AxisScale::Log2),
        Axis::linear("Gini coefficient of list sizes").from_zero(),
    );
    let shown = by_k(points, dataset);
    let rows = shown.iter().map(|(label, point)| {
        let at = At::new(multiple(point), point.gini.estimate);
        (
            label.as_str(),
            at.with_interval(point.gini.low, point.gini.high),
        )
    });
    for series in series_of(rows) {
        chart = chart.series(series);
    }
    let caption = format!(
        "How uneven lists are on {dataset}, with 95% intervals over seeds; sqrt(N) is the 1 on the axis"
    );
    chart
        .save(context.folder(), &format!("gini-{dataset}"), &caption)
        .context("cannot draw the Gini coefficients")
}

/// Draws the work that the first target recall takes over K, in multiples of sqrt(N).
pub(super) fn work(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Point],
    dataset: Dataset,
) -> Result<Option<PlotFile>> {
    let target = parameters.target_recalls.first().copied().unwrap_or(1.0);
    let title = format!(
        "What R@{} of {target} costs over K, {dataset}",
        parameters.top_k
    );
    let mut chart = LineChart::new(
        &title,
        Axis::new("K / sqrt(N)", AxisScale::Log2),
        Axis::linear("vectors compared, centroids included (% of N)").from_zero(),
    );
    let shown = by_k(points, dataset);
    let rows = shown.iter().filter_map(|(label, point)| {
        let work = point.works.first().copied().flatten()?.work;
        let share = |vectors: f64| 100.0 * vectors / point.n_items as f64;
        let at = At::new(multiple(point), share(work.estimate));
        Some((
            label.as_str(),
            at.with_interval(share(work.low), share(work.high)),
        ))
    });
    let series = series_of(rows);
    if series.is_empty() {
        return Ok(None);
    }
    for series in series {
        chart = chart.series(series);
    }
    let caption = format!(
        "Centroids and items that a query on {dataset} is compared with, with 95% intervals over seeds; the lowest point \
         of a line is the best K"
    );
    let plot = chart
        .save(context.folder(), &format!("work-{dataset}"), &caption)
        .context("cannot draw the work")?;
    Ok(Some(plot))
}

/// Least ratio of two K that are drawn apart.
const APART: f64 = 1.08;

/// Returns one point for each size and K of a data set, by rising K, with the label of its size; of K that are
/// nearly equal the first.
fn by_k(points: &[Point], dataset: Dataset) -> Vec<(String, &Point)> {
    let mut shown: Vec<&Point> = points.iter().filter(|p| p.dataset == dataset).collect();
    shown.sort_by_key(|point| (point.n_items, point.k));
    shown.dedup_by(|next, kept| {
        next.n_items == kept.n_items && (next.k as f64) < APART * kept.k as f64
    });
    let label = |point: &Point| format!("{} items", grouped(point.n_items as u64));
    shown.into_iter().map(|p| (label(p), p)).collect()
}

fn multiple(point: &Point) -> f64 {
    point.k as f64 / (point.n_items as f64).sqrt()
}

/// Writes a rule as people do.
pub(super) fn in_words(rule: &str) -> String {
    let factor = |rule: &str, function: &str| match rule {
        "1" => format!("{function}(N)"),
        factor => format!("{factor} {function}(N)"),
    };
    if let Some((times, function)) = rule.split_once('*') {
        return factor(times, function);
    }
    if let Some(items) = rule.strip_prefix("items/") {
        return match items.split_once("<=") {
            Some((items, max)) => format!("N / {items}, at most {max}"),
            None => format!("N / {items}"),
        };
    }
    if rule.parse::<usize>().is_ok() {
        return format!("always {rule}");
    }
    rule.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_well() {
        for (rule, words) in [
            ("1*sqrt", "sqrt(N)"),
            ("0.5*sqrt", "0.5 sqrt(N)"),
            ("8*log2", "8 log2(N)"),
            ("items/20", "N / 20"),
            ("items/20<=512", "N / 20, at most 512"),
            ("64", "always 64"),
            ("tuned", "tuned"),
        ] {
            assert_eq!(in_words(rule), words);
        }
    }
}
