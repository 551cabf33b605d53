//! What H1 makes of its measurements: rows, plots and words.

use anyhow::{Context as _, Result};

use super::super::chart::series_of;
use super::super::recall::percent;
use super::{LINFA, Measurement, OURS, Parameters, published};
use crate::metrics::Interval;
use crate::output::text::grouped;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: rows(context, parameters, points)?,
        plots: vec![
            fidelity_plot(context, parameters, points)?,
            balance_plot(context, points)?,
        ],
        ..Outcome::default()
    };
    outcome.notes.answer = answer(parameters, points);
    outcome.notes.gains.extend(training_time(points));
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("seeds", parameters.n_seeds),
        Setting::new("trainer", "nested mini-batch spherical k-means, k-means++"),
        Setting::new(
            "reference trainer",
            "linfa-clustering k-means, at most 20 iterations, first seed",
        ),
    ];
    Ok(outcome)
}

/// Says how fidelity grows with K and how far apart the trainers are.
fn answer(parameters: &Parameters, points: &[Measurement]) -> String {
    let ours = |k| points.iter().filter(move |p| p.trainer == OURS && p.k == k);
    let at_published: Vec<String> = ours(parameters.published_k)
        .map(|p| format!("{:.3} on {}", p.fidelity.estimate, p.dataset))
        .collect();
    let steps: Vec<f64> = points
        .windows(2)
        .filter(|w| w[0].dataset == w[1].dataset && w[0].trainer == OURS && w[1].trainer == OURS)
        .map(|w| {
            let doublings = (w[1].k as f64 / w[0].k as f64).log2();
            (w[1].fidelity.estimate - w[0].fidelity.estimate) / doublings
        })
        .collect();
    let (low, high) = steps
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| {
            (l.min(*s), h.max(*s))
        });
    let gaps = points
        .iter()
        .filter(|p| p.trainer == LINFA)
        .filter_map(|linfa| {
            let ours = ours(linfa.k).find(|p| p.dataset == linfa.dataset)?;
            Some(ours.fidelity.estimate - linfa.fidelity.estimate)
        });
    let worst = gaps.fold(f64::INFINITY, f64::min);
    format!(
        "With K = {} centroids the mean cosine of an item and its centroid is {}; every doubling of K adds \
         {low:.3} to {high:.3}. Ours minus linfa's is {worst:+.4} where it is worst.",
        parameters.published_k,
        at_published.join(", "),
    )
}

/// Says how much sooner our trainer has done than linfa's, at the largest K that both trained on the first data set.
fn training_time(points: &[Measurement]) -> Option<String> {
    let first = points.first()?.dataset;
    let of_first = || points.iter().filter(|p| p.dataset == first);
    let theirs = of_first()
        .filter(|p| p.trainer == LINFA)
        .max_by_key(|p| p.k)?;
    let ours = of_first().find(|p| p.trainer == OURS && p.k == theirs.k)?;
    (ours.train_ms < theirs.train_ms).then(|| {
        format!(
            "Training K = {} centroids on {} texts ({first}) takes {:.0} ms on all cores, {:.0} times less than linfa's k-means, \
             for a mean cosine of text and centroid of {:.3} against {:.3}.",
            ours.k,
            grouped(ours.n_items as u64),
            ours.train_ms,
            theirs.train_ms / ours.train_ms,
            ours.fidelity.estimate,
            theirs.fidelity.estimate,
        )
    })
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = published(context);
    let at_published = || {
        let ours = points.iter().filter(|p| p.trainer == OURS);
        ours.filter(|p| p.k == parameters.published_k)
    };
    let mut rows = Vec::new();
    for point in at_published() {
        let row = row(context, "fidelity", point)?.against(figure);
        let why = match row.verdict() {
            Verdict::Below => first_that_passes(points, point, published),
            _ => format!(
                "mean over {} seeds, interval over items",
                parameters.n_seeds
            ),
        };
        rows.push(row.because(&why)?);
    }
    for point in at_published() {
        let Some(passing) = passing(points, point, published) else {
            continue;
        };
        if passing.k != point.k {
            let why = format!(
                "the smallest K measured that reaches the published figure: {:.1} items a list on average, centroids \
                 take {:.1}% of the resident bytes ({:.1}% at K = {})",
                passing.n_items as f64 / passing.k as f64,
                100.0 * passing.centroid_byte_share,
                100.0 * point.centroid_byte_share,
                point.k,
            );
            rows.push(row(context, "fidelity", passing)?.because(&why)?);
            let why = format!(
                "training on all cores, median over the seeds ({} here); K = {} takes {:.0} ms",
                passing.n_seeds, point.k, point.train_ms
            );
            let time = context.row("train_ms", Measured::exact(passing.train_ms)?);
            rows.push(placed(time.timing(), passing).because(&why)?);
        }
    }
    for point in points.iter().filter(|p| p.k == parameters.published_k) {
        let Interval {
            estimate,
            low,
            high,
        } = point.gini;
        let (measured, over) = match point.n_seeds {
            1 => (
                Measured::exact(estimate)?,
                "one seed, so no interval".to_owned(),
            ),
            n => (
                Measured::with_interval(estimate, low, high)?,
                format!("interval over {n} seeds"),
            ),
        };
        let why = format!(
            "{over}; {} of the codes are dead",
            percent(point.dead_share.estimate)
        );
        let metric = format!("gini of list sizes, {}", point.trainer);
        rows.push(placed(context.row(&metric, measured), point).because(&why)?);
    }
    Ok(rows)
}

