//! The plots of A1.

use anyhow::{Context as _, Result};

use super::report::{at_published, groups, headline, shown};
use super::{Measured, Parameters};
use crate::corpora::Dataset;
use crate::experiments::chart::series_of;
use crate::experiments::methods::{ALL, OverProbes, gold_of, over_probes};
use crate::experiments::recall::{cost_plot, datasets};
use crate::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point, Reference,
};
use crate::suite::Context;

pub(super) fn all(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Vec<PlotFile>> {
    let mut plots = vec![recall_plot(context, parameters, measured)?];
    for dataset in datasets(&measured.recall) {
        let rows = measured.recall.iter().filter(|row| row.dataset == dataset);
        let title = format!("Recall over share scanned, {dataset}");
        plots.push(cost_plot(
            context,
            rows,
            &title,
            &format!("recall-over-cost-{dataset}"),
        )?);
        plots.push(methods_plot(context, parameters, measured, dataset)?);
        plots.push(probes_plot(context, parameters, measured, dataset)?);
    }
    Ok(plots)
}

fn recall_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<PlotFile> {
    let of_rule = measured
        .recall
        .iter()
        .filter(|row| row.k_rule == parameters.published_k_rule);
    let labelled: Vec<_> = of_rule
        .map(|row| {
            (
                format!("{}, {} items, K = {}", row.dataset, row.n_items, row.k),
                row,
            )
        })
        .collect();
    let points = labelled.iter().map(|(label, row)| {
        let point = Point::new(row.n_probes as f64, row.recall_vs_dense);
        (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
    });
    let mut chart = LineChart::new(
        &format!("Recall over probes, K by {}", parameters.published_k_rule),
        Axis::new("lists probed n", AxisScale::Log2),
        Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let n = parameters.published_n_probes;
        let label = format!("published: {} at n = {n}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value).at(n as f64));
    }
    let caption =
        "Share of exact search's top five that n probes find, with 95% intervals over questions";
    chart
        .save(context.folder(), "recall-over-probes", caption)
        .context("cannot draw the recall plot")
}

fn methods_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<PlotFile> {
    let labels = shown(parameters);
    let groups = groups(measured, dataset);
    let groups: Vec<&str> = groups.into_iter().filter(|group| *group != ALL).collect();
    let names: Vec<String> = groups
        .iter()
        .map(|group| format!("{group}: {}", headline(group).label()))
        .collect();
    let axis = names.first().filter(|_| names.len() == 1);
    let axis = axis.map_or("measure named in the key", String::as_str);
    let title = format!("Dense search, words and hybrids, {dataset}");
    let mut chart = BarChart::new(&title, Axis::linear(axis), labels.clone());
    for (group, name) in groups.iter().zip(&names) {
        let bars = labels.iter().map(|label| {
            let row = gold_of(&measured.gold, dataset, label, headline(group), group)?;
            Ok(Bar::new(row.value).with_interval(row.ci_low, row.ci_high))
        });
        chart = chart.series(BarSeries::new(name, bars.collect::<Result<_>>()?));
    }
    let caption =
        format!("What labels say of each method on {dataset}, with 95% intervals over questions");
    chart
        .save(context.folder(), &format!("methods-{dataset}"), &caption)
        .context("cannot draw the plot of methods")
}

/// Returns the set of labels with the most questions, whose intervals are the narrowest.
fn most_asked(measured: &Measured, dataset: Dataset) -> &'static str {
    let rows = measured.gold.iter().filter(|row| row.dataset == dataset);
    let single = rows.filter(|row| row.group != ALL);
    let most = single.max_by_key(|row| row.n_questions);
    most.map_or(ALL, |row| row.group)
}

fn probes_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<PlotFile> {
    let group = most_asked(measured, dataset);
    let metric = headline(group);
    // A small memory may have fewer lists.
    let k = at_published(parameters, measured, dataset)?.k;
    let n_probes = parameters.n_probes.iter().copied().filter(|n| *n <= k);
    let drawn = OverProbes {
        dataset,
        n_probes: &n_probes.collect::<Vec<usize>>(),
        metric,
        group,
        axis: &format!("{}, {group}", metric.label()),
        stem: &format!("gold-over-probes-{dataset}"),
        caption: &format!(
            "What labels say of routing with and without words on {dataset}, with 95% intervals over questions"
        ),
    };
    over_probes(context, &measured.gold, drawn)
}
