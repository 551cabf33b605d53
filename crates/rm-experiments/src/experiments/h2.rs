//! H2, retrieval quality.
//!
//! *Question.* How does recall against dense search grow with the number of lists probed, and what share of
//! the items has to be scanned for it?
//!
//! *Hypothesis.* Four probes find 99% of the dense top five among 5,000 items.
//!
//! *Set-up.* For every data set and K rule: train on all N items, route them, and search for real questions
//! with n = 1 to 32 probes. R@k vs dense is the share of the exact k best that the search found; gold recall
//! the share of items labelled as answers among the first ten. Intervals are bootstraps over questions.
//!
//! *Refuted by* questions whose neighbours lie in more lists than that: then R@5 at n = 4 stays below the
//! published 0.9916, and the second row says how many probes it takes.

use anyhow::{Context as _, Result};
use rm_core::KRule;
use serde::{Deserialize, Serialize};

use super::chart::series_of;
use super::probing::{DenseAnswers, build, probe};
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::output::Table;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Measured, Outcome, ResultRow,
    RowBuilder, Scale, Setting, TextKind, Verdict,
};

/// Measures recall as probes grow.
#[derive(Debug, Clone, Copy)]
pub struct RetrievalQuality;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    n_probes: Vec<usize>,
    top_ks: Vec<usize>,
    k_rules: Vec<String>,
    published_k_rule: String,
    published_n_probes: usize,
    published_top_k: usize,
    n_items: usize,
    n_queries: usize,
}

/// Is one line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
struct RecallRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
    k_rule: String,
    k: usize,
    n_probes: usize,
    top_k: usize,
    recall_vs_dense: f64,
    ci_low: f64,
    ci_high: f64,
    gold_recall_at_10: f64,
    dense_gold_recall_at_10: f64,
    share_scanned: f64,
}

impl Experiment for RetrievalQuality {
    fn id(&self) -> ExperimentId {
        ExperimentId::H2
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = (p.datasets.len() * (p.n_items + p.n_queries)) as u64;
        let searches = p.datasets.len() * p.k_rules.len() * p.n_probes.len() * p.n_queries;
        let seconds = texts as f64 / 100.0 + searches as f64 * 1e-4;
        Ok(Estimate {
            texts_to_embed: texts,
            seconds,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let size = CorpusSize {
            n_items: parameters.n_items,
            n_queries: parameters.n_queries,
        };
        let resolved = resolve_for(context, &parameters.datasets, size)?;
        let mut table = context.table("recall")?;
        let mut rows = Vec::new();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            rows.extend(measure(context, &parameters, &corpus, &mut table)?);
        }
        table.finish()?;
        let mut outcome = report(context, &parameters, &rows)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

/// Measures every K rule and number of probes on one data set.
fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    table: &mut Table<RecallRow>,
) -> Result<Vec<RecallRow>> {
    let dataset = corpus.corpus.dataset;
    let steps = (parameters.k_rules.len() * parameters.n_probes.len()) as u64;
    let task = context
        .progress()
        .task(&format!("H2 {dataset}: searches"), steps, "settings");
    let deepest = parameters.top_ks.iter().copied().max().unwrap_or(1).max(10);
    let dense = DenseAnswers::of(corpus, deepest)?;
    let dense_gold = dense.gold_recall(corpus, 10)?.estimate;
    let mut rows = Vec::new();
    for rule in &parameters.k_rules {
        let index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        for &n_probes in &parameters.n_probes {
            let reached = probe(&index, corpus, &dense, n_probes, &parameters.top_ks)?;
            for (&top_k, recall) in parameters.top_ks.iter().zip(&reached.recall) {
                let row = RecallRow {
                    dataset,
                    text_kind: corpus.corpus.kind(),
                    n_items: corpus.items.len(),
                    n_queries: corpus.queries.len(),
                    k_rule: rule.clone(),
                    k: index.k(),
                    n_probes,
                    top_k,
                    recall_vs_dense: recall.estimate,
                    ci_low: recall.low,
                    ci_high: recall.high,
                    gold_recall_at_10: reached.gold_recall_at_10.estimate,
                    dense_gold_recall_at_10: dense_gold,
                    share_scanned: reached.share_scanned,
                };
                table.write(&row)?;
                rows.push(row);
            }
            task.advance(1);
        }
    }
    Ok(rows)
}

fn report(context: &Context<'_>, parameters: &Parameters, rows: &[RecallRow]) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: result_rows(context, parameters, rows)?,
        plots: vec![probes_plot(context, parameters, rows)?],
        ..Outcome::default()
    };
    for dataset in datasets(rows) {
        outcome
            .plots
            .push(cost_plot(context, parameters, rows, dataset)?);
    }
    outcome.notes.answer = answer(parameters, rows);
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("questions at most", parameters.n_queries),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new(
            "least candidates and score threshold",
            "none: exactly n lists, every score",
        ),
    ];
    outcome.notes.remarks.push(
        "R@k vs dense says how much of exact search is kept, not whether the answers are right; gold recall \
         says that, and exact search itself does not reach 1 there."
            .to_owned(),
    );
    Ok(outcome)
}

fn datasets(rows: &[RecallRow]) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = Vec::new();
    for row in rows {
        if !datasets.contains(&row.dataset) {
            datasets.push(row.dataset);
        }
    }
    datasets
}

