//! What words add to routing, drawn over the number of probes.

use anyhow::{Context as _, Result};

use super::{GoldMetric, GoldRow, Method, gold_of};
use crate::corpora::Dataset;
use crate::experiments::chart::series_of;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::Context;

/// Says what is drawn, and under which names.
#[derive(Debug, Clone, Copy)]
pub(in crate::experiments) struct OverProbes<'a> {
    pub(in crate::experiments) dataset: Dataset,
    pub(in crate::experiments) n_probes: &'a [usize],
    pub(in crate::experiments) metric: GoldMetric,
    pub(in crate::experiments) group: &'a str,
    pub(in crate::experiments) axis: &'a str,
    pub(in crate::experiments) stem: &'a str,
    pub(in crate::experiments) caption: &'a str,
}

/// Draws routing alone and RM's hybrid over the number of probes, with exact dense search and BM25 as references.
pub(in crate::experiments) fn over_probes(
    context: &Context<'_>,
    rows: &[GoldRow],
    drawn: OverProbes<'_>,
) -> Result<PlotFile> {
    let OverProbes {
        dataset,
        metric,
        group,
        ..
    } = drawn;
    let of = |method: Method| gold_of(rows, dataset, &method.label(), metric, group);
    let mut points = Vec::new();
    for &n_probes in drawn.n_probes {
        let methods = [
            ("routing alone", Method::Routed { n_probes }),
            (
                "routing and BM25, RM's hybrid",
                Method::hybrid(Some(n_probes)),
            ),
        ];
        for (name, method) in methods {
            let row = of(method)?;
            let point = Point::new(n_probes as f64, row.value);
            points.push((name, point.with_interval(row.ci_low, row.ci_high)));
        }
    }
    let mut chart = LineChart::new(
        &format!("What words add to few probes, {dataset}"),
        Axis::new("lists probed n", AxisScale::Log2),
        Axis::linear(drawn.axis),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    for (name, method) in [
        ("exact dense search", Method::Dense),
        ("BM25 alone", Method::Bm25),
    ] {
        let value = of(method)?.value;
        chart = chart.reference(Reference::new(&format!("{name}: {value:.3}"), value));
    }
    chart
        .save(context.folder(), drawn.stem, drawn.caption)
        .context("cannot draw the plot of words over probes")
}
