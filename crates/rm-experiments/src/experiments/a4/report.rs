//! What A4 makes of its measurements: rows, plots and words.

use anyhow::{Context as _, Result};

use super::super::chart::series_of;
use super::super::latency::LatencyRow;
use super::super::recall::{
    RecallRow, cheapest_that_passes, cost_plot, gold_result, passing_results, placed, recall_result,
};
use super::super::resident::ResidentBytes;
use super::super::targeted;
use super::{BuildRow, Measured, Parameters};
use crate::corpora::Dataset;
use crate::output::text::grouped;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{Context, Measured as Figure, Outcome, ResultRow, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: rows(context, parameters, measured)?,
        plots: vec![growth_plot(context, parameters, measured)?],
        ..Outcome::default()
    };
    for (dataset, n_items) in largest(measured) {
        let rows = of_size(&measured.recall, dataset, n_items);
        let title = format!("Recall over share scanned, {dataset}, {n_items} items");
        let stem = format!("recall-over-cost-{dataset}");
        let plots = [
            cost_plot(context, rows, &title, &stem)?,
            latency_plot(context, parameters, measured, dataset, n_items)?,
        ];
        outcome.plots.extend(plots);
    }
    outcome.notes.answer = answer(parameters, measured);
    let title = format!(
        "A wanted recall beside a fixed n, K by {}, the largest size",
        parameters.target_k_rule
    );
    let sizes = largest(measured);
    targeted::add_to(
        &mut outcome,
        context,
        &measured.targeted,
        &title,
        &parameters.reported_targets,
        |row| sizes.contains(&(row.dataset, row.n_items)),
    )?;
    outcome.notes.gains = costs(measured).into_iter().take(1).collect();
    outcome.notes.settings = vec![
        Setting::new("sizes", format!("{:?}", parameters.sizes)),
        Setting::new("queries", parameters.n_queries),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new(
            "timed queries",
            format!("{} on one core", parameters.n_timed),
        ),
        Setting::new(
            "least candidates and score threshold",
            "none: exactly n lists, every score",
        ),
    ];
    outcome.notes.remarks.push(
        "Reddit's gold means \"same post\", not a human judgement, and only titles that share two content \
         words with their body were taken."
            .to_owned(),
    );
    Ok(outcome)
}

/// Returns each data set with its largest size.
fn largest(measured: &Measured) -> Vec<(Dataset, usize)> {
    let mut largest: Vec<(Dataset, usize)> = Vec::new();
    for row in &measured.recall {
        match largest
            .iter_mut()
            .find(|(dataset, _)| *dataset == row.dataset)
        {
            Some((_, n_items)) => *n_items = row.n_items.max(*n_items),
            None => largest.push((row.dataset, row.n_items)),
        }
    }
    largest
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = figure.map_or(1.0, |figure| figure.value);
    let dim = context.embedder()?.dim();
    let mut rows = Vec::new();
    for (dataset, n_items) in largest(measured) {
        let of_size = || of_size(&measured.recall, dataset, n_items);
        let cheapest = cheapest_that_passes(of_size(), published);
        let at_published = of_size().find(|row| is_published(parameters, row));
        if let Some(row) = at_published {
            // At another size the published figure is no figure of this setting.
            let figure = figure.filter(|_| n_items == parameters.published_n_items);
            let result = recall_result(context, row)?.against(figure);
            let why = why(parameters, result.verdict(), row, cheapest);
            rows.push(result.because(&why)?);
        }
        if let Some(row) = cheapest {
            rows.extend(passing_results(context, row, dim, &measured.latency)?);
            rows.extend(cost_rows(context, measured, row, dim)?);
        }
        if let Some(row) = at_published {
            rows.push(gold_result(context, row)?);
        }
    }
    Ok(rows)
}

/// Returns the rows of one data set at one size.
fn of_size(
    rows: &[RecallRow],
    dataset: Dataset,
    n_items: usize,
) -> impl Iterator<Item = &RecallRow> {
    rows.iter()
        .filter(move |row| (row.dataset, row.n_items) == (dataset, n_items))
}

/// Returns whether K and n are those of the published figure.
fn is_published(parameters: &Parameters, row: &RecallRow) -> bool {
    row.k_rule == parameters.published_k_rule && row.n_probes == parameters.published_n_probes
}

fn why(
    parameters: &Parameters,
    verdict: Verdict,
    row: &RecallRow,
    cheapest: Option<&RecallRow>,
) -> String {
    let per_list = row.n_items / row.k;
    match (verdict, cheapest) {
        (Verdict::Below, Some(other)) => format!(
            "K stays at {} while N grows, and {} lists are too few for queries like these: {} of {} reach it",
            row.k, row.n_probes, other.n_probes, other.k
        ),
        (Verdict::Below, None) => {
            format!(
                "{} lists are too few for queries like these at any K measured",
                row.n_probes
            )
        }
        (Verdict::NoPublishedFigure, _) => format!(
            "the published figure is for {} items, which --scale paper runs; here {} of {} items were scanned",
            parameters.published_n_items,
            row.scanned(),
            row.n_items
        ),
        _ => format!(
            "{} of the items were scanned, {per_list} a list on average",
            row.scanned()
        ),
    }
}

