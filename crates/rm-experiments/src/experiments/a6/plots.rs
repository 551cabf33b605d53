//! The plots of A6.

use anyhow::{Context as _, Result};

use super::{Parameters, Point, Probing, Tail, TailTime};
use crate::output::text::grouped;
use crate::plots::{Axis, Bar, BarChart, BarSeries, LineChart, PlotFile, Point as At, Series};
use crate::suite::Context;

/// Draws the Lorenz curves of one data set of one size.
pub(super) fn lorenz(context: &Context<'_>, points: &[&Point]) -> Result<Option<PlotFile>> {
    let Some(first) = points.first() else {
        return Ok(None);
    };
    let (dataset, n_items) = (first.dataset, first.n_items);
    let mut chart = LineChart::new(
        &format!(
            "Lorenz curves of list sizes, {dataset}, {} items, K = {}",
            grouped(n_items as u64),
            first.k
        ),
        Axis::linear("share of the lists, the shortest first (%)").with_range(0.0, 100.0),
        Axis::linear("share of the items that they hold (%)").with_range(0.0, 100.0),
    );
    for point in points {
        let percent = point
            .lorenz
            .iter()
            .map(|(lists, items)| At::new(100.0 * lists, 100.0 * items));
        let label = format!("{}: Gini {:.3}", point.method, point.gini.estimate);
        chart = chart.series(Series::new(&label, percent.collect()));
    }
    let equal = vec![At::new(0.0, 0.0), At::new(100.0, 100.0)];
    let equal = Series::new("all equal: Gini 0", equal).without_markers();
    let stem = format!("lorenz-{dataset}-{n_items}");
    let caption = "How unevenly the lists share the items, means over the seeds: the further below the straight line, \
                   the more uneven";
    let plot = chart
        .series(equal.with_look(6))
        .save(context.folder(), &stem, caption)
        .context("cannot draw the Lorenz curves")?;
    Ok(Some(plot))
}

/// Draws what the queries of one data set of one size scan at the first target recall.
pub(super) fn tails(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[&Point],
) -> Result<Option<PlotFile>> {
    let Some((first, &target)) = points.first().zip(parameters.target_recalls.first()) else {
        return Ok(None);
    };
    let (dataset, n_items) = (first.dataset, first.n_items);
    let mut names = Vec::new();
    let mut shown: Vec<&Tail> = Vec::new();
    for point in points {
        let at_target = point.tails.iter().filter(|t| t.target_recall == target);
        for tail in at_target.filter(|tail| point.reports(tail)) {
            names.push(match tail.probing {
                Probing::Lists => format!("{}, {:.1} lists", point.method, tail.depth),
                Probing::Items => {
                    let items = grouped(tail.depth.round() as u64);
                    format!("{}, {items} items", point.method)
                }
            });
            shown.push(tail);
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let share = |items: f64| 100.0 * items / n_items as f64;
    let bars = |bar: &dyn Fn(&Tail) -> Bar| shown.iter().map(|tail| bar(tail)).collect();
    let with_interval = |i: crate::metrics::Interval| {
        Bar::new(share(i.estimate)).with_interval(share(i.low), share(i.high))
    };
    let top_k = parameters.top_k;
    let title = format!(
        "What R@{top_k} of {target} costs, {dataset}, {} items, K = {}",
        grouped(n_items as u64),
        first.k
    );
    let chart = BarChart::new(&title, Axis::linear("items scanned (%)"), names)
        .series(BarSeries::new(
            "mean",
            bars(&|tail| with_interval(tail.mean)),
        ))
        .series(BarSeries::new(
            "95th percentile",
            bars(&|tail| Bar::new(share(tail.p95))),
        ))
        .series(BarSeries::new(
            "99th percentile",
            bars(&|tail| with_interval(tail.p99)),
        ));
    let stem = format!("tails-{dataset}-{n_items}");
    let caption = "Items that a query scans where all find the same share of the exact answers on average: probing a \
                   number of lists, or lists until a number of items is reached; 95% intervals over queries";
    let plot = chart
        .save(context.folder(), &stem, caption)
        .context("cannot draw the tails")?;
    Ok(Some(plot))
}

/// Draws how long the same searches take over lists of each coding, with the codebooks that are compared at length.
pub(super) fn times(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[&Point],
) -> Result<Option<PlotFile>> {
    let Some((first, &target)) = points.first().zip(parameters.target_recalls.first()) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    let mut shown: Vec<&TailTime> = Vec::new();
    for point in points.iter().filter(|point| point.method.is_compared()) {
        let by_lists =
            |tail: &&Tail| tail.target_recall == target && tail.probing == Probing::Lists;
        for tail in point.tails.iter().filter(by_lists) {
            for time in &tail.times {
                names.push(format!("{}, {}", point.method, time.coding.in_words()));
                shown.push(time);
            }
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let (dataset, n_items, top_k) = (first.dataset, first.n_items, parameters.top_k);
    let title = format!(
        "Search time at R@{top_k} of {target}, {dataset}, {} items, K = {}",
        grouped(n_items as u64),
        first.k
    );
    let mut chart = BarChart::new(&title, Axis::linear("milliseconds on one core"), names);
    for (name, of) in [
        ("median", (|time| time.p50_ms) as fn(&TailTime) -> f64),
        ("95th percentile", |time| time.p95_ms),
        ("99th percentile", |time| time.p99_ms),
    ] {
        let bars = shown.iter().map(|time| Bar::new(of(time)));
        chart = chart.series(BarSeries::new(name, bars.collect()));
    }
    let stem = format!("tail-times-{dataset}-{n_items}");
    let caption = "How long searches take that find the same share of the exact answers on average, vector given: codes \
                   make a scan cheaper and leave its length as it is";
    let plot = chart
        .save(context.folder(), &stem, caption)
        .context("cannot draw the times of the tails")?;
    Ok(Some(plot))
}
