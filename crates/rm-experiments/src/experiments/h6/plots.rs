//! The plots of H6.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::comparison::Comparison;
use super::measure::Probing;
use super::spread::Spread;
use crate::experiments::chart::series_of;
use crate::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point, Reference,
};
use crate::suite::Context;

/// Draws all plots.
pub(super) fn plots(
    context: &Context<'_>,
    parameters: &Parameters,
    comparisons: &[Comparison],
) -> Result<Vec<PlotFile>> {
    let n = parameters.published_n_probes;
    let mut plots = vec![
        bars(
            context,
            parameters,
            comparisons,
            &Bars {
                stem: "gold-ratio",
                title: format!("Gold recall that routing keeps, n = {n}"),
                axis: format!(
                    "gold recall@{} of routing / of exact search",
                    parameters.gold_top_k
                ),
                caption: "What routing keeps of the gold that exact search finds with the same vectors, with 95% \
                          intervals over questions; the published claim is that these bars are equally long",
                of: |comparison| &comparison.gold,
            },
        )?,
        bars(
            context,
            parameters,
            comparisons,
            &Bars {
                stem: "recall",
                title: format!("R@{} vs dense, n = {n}", parameters.top_k),
                axis: format!("R@{} vs dense of the same encoder", parameters.top_k),
                caption: "What routing keeps of exact search's first answers, gold or not",
                of: |comparison| &comparison.recall,
            },
        )?,
        spread_plot(context, comparisons)?,
    ];
    for comparison in comparisons {
        plots.push(budget_plot(context, parameters, comparison)?);
    }
    plots.push(geometry_plot(context, parameters, comparisons)?);
    Ok(plots)
}

/// Says what one bar chart over encoders shows.
struct Bars {
    stem: &'static str,
    title: String,
    axis: String,
    caption: &'static str,
    of: fn(&Comparison) -> &[Spread],
}

fn bars(
    context: &Context<'_>,
    parameters: &Parameters,
    comparisons: &[Comparison],
    bars: &Bars,
) -> Result<PlotFile> {
    let names = comparisons.first().map_or_else(Vec::new, Comparison::names);
    let names = names.into_iter().map(str::to_owned).collect();
    let mut chart = BarChart::new(&bars.title, Axis::linear(&bars.axis), names);
    for comparison in comparisons {
        let spread = &(bars.of)(comparison)[comparison.published(parameters)?];
        let drawn = spread
            .ratios
            .iter()
            .map(|ratio| Bar::new(ratio.estimate).with_interval(ratio.low, ratio.high));
        let label = comparison.measured.dataset.to_string();
        chart = chart.series(BarSeries::new(&label, drawn.collect()));
    }
    chart
        .save(context.folder(), bars.stem, bars.caption)
        .with_context(|| format!("cannot draw {}", bars.stem))
}

/// Draws how encoders come together as more is scanned; a spread of nothing has no place on the axis.
fn spread_plot(context: &Context<'_>, comparisons: &[Comparison]) -> Result<PlotFile> {
    let mut points = Vec::new();
    for comparison in comparisons {
        let measured = &comparison.measured;
        let dataset = measured.dataset;
        for (what, of) in [("measured", true), ("by chance alone", false)] {
            let label = format!("{dataset}, {what}");
            for (at, probing) in measured.probings.iter().enumerate() {
                let spread = &comparison.useful_gold[at];
                let value = if of {
                    spread.range.estimate
                } else {
                    spread.by_chance
                };
                if matches!(probing, Probing::Lists(_)) && value > 0.0 {
                    let scanned = 100.0 * measured.share_scanned(at);
                    points.push((label.clone(), Point::new(scanned, value)));
                }
            }
        }
    }
    let mut chart = LineChart::new(
        "Spread between encoders of use over share scanned",
        Axis::new("items scanned (%), mean over encoders", AxisScale::Log10),
        Axis::new("largest - smallest ratio of gold recall", AxisScale::Log10),
    );
    for series in series_of(points.iter().map(|(label, point)| (label.as_str(), *point))) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = "Spread of the ratio of gold recall, each point one number of probes, beside the spread that as many \
                   questions would show if all encoders had the same ratio; a spread of 0 has no place here";
    chart
        .save(context.folder(), "spread-over-cost", caption)
        .context("cannot draw the spread plot")
}

/// Draws R@k vs dense where all encoders scan equally much.
fn budget_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    comparison: &Comparison,
) -> Result<PlotFile> {
    let measured = &comparison.measured;
    let mut points = Vec::new();
    for (place, encoder) in measured.encoders.iter().enumerate() {
        for (at, probing) in measured.probings.iter().enumerate() {
            if matches!(probing, Probing::Share(_)) {
                let recall = comparison.recall[at].ratios[place];
                let point = Point::new(100.0 * encoder.reached[at].share_scanned, recall.estimate);
                let point = point.with_interval(recall.low, recall.high);
                points.push((encoder.encoder.as_str(), point));
            }
        }
    }
    let dataset = measured.dataset;
    let mut chart = LineChart::new(
        &format!("Recall at equal cost, {dataset}"),
        Axis::new("items scanned (%)", AxisScale::Log10),
        Axis::linear(&format!(
            "R@{} vs dense of the same encoder",
            parameters.top_k
        )),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    let caption =
        format!("What each encoder's lists keep on {dataset} where all scan equally much");
    chart
        .save(context.folder(), &format!("equal-cost-{dataset}"), &caption)
        .context("cannot draw recall at equal cost")
}

/// Draws recall over the effective dimension of the vectors.
fn geometry_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    comparisons: &[Comparison],
) -> Result<PlotFile> {
    let mut points = Vec::new();
    for comparison in comparisons {
        let spread = &comparison.recall[comparison.equal(parameters)?];
        let dataset = comparison.measured.dataset.name();
        for (encoder, recall) in comparison.measured.encoders.iter().zip(&spread.ratios) {
            let point = Point::new(encoder.geometry.participation_ratio, recall.estimate);
            points.push((dataset, point.with_interval(recall.low, recall.high)));
        }
    }
    let budget = 100.0 * parameters.equal_budget;
    let mut chart = LineChart::new(
        "Recall over effective dimension",
        Axis::new("effective dimension (participation ratio)", AxisScale::Log2),
        Axis::linear(&format!(
            "R@{} vs dense, {budget:.0}% scanned",
            parameters.top_k
        )),
    );
    for series in series_of(points) {
        chart = chart.series(series.without_line());
    }
    let caption = "Each point is one encoder on one data set; geometry.csv names them";
    chart
        .save(context.folder(), "geometry", caption)
        .context("cannot draw the geometry plot")
}