fn placed(builder: RowBuilder, point: &Measurement) -> RowBuilder {
    let (dataset, n_items) = (point.dataset, point.n_items as u64);
    let on = builder.on(dataset.name(), dataset.kind(), n_items);
    on.k(point.k as u64)
}

fn row(context: &Context<'_>, metric: &str, point: &Measurement) -> Result<RowBuilder> {
    let Interval {
        estimate,
        low,
        high,
    } = point.fidelity;
    let row = context.row(metric, Measured::with_interval(estimate, low, high)?);
    Ok(placed(row, point))
}

fn passing<'a>(
    points: &'a [Measurement],
    point: &Measurement,
    published: f64,
) -> Option<&'a Measurement> {
    let same = points
        .iter()
        .filter(|p| p.dataset == point.dataset && p.trainer == OURS);
    same.filter(|p| p.fidelity.low >= published)
        .min_by_key(|p| p.k)
}

fn first_that_passes(points: &[Measurement], point: &Measurement, published: f64) -> String {
    match passing(points, point, published) {
        Some(passing) => format!(
            "text of this kind is spread wider than the published suite's: it takes K = {} to reach the figure",
            passing.k
        ),
        None => "text of this kind is spread wider than the published suite's: no K measured here reaches \
                 the figure"
            .to_owned(),
    }
}

fn fidelity_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<PlotFile> {
    let labels: Vec<String> = points.iter().map(label).collect();
    let rows = labels.iter().zip(points).map(|(label, p)| {
        let Interval {
            estimate,
            low,
            high,
        } = p.fidelity;
        (
            label.as_str(),
            Point::new(p.k as f64, estimate).with_interval(low, high),
        )
    });
    let mut chart = LineChart::new(
        "Fidelity over codebook size",
        Axis::new("centroids K", AxisScale::Log2),
        Axis::linear("mean cosine of an item and its centroid"),
    );
    for series in series_of(rows) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let k = parameters.published_k;
        let label = format!("published: {} at K = {k}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value).at(k as f64));
    }
    let caption = "Fidelity with 95% intervals over items; linfa's k-means beside ours";
    chart
        .save(context.folder(), "fidelity", caption)
        .context("cannot draw the fidelity plot")
}

fn balance_plot(context: &Context<'_>, points: &[Measurement]) -> Result<PlotFile> {
    let labels: Vec<String> = points.iter().map(label).collect();
    let rows = labels.iter().zip(points);
    let rows = rows.map(|(label, p)| {
        let point = Point::new(p.k as f64, p.gini.estimate);
        let point = match p.n_seeds {
            1 => point,
            _ => point.with_interval(p.gini.low, p.gini.high),
        };
        (label.as_str(), point)
    });
    let mut chart = LineChart::new(
        "Balance over codebook size",
        Axis::new("centroids K", AxisScale::Log2),
        Axis::linear("Gini coefficient of list sizes").from_zero(),
    );
    for series in series_of(rows) {
        chart = chart.series(series);
    }
    let caption = "How unevenly lists are filled: 0 where all are equal; 95% intervals over seeds";
    chart
        .save(context.folder(), "balance", caption)
        .context("cannot draw the balance plot")
}

fn label(point: &Measurement) -> String {
    match point.trainer {
        LINFA => format!("{}, linfa", point.dataset),
        _ => point.dataset.to_string(),
    }
}