/// Says what the setting of `row` costs beside its searches: bytes in RAM, time to build and to open.
fn cost_rows(
    context: &Context<'_>,
    measured: &Measured,
    row: &RecallRow,
    dim: usize,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    let bytes = ResidentBytes::of(row.n_items, row.k, dim).total() as f64 / row.n_items as f64;
    let bytes = context.row("resident_bytes_per_item", Figure::exact(bytes)?);
    rows.push(placed(bytes, row).because("centroids, vectors and ids, as the search needs them")?);
    let built = measured.build.iter().find(|built| {
        built.k_rule == row.k_rule && (built.dataset, built.n_items) == (row.dataset, row.n_items)
    });
    if let Some(built) = built {
        let BuildRow {
            train_and_route_s,
            open_file_s,
            write_file_s,
            ..
        } = built;
        let build = context
            .row("train_and_route_s", Figure::exact(*train_and_route_s)?)
            .timing();
        let why =
            format!("all cores, vectors given; writing the file took {write_file_s:.1} s more");
        rows.push(placed(build, row).because(&why)?);
        let open = context
            .row("open_file_s", Figure::exact(*open_file_s)?)
            .timing();
        rows.push(placed(open, row).because("loads codebook, lists and vectors, trains nothing")?);
    }
    Ok(rows)
}

fn answer(parameters: &Parameters, measured: &Measured) -> String {
    let (rule, n) = (&parameters.published_k_rule, parameters.published_n_probes);
    let by_size = measured
        .recall
        .iter()
        .filter(|r| r.k_rule == *rule && r.n_probes == n)
        .map(|r| {
            format!(
                "{:.3} at {} items ({})",
                r.recall_vs_dense, r.n_items, r.dataset
            )
        });
    let costs = costs(measured);
    let cost = if costs.is_empty() {
        "No setting measured reaches 0.95".to_owned()
    } else {
        costs.join("; ")
    };
    format!(
        "With the original's K and n = {n}, R@{} vs dense is {}. {cost}.",
        parameters.top_k,
        by_size.collect::<Vec<_>>().join(", "),
    )
}

/// Says of each data set at its largest what an R@k of 0.95 takes, where a setting reaches it.
fn costs(measured: &Measured) -> Vec<String> {
    let costs = largest(measured).into_iter().filter_map(|(dataset, n_items)| {
        let of_size =
            |l: &&LatencyRow| l.dataset == dataset && l.n_items == n_items;
        let exact = measured.latency.iter().filter(of_size).find(|l| l.n_probes == 0)?;
        let reached = measured.recall.iter().filter(|r| {
            r.dataset == dataset && r.n_items == n_items && r.recall_vs_dense >= 0.95
        });
        let with_time = reached.filter_map(|r| {
            let timed = measured.latency.iter().filter(of_size).find(|l| {
                l.k_rule == r.k_rule && l.n_probes == r.n_probes
            })?;
            Some((r, timed.p50_ms))
        });
        let (row, p50_ms) = with_time.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(format!(
            "R@{} of at least 0.95 among {} texts ({dataset}) takes {p50_ms:.2} ms on one core (K = {}, n = {}), \
             exact search {:.2} ms",
            row.top_k,
            grouped(n_items as u64),
            row.k,
            row.n_probes,
            exact.p50_ms
        ))
    });
    costs.collect()
}

fn growth_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<PlotFile> {
    let n = parameters.published_n_probes;
    let shown: Vec<(String, &RecallRow)> = measured
        .recall
        .iter()
        .filter(|row| row.n_probes == n)
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
            figure.value, parameters.published_n_items
        );
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption =
        format!("What n = {n} probes find as the memory grows, with 95% intervals over queries");
    chart
        .save(context.folder(), "recall-over-size", &caption)
        .context("cannot draw the growth plot")
}

fn latency_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
    n_items: usize,
) -> Result<PlotFile> {
    let timed = measured
        .latency
        .iter()
        .filter(|l| l.dataset == dataset && l.n_items == n_items);
    let shown: Vec<(String, f64, &RecallRow)> = timed
        .filter_map(|timed| {
            let row = measured.recall.iter().find(|row| {
                (row.dataset, row.n_items, row.n_probes) == (dataset, n_items, timed.n_probes)
                    && row.k_rule == timed.k_rule
            })?;
            Some((
                format!("K by {} = {}", row.k_rule, row.k),
                timed.p50_ms,
                row,
            ))
        })
        .collect();
    let points = shown
        .iter()
        .map(|(label, p50_ms, row)| (label.as_str(), Point::new(*p50_ms, row.recall_vs_dense)));
    let mut chart = LineChart::new(
        &format!("Recall over search time, {dataset}, {n_items} items"),
        Axis::new("median search time on one core (ms)", AxisScale::Log10),
        Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    let exact = measured
        .latency
        .iter()
        .find(|l| l.n_probes == 0 && l.dataset == dataset && l.n_items == n_items);
    if let Some(exact) = exact {
        let point = vec![Point::new(exact.p50_ms, 1.0)];
        chart = chart.series(crate::plots::Series::new("exact search", point));
    }
    let caption = "What recall costs in time, vector given: each point is one number of probes";
    let stem = format!("recall-over-time-{dataset}");
    chart
        .save(context.folder(), &stem, caption)
        .context("cannot draw the latency plot")
}
