//! The plots of A4 beside those of growth: recall over size, over what is scanned, over time.

use anyhow::{Context as _, Result};

use super::{Measured, Parameters};
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::experiments::chart::series_of;
use crate::experiments::recall::{RecallRow, cost_plot};
use crate::output::text::grouped;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference, Series};
use crate::suite::Context;

/// Draws what fixed numbers of probes find and cost at the largest size of a data set.
pub(super) fn at_largest(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    place: (Dataset, usize),
) -> Result<[PlotFile; 2]> {
    let (dataset, n_items) = place;
    // Codes change what an item costs and not which items are scanned.
    let rows = measured.recall_at(place);
    let rows = rows.filter(|row| row.coding == parameters.reported_coding);
    let n_items = grouped(n_items as u64);
    let title = format!("Recall over share scanned, {dataset}, {n_items} items");
    let stem = format!("recall-over-cost-{dataset}");
    Ok([
        cost_plot(context, rows, &title, &stem)?,
        latency_plot(context, parameters, measured, place)?,
    ])
}

/// Draws what the published number of probes finds over size, on lists without codes.
pub(super) fn growth_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<PlotFile> {
    let n = parameters.published_n_probes;
    let shown: Vec<(String, &RecallRow)> = measured
        .recall
        .iter()
        .filter(|row| row.n_probes == n && row.coding == ListCoding::Exact)
        .map(|row| (format!("{}, K by {}", row.dataset, row.k_rule), row))
        .collect();
    let points = shown.iter().map(|(label, row)| {
        let point = Point::new(row.n_items as f64, row.recall_vs_dense);
        (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
    });
    let mut chart = LineChart::new(
        &format!("Recall over size at n = {n}"),
        Axis::new("items N", AxisScale::Log10),
        Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!(
            "published: {} at {} items",
            figure.value,
            grouped(parameters.published_n_items as u64)
        );
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = format!(
        "What n = {n} probes over exact lists find as the memory grows, with 95% intervals over queries"
    );
    chart
        .save(context.folder(), "recall-over-size", &caption)
        .context("cannot draw the growth plot")
}

/// Draws recall over time for all K rules and codings.
fn latency_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    place: (Dataset, usize),
) -> Result<PlotFile> {
    let (dataset, n_items) = place;
    let shown: Vec<(String, f64, &RecallRow)> = measured
        .recall_at(place)
        .filter_map(|row| {
            let timed = measured.latency.iter().find(|timed| timed.is_of(row))?;
            Some((row.label(), timed.p50_ms, row))
        })
        .collect();
    let points = shown
        .iter()
        .map(|(label, p50_ms, row)| (label.as_str(), Point::new(*p50_ms, row.recall_vs_dense)));
    let mut chart = LineChart::new(
        &format!(
            "Recall over search time, {dataset}, {} items",
            grouped(n_items as u64)
        ),
        Axis::new("median search time on one core (ms)", AxisScale::Log10),
        Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    let of_size = measured.latency.iter();
    let exact = of_size
        .filter(|l| (l.dataset, l.n_items) == place)
        .find(|l| l.n_probes == 0);
    if let Some(exact) = exact {
        let point = vec![Point::new(exact.p50_ms, 1.0)];
        chart = chart.series(Series::new("exact search", point));
    }
    let caption = "What recall costs in time, vector given: each point is one number of probes; where nothing is said of \
                   codes, lists hold vectors alone";
    let stem = format!("recall-over-time-{dataset}");
    chart
        .save(context.folder(), &stem, caption)
        .context("cannot draw the latency plot")
}
