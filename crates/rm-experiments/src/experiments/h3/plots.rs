//! H3's plots.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::answers::Asked;
use super::effects::Effects;
use super::filter::Rule;
use super::findings::Findings;
use super::measure::Filtered;
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference, Series};
use crate::suite::{Context, TextKind};

/// Draws all plots.
pub(super) fn all(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Vec<PlotFile>> {
    let mut plots = vec![
        saved_plot(context, parameters, findings)?,
        recall_plot(context, parameters, findings)?,
        empty_plot(context, parameters, findings)?,
    ];
    let deepest = parameters.deepest();
    for dataset in findings.datasets() {
        plots.push(tradeoff_plot(context, findings, dataset, deepest)?);
    }
    Ok(plots)
}

/// Returns the query sets that the plots over tau show: questions of every data set, and all that was asked of
/// the first generated one.
fn shown(findings: &Findings) -> Vec<(Dataset, Asked, String)> {
    let questions = findings
        .datasets()
        .into_iter()
        .map(|dataset| (dataset, Asked::Questions, dataset.to_string()));
    let near = findings
        .first_of(TextKind::Generated)
        .into_iter()
        .flat_map(|dataset| {
            [Asked::Restatements, Asked::Items]
                .map(|asked| (dataset, asked, format!("{dataset}, {}", asked.name())))
        });
    questions.chain(near).collect()
}

fn over_tau(
    parameters: &Parameters,
    findings: &Findings,
    chart: LineChart,
    height: impl Fn(&Effects) -> Interval,
) -> LineChart {
    let top_k = parameters.published_top_k;
    let sets = shown(findings).into_iter();
    sets.fold(chart, |chart, (dataset, asked, label)| {
        let filtered = findings.given(dataset, asked, top_k, Rule::Score);
        let points: Vec<Point> = filtered
            .map(|f| point(f.filter.setting(), height(&f.effects)))
            .collect();
        if points.is_empty() {
            return chart;
        }
        chart.series(Series::new(&label, points))
    })
}

fn point(x: f64, y: Interval) -> Point {
    Point::new(x, y.estimate).with_interval(y.low, y.high)
}

fn saved_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<PlotFile> {
    let chart = LineChart::new(
        &format!("Tokens saved, top {}", parameters.published_top_k),
        Axis::linear("score threshold tau"),
        Axis::linear("share of tokens saved").with_range(0.0, 1.0),
    );
    let published = super::published_saving(context)?;
    let label = format!(
        "published: {published} at tau = {}",
        parameters.published_tau
    );
    let chart = over_tau(parameters, findings, chart, |effects| effects.tokens_saved);
    chart
        .reference(Reference::new(&label, published).at(parameters.published_tau))
        .save(
            context.folder(),
            "tokens-saved",
            "Share of the returned tokens that a score threshold saves, with 95% intervals over queries",
        )
        .context("cannot draw the plot of saved tokens")
}

fn recall_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<PlotFile> {
    let chart = LineChart::new(
        &format!("Answers that are left, top {}", parameters.published_top_k),
        Axis::linear("score threshold tau"),
        Axis::linear(&format!("gold R@{}", parameters.published_top_k)).with_range(0.0, 1.0),
    );
    let published = parameters.published_recall;
    let label = format!(
        "published: {published} at tau = {}",
        parameters.published_tau
    );
    let chart = over_tau(parameters, findings, chart, |effects| effects.gold_recall);
    chart
        .reference(Reference::new(&label, published).at(parameters.published_tau))
        .save(
            context.folder(),
            "gold-recall",
            "Share of the labelled items that is still returned, with 95% intervals over queries",
        )
        .context("cannot draw the plot of recall")
}

fn empty_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<PlotFile> {
    let mut chart = LineChart::new(
        "Questions left without any result",
        Axis::linear("score threshold tau"),
        Axis::linear("share of questions").with_range(0.0, 1.0),
    );
    let kinds = [TextKind::Real, TextKind::Generated];
    for dataset in kinds.into_iter().filter_map(|kind| findings.first_of(kind)) {
        let top_k = parameters.published_top_k;
        for is_stored in [true, false] {
            let height = |effects: &Effects| {
                if is_stored {
                    effects.empty
                } else {
                    effects.empty_without_answer
                }
            };
            let filtered = findings.given(dataset, Asked::Questions, top_k, Rule::Score);
            let points = filtered.map(|f| point(f.filter.setting(), height(&f.effects)));
            let stored = if is_stored { "stored" } else { "not stored" };
            let label = format!("{dataset}, answer {stored}");
            chart = chart.series(Series::new(&label, points.collect()));
        }
    }
    chart
        .save(
            context.folder(),
            "questions-left-empty",
            "A threshold helps where the two lines of a data set lie apart: nothing is then returned to questions \
             that have no answer in the memory, and something to those that have one",
        )
        .context("cannot draw the plot of empty answers")
}

fn tradeoff_plot(
    context: &Context<'_>,
    findings: &Findings,
    dataset: Dataset,
    top_k: usize,
) -> Result<PlotFile> {
    let mut chart = LineChart::new(
        &format!("Recall over tokens, {dataset}"),
        Axis::new("tokens returned for a question", AxisScale::Log10),
        Axis::linear(&format!("gold R@{top_k}")).from_zero(),
    );
    for rule in Rule::ALL {
        let given = findings.given(dataset, Asked::Questions, top_k, rule);
        // A logarithmic axis has no place for filters that return nothing.
        let some = given.filter(|f| f.effects.tokens_per_query >= 1.0);
        let mut given: Vec<&Filtered> = some.collect();
        given.sort_by(|a, b| {
            let tokens = |f: &Filtered| f.effects.tokens_per_query;
            tokens(a).total_cmp(&tokens(b))
        });
        let points = given
            .into_iter()
            .map(|f| point(f.effects.tokens_per_query, f.effects.gold_recall));
        chart = chart.series(Series::new(rule.name(), points.collect()).banded());
    }
    let caption = format!(
        "Three ways to return less on {dataset}, from {top_k} results; the line that is higher returns more answers \
         for the same tokens; bands are 95% intervals over questions"
    );
    chart
        .save(
            context.folder(),
            &format!("recall-over-tokens-{dataset}"),
            &caption,
        )
        .context("cannot draw a plot of recall over tokens")
}