/// Returns the rows of the published K rule and depth for one data set, by rising number of probes.
fn at_published<'a>(
    parameters: &'a Parameters,
    rows: &'a [RecallRow],
    dataset: Dataset,
) -> impl Iterator<Item = &'a RecallRow> {
    rows.iter().filter(move |row| {
        row.dataset == dataset
            && row.k_rule == parameters.published_k_rule
            && row.top_k == parameters.published_top_k
    })
}

fn answer(parameters: &Parameters, rows: &[RecallRow]) -> String {
    let (n, k) = (parameters.published_n_probes, parameters.published_top_k);
    let reached = datasets(rows).into_iter().filter_map(|dataset| {
        let row = at_published(parameters, rows, dataset).find(|row| row.n_probes == n)?;
        let scanned = 100.0 * row.share_scanned;
        Some(format!(
            "{:.3} on {dataset} ({scanned:.1}% scanned)",
            row.recall_vs_dense
        ))
    });
    let gold = datasets(rows).into_iter().filter_map(|dataset| {
        let row = at_published(parameters, rows, dataset).find(|row| row.n_probes == n)?;
        let lost = row.dense_gold_recall_at_10 - row.gold_recall_at_10;
        Some(format!(
            "{lost:.3} of {:.3} on {dataset}",
            row.dense_gold_recall_at_10
        ))
    });
    format!(
        "With n = {n} probes and K by {}, R@{k} vs dense is {}. Of the gold answers that exact search has in \
         its first ten, it loses {}.",
        parameters.published_k_rule,
        reached.collect::<Vec<_>>().join(", "),
        gold.collect::<Vec<_>>().join(", "),
    )
}

fn result_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    rows: &[RecallRow],
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = figure.map_or(1.0, |figure| figure.value);
    let mut results = Vec::new();
    for dataset in datasets(rows) {
        let row = at_published(parameters, rows, dataset)
            .find(|row| row.n_probes == parameters.published_n_probes);
        let Some(row) = row else { continue };
        let result = result(context, row)?.against(figure);
        let passing = cheapest_that_passes(parameters, rows, dataset, published);
        let why = match (result.verdict(), passing) {
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
            _ => format!(
                "{:.1}% of the items were scanned",
                100.0 * row.share_scanned
            ),
        };
        let verdict = result.verdict();
        results.push(result.because(&why)?);
        if let (Verdict::Below, Some(passing)) = (verdict, passing) {
            let why = format!(
                "K by {}: the setting that passes the published figure and scans least, {:.1}% of the items",
                passing.k_rule,
                100.0 * passing.share_scanned
            );
            results.push(self::result(context, passing)?.because(&why)?);
        }
    }
    Ok(results)
}

/// Returns the measured setting whose whole interval lies at or above the published figure and that scans
/// the smallest share of the items.
fn cheapest_that_passes<'a>(
    parameters: &Parameters,
    rows: &'a [RecallRow],
    dataset: Dataset,
    published: f64,
) -> Option<&'a RecallRow> {
    rows.iter()
        .filter(|row| row.dataset == dataset && row.top_k == parameters.published_top_k)
        .filter(|row| row.ci_low >= published)
        .min_by(|a, b| a.share_scanned.total_cmp(&b.share_scanned))
}

fn result(context: &Context<'_>, row: &RecallRow) -> Result<RowBuilder> {
    let measured = Measured::with_interval(row.recall_vs_dense, row.ci_low, row.ci_high)?;
    let metric = format!("R@{} vs dense", row.top_k);
    let result = context.row(&metric, measured);
    let result = result.on(row.dataset.name(), row.text_kind, row.n_items as u64);
    Ok(result.k(row.k as u64).n_probes(row.n_probes as u64))
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
        at_published(parameters, rows, *dataset).map(move |row| {
            let point = Point::new(row.n_probes as f64, row.recall_vs_dense);
            (label.as_str(), point.with_interval(row.ci_low, row.ci_high))
        })
    });
    let mut chart = LineChart::new(
        &format!("Recall over probes, K by {}", parameters.published_k_rule),
        Axis::new("lists probed n", AxisScale::Log2),
        Axis::linear(&format!("R@{} vs dense", parameters.published_top_k)),
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

fn cost_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    rows: &[RecallRow],
    dataset: Dataset,
) -> Result<PlotFile> {
    let labels: Vec<String> = rows
        .iter()
        .map(|row| format!("K by {} = {}", row.k_rule, row.k))
        .collect();
    let points = rows.iter().zip(&labels).filter_map(|(row, label)| {
        let shown = row.dataset == dataset && row.top_k == parameters.published_top_k;
        let point = Point::new(100.0 * row.share_scanned, row.recall_vs_dense);
        shown.then_some((label.as_str(), point.with_interval(row.ci_low, row.ci_high)))
    });
    let mut chart = LineChart::new(
        &format!("Recall over share scanned, {dataset}"),
        Axis::new("items scanned (%)", AxisScale::Log10),
        Axis::linear(&format!("R@{} vs dense", parameters.published_top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = format!("What recall costs on {dataset}: each point is one number of probes");
    let stem = format!("recall-over-cost-{dataset}");
    chart
        .save(context.folder(), &stem, &caption)
        .context("cannot draw a cost plot")
}
