//! What H2 makes of its measurements: rows, plots and words.

use anyhow::{Context as _, Result};

use super::super::chart::series_of;
use super::super::recall::{
    RecallRow, cheapest_that_passes, cost_plot, datasets, gold_result, passing_results, percent,
    recall_result,
};
use super::super::targeted;
use super::{Measured, Parameters};
use crate::corpora::Dataset;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{Context, Outcome, ResultRow, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let rows = &measured.recall;
    let mut outcome = Outcome {
        rows: result_rows(context, parameters, measured)?,
        plots: vec![probes_plot(context, parameters, rows)?],
        ..Outcome::default()
    };
    for dataset in datasets(rows) {
        let shown = at_depth(parameters, rows, dataset);
        let title = format!("Recall over share scanned, {dataset}");
        let stem = format!("recall-over-cost-{dataset}");
        outcome
            .plots
            .push(cost_plot(context, shown, &title, &stem)?);
    }
    outcome.notes.answer = answer(parameters, rows);
    let title = format!(
        "A wanted recall beside a fixed n, K by {}",
        parameters.published_k_rule
    );
    targeted::add_to(
        &mut outcome,
        context,
        &measured.targeted,
        &title,
        &parameters.reported_targets,
        |row| row.k_rule == parameters.published_k_rule,
    )?;
    outcome.notes.losses = vec![format!(
        "With n = {} and K by {}, a search loses, of the gold answers that exact search has in its first ten, {}",
        parameters.published_n_probes,
        parameters.published_k_rule,
        gold_lost(parameters, rows)
    )];
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("questions at most", parameters.n_queries),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new(
            "least candidates and score threshold",
            "none: exactly n lists, every score",
        ),
        Setting::new(
            "timed questions",
            format!("{} on one core", parameters.n_timed),
        ),
    ];
    outcome.notes.remarks.push(
        "R@k vs dense says how much of exact search is kept, not whether the answers are right; gold recall \
         says that, and exact search itself does not reach 1 there."
            .to_owned(),
    );
    Ok(outcome)
}

/// Returns the rows of the published depth for one data set.
fn at_depth<'a>(
    parameters: &Parameters,
    rows: &'a [RecallRow],
    dataset: Dataset,
) -> impl Iterator<Item = &'a RecallRow> {
    let top_k = parameters.published_top_k;
    rows.iter()
        .filter(move |row| row.dataset == dataset && row.top_k == top_k)
}

/// Returns the rows of the published K rule and depth for one data set, by rising number of probes.
fn by_probes<'a>(
    parameters: &'a Parameters,
    rows: &'a [RecallRow],
    dataset: Dataset,
) -> impl Iterator<Item = &'a RecallRow> {
    at_depth(parameters, rows, dataset).filter(|row| row.k_rule == parameters.published_k_rule)
}

/// Returns the row of the published setting for each data set.
fn at_published<'a>(
    parameters: &'a Parameters,
    rows: &'a [RecallRow],
) -> impl Iterator<Item = &'a RecallRow> {
    let n_probes = parameters.published_n_probes;
    datasets(rows).into_iter().filter_map(move |dataset| {
        by_probes(parameters, rows, dataset).find(|row| row.n_probes == n_probes)
    })
}

fn answer(parameters: &Parameters, rows: &[RecallRow]) -> String {
    let reached = at_published(parameters, rows).map(|row| {
        let scanned = percent(row.share_scanned);
        format!(
            "{:.3} on {} ({scanned} scanned)",
            row.recall_vs_dense, row.dataset
        )
    });
    format!(
        "With n = {} probes and K by {}, R@{} vs dense is {}. Of the gold answers that exact search has in \
         its first ten, it loses {}.",
        parameters.published_n_probes,
        parameters.published_k_rule,
        parameters.published_top_k,
        reached.collect::<Vec<_>>().join(", "),
        gold_lost(parameters, rows),
    )
}

/// Lists what is lost on each data set.
fn gold_lost(parameters: &Parameters, rows: &[RecallRow]) -> String {
    let lost = at_published(parameters, rows).map(|row| {
        format!(
            "{:.3} of {:.3} on {}",
            row.gold_recall_lost, row.dense_gold_recall_at_10, row.dataset
        )
    });
    lost.collect::<Vec<_>>().join(", ")
}

fn result_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = figure.map_or(1.0, |figure| figure.value);
    let mut results = Vec::new();
    for row in at_published(parameters, &measured.recall) {
        let result = recall_result(context, row)?.against(figure);
        let rows = at_depth(parameters, &measured.recall, row.dataset);
        let passing = cheapest_that_passes(rows, published);
        let verdict = result.verdict();
        results.push(result.because(&why(parameters, verdict, row, passing, published))?);
        if let (Verdict::Below, Some(passing)) = (verdict, passing) {
            results.extend(passing_results(context, passing, &measured.latency)?);
        }
        results.push(gold_result(context, row)?);
    }
    Ok(results)
}

fn why(
    parameters: &Parameters,
    verdict: Verdict,
    row: &RecallRow,
    passing: Option<&RecallRow>,
    published: f64,
) -> String {
    match (verdict, passing) {
        (Verdict::Below, Some(passing)) => format!(
            "neighbours of its questions are spread over more lists: among the settings measured, {} of {} \
             lists are the cheapest that find {:.1}% of the dense top {}",
            passing.n_probes,
            passing.k,
            100.0 * published,
            row.top_k
        ),
        (Verdict::Below, None) => format!(
            "neighbours of its questions are spread over more lists than {} probes reach",
            parameters.n_probes.iter().copied().max().unwrap_or(0)
        ),
        _ => format!("{} of the items were scanned", row.scanned()),
    }
}

fn probes_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    rows: &[RecallRow],
) -> Result<PlotFile> {
    let labels: Vec<(Dataset, String)> = datasets(rows)
        .into_iter()
        .map(|dataset| (dataset, dataset.to_string()))
        .collect();
    let points = labels.iter().flat_map(|(dataset, label)| {
        by_probes(parameters, rows, *dataset).map(move |row| {
            let point = Point::new(row.n_probes as f64, row.recall_vs_dense);
            (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
        })
    });
    let top_k = parameters.published_top_k;
    let mut chart = LineChart::new(
        &format!("Recall over probes, K by {}", parameters.published_k_rule),
        Axis::new("lists probed n", AxisScale::Log2),
        Axis::linear(&format!("R@{top_k} vs dense")),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let n = parameters.published_n_probes;
        let label = format!("published: {} at n = {n}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value).at(n as f64));
    }
    let caption = format!(
        "Share of exact search's top {top_k} that n probes find, with 95% intervals over questions"
    );
    chart
        .save(context.folder(), "recall-over-probes", &caption)
        .context("cannot draw the recall plot")
}
