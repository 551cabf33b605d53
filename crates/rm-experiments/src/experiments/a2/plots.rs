//! The plots of A2.

use anyhow::{Context as _, Result};

use super::measure::HEADLINE;
use super::report::{datasets, shown};
use super::{Measured, Parameters};
use crate::corpora::Dataset;
use crate::datasets::Category;
use crate::experiments::chart::series_of;
use crate::experiments::methods::{ALL, Method, OverProbes, gold_of, main_methods, over_probes};
use crate::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point, Reference,
};
use crate::suite::Context;

pub(super) fn all(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Vec<PlotFile>> {
    let mut plots = vec![methods_plot(context, parameters, measured)?];
    plots.push(recall_plot(context, parameters, measured)?);
    for dataset in datasets(measured) {
        plots.push(probes_plot(context, parameters, measured, dataset)?);
        plots.push(categories_plot(context, parameters, measured, dataset)?);
    }
    Ok(plots)
}

fn methods_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<PlotFile> {
    let labels: Vec<String> = shown(parameters)
        .into_iter()
        .map(|(label, _)| label)
        .collect();
    let mut chart = BarChart::new(
        "Questions with an answering turn among the first ten",
        Axis::linear("hit@10"),
        labels.clone(),
    );
    for dataset in datasets(measured) {
        let bars = labels.iter().map(|label| {
            let row = gold_of(&measured.gold, dataset, label, HEADLINE, ALL)?;
            Ok(Bar::new(row.value).with_interval(row.ci_low, row.ci_high))
        });
        let bars = bars.collect::<Result<_>>()?;
        chart = chart.series(BarSeries::new(dataset.name(), bars));
    }
    let caption = "Dense search, words and hybrids, one memory a conversation, with 95% intervals over questions";
    chart
        .save(context.folder(), "methods", caption)
        .context("cannot draw the plot of methods")
}

fn recall_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<PlotFile> {
    let labels: Vec<String> = measured
        .recall
        .iter()
        .map(|row| format!("{}, K by {} ({:.0})", row.dataset, row.k_rule, row.mean_k))
        .collect();
    let points = measured.recall.iter().zip(&labels).map(|(row, label)| {
        let point = Point::new(row.n_probes as f64, row.recall_vs_dense);
        (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
    });
    let mut chart = LineChart::new(
        "Recall over probes",
        Axis::new("lists probed n", AxisScale::Log2),
        Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {}, n not stated", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = "Share of exact search's top five that n probes find, pooled over conversations, with 95% intervals \
                   over questions";
    chart
        .save(context.folder(), "recall-over-probes", caption)
        .context("cannot draw the recall plot")
}

fn probes_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<PlotFile> {
    let drawn = OverProbes {
        dataset,
        n_probes: &parameters.n_probes,
        metric: HEADLINE,
        group: ALL,
        axis: "hit@10",
        stem: &format!("hits-over-probes-{dataset}"),
        caption: &format!(
            "Questions of {dataset} with an answering turn among the first ten, with 95% intervals over questions"
        ),
    };
    over_probes(context, &measured.gold, drawn)
}

fn categories_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<PlotFile> {
    let n = parameters.published_n_probes;
    let asked: Vec<(Category, usize)> = Category::ALL
        .into_iter()
        .filter_map(|category| {
            let label = Method::Dense.label();
            let row = gold_of(&measured.gold, dataset, &label, HEADLINE, category.name()).ok()?;
            Some((category, row.n_questions))
        })
        .collect();
    let names = asked.iter().map(|(category, n)| {
        let (number, name) = (category.number(), category.name().replace('_', " "));
        format!("{number}: {name} ({n} questions)")
    });
    let mut chart = BarChart::new(
        &format!("By kind of question, {dataset}"),
        Axis::linear("hit@10"),
        names.collect(),
    );
    for method in main_methods(n) {
        let label = method.label();
        let bars = asked.iter().map(|(category, _)| {
            let row = gold_of(&measured.gold, dataset, &label, HEADLINE, category.name())?;
            Ok(Bar::new(row.value).with_interval(row.ci_low, row.ci_high))
        });
        let bars = bars.collect::<Result<_>>()?;
        chart = chart.series(BarSeries::new(&label, bars));
    }
    let caption = format!(
        "Questions of {dataset} with an answering turn among the first ten, with 95% intervals over questions"
    );
    chart
        .save(
            context.folder(),
            &format!("hits-by-category-{dataset}"),
            &caption,
        )
        .context("cannot draw the plot of categories")
}
