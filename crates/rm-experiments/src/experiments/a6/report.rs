//! What A6 makes of its measurements: rows and words.

use anyhow::Result;

use super::{Method, Parameters, Point, Probing, Tail, TailTime, plots};
use crate::metrics::Interval;
use crate::output::text::grouped;
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Point],
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for group in groups(parameters, points) {
        outcome.rows.extend(rows(context, parameters, &group)?);
        outcome.plots.extend(plots::lorenz(context, &group)?);
        if group.len() > 1 {
            let tails = plots::tails(context, parameters, &group)?;
            let times = plots::times(context, parameters, &group)?;
            outcome.plots.extend(tails.into_iter().chain(times));
        }
    }
    let codings = parameters.codings.iter().map(|coding| coding.in_words());
    outcome.notes.answer = answer(context, parameters, points);
    outcome.notes.gains.extend(shorter_tail(parameters, points));
    outcome.notes.settings = vec![
        Setting::new("items of a list on average", parameters.items_per_list),
        Setting::new("queries at most", parameters.n_queries),
        Setting::new("seeds", parameters.n_seeds),
        Setting::new(
            "split and merge",
            format!(
                "while a list holds more than {} times the mean, at most {} K rounds; the most even codebook is kept",
                parameters.split_from, parameters.split_rounds
            ),
        ),
        Setting::new(
            "balanced training",
            "prices on long lists, then centroids that route so without prices (rm_core::Trainer::Balanced)",
        ),
        Setting::new("timed lists", codings.collect::<Vec<_>>().join("; ")),
        Setting::new(
            "timed queries",
            format!(
                "{} on one core, codebook of the first seed",
                parameters.n_timed
            ),
        ),
    ];
    outcome.notes.remarks.push(
        "Items are in random order here, so a memory that doubles goes on as it began; one whose topics change \
         grows less even than the rows on growth say."
            .to_owned(),
    );
    outcome.notes.remarks.push(
        "The number of lists, or of items, is the least that reaches the recall over all queries; intervals of \
         percentiles draw the queries again and leave that number as it is."
            .to_owned(),
    );
    Ok(outcome)
}

/// Returns the points of each data set and size: the published size before others, larger before smaller.
fn groups<'a>(parameters: &Parameters, points: &'a [Point]) -> Vec<Vec<&'a Point>> {
    let mut groups: Vec<Vec<&Point>> = Vec::new();
    for point in points {
        let same = |group: &&mut Vec<&Point>| {
            group.first().is_some_and(|first| {
                (first.dataset, first.n_items) == (point.dataset, point.n_items)
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(point),
            None => groups.push(vec![point]),
        }
    }
    // The first row of each kind of text stands for the experiment; the sort is stable.
    groups.sort_by_key(|group| {
        let n_items = group.first().map_or(0, |first| first.n_items);
        n_items != parameters.published_n_items
    });
    groups
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    group: &[&Point],
) -> Result<Vec<ResultRow>> {
    let Some((plain, remedies)) = group.split_first() else {
        return Ok(Vec::new());
    };
    let mut rows = vec![plain_gini(context, parameters, plain)?];
    for point in remedies {
        let metric = format!("gini of list sizes, {}", point.method);
        let why = format!(
            "the longest list holds {:.2} times the mean, against {:.2}; fidelity {:.4}, against {:.4} of plain training",
            point.longest, plain.longest, point.fidelity, plain.fidelity
        );
        let row = context.row(&metric, measured(point.gini)?);
        rows.push(placed(row, point).because(&why)?);
    }
    for point in group {
        let Some((before, after)) = point.growth else {
            continue;
        };
        let metric = format!(
            "gini of list sizes once the memory has doubled, {}",
            point.method
        );
        let row = context.row(&metric, measured(after)?);
        let why = format!(
            "{:.4} [{:.4}, {:.4}] on the half of the items that it was trained on",
            before.estimate, before.low, before.high
        );
        rows.push(placed(row, point).because(&why)?);
    }
    for point in group {
        for tail in first_tails(parameters, point).filter(|tail| point.reports(tail)) {
            rows.push(tail_row(context, parameters, point, tail, plain)?);
        }
    }
    for point in group.iter().filter(|point| point.method.is_compared()) {
        for tail in first_tails(parameters, point) {
            for time in &tail.times {
                rows.push(time_row(context, parameters, point, tail, time)?);
            }
        }
        let metric = format!("build_s, {}", point.method);
        let row = context
            .row(&metric, Measured::exact(point.build_s)?)
            .timing();
        rows.push(placed(row, point).because("training and routing on all cores, vectors given")?);
    }
    Ok(rows)
}

/// Gives the slowest hundredth of the searches over lists of one coding, and how far it is from the median.
fn time_row(
    context: &Context<'_>,
    parameters: &Parameters,
    point: &Point,
    tail: &Tail,
    time: &TailTime,
) -> Result<ResultRow> {
    let metric = format!(
        "p99_ms at R@{} {}, {}",
        parameters.top_k,
        tail.target_recall,
        time.coding.behind(&name(point, tail))
    );
    let row = context.row(&metric, Measured::exact(time.p99_ms)?).timing();
    let why = format!(
        "{:.2} times the median of {:.3} ms, one at a time on one core, vector given; R@{} {:.4} of all queries",
        time.p99_ms / time.p50_ms,
        time.p50_ms,
        parameters.top_k,
        time.recall
    );
    placed(row, point).because(&why)
}

fn plain_gini(context: &Context<'_>, parameters: &Parameters, plain: &Point) -> Result<ResultRow> {
    let is_published =
        (plain.n_items, plain.k) == (parameters.published_n_items, parameters.published_k);
    // At another size the published figure is no figure of this setting.
    let figure = context
        .definition()
        .published
        .figure()
        .filter(|_| is_published);
    let row = context.row("gini of list sizes", measured(plain.gini)?);
    let row = placed(row, plain).against(figure);
    let lists = format!(
        "the longest list holds {:.2} times the mean and {:.1}% of the codes are dead",
        plain.longest,
        100.0 * plain.dead_share
    );
    let why = match row.verdict() {
        Verdict::NoPublishedFigure => format!(
            "{lists}; the published figure is for {} items and K = {}",
            grouped(parameters.published_n_items as u64),
            parameters.published_k
        ),
        Verdict::Below => {
            format!("text of this kind lies in clumps of very different size: {lists}")
        }
        Verdict::Better | Verdict::Reproduced => lists,
    };
    row.because(&why)
}

/// Returns the tails at the recall that the report speaks of.
fn first_tails<'a>(parameters: &Parameters, point: &'a Point) -> impl Iterator<Item = &'a Tail> {
    let first = parameters.target_recalls.first().copied();
    point
        .tails
        .iter()
        .filter(move |tail| Some(tail.target_recall) == first)
}

fn tail_row(
    context: &Context<'_>,
    parameters: &Parameters,
    point: &Point,
    tail: &Tail,
    plain: &Point,
) -> Result<ResultRow> {
    let share = |items: f64| 100.0 * items / point.n_items as f64;
    let Interval {
        estimate,
        low,
        high,
    } = tail.p99;
    let metric = format!(
        "p99_scanned_percent at R@{} {}, {}",
        parameters.top_k,
        tail.target_recall,
        name(point, tail)
    );
    let p99 = Measured::with_interval(share(estimate), share(low), share(high))?;
    let mut row = placed(context.row(&metric, p99), point);
    if tail.probing == Probing::Lists {
        row = row.n_probes(tail.depth.round() as u64);
    }
    let mean = format!("{:.1}% scanned on average", share(tail.mean.estimate));
    let ratio = tail.p99_to_plain;
    let is_plain = point.method == plain.method && tail.probing == Probing::Lists;
    let why = if is_plain {
        mean
    } else {
        format!(
            "{:.3} [{:.3}, {:.3}] times the plain codebook's; {mean}",
            ratio.estimate, ratio.low, ratio.high
        )
    };
    row.because(&why)
}

fn name(point: &Point, tail: &Tail) -> String {
    match tail.probing {
        Probing::Lists => point.method.to_string(),
        Probing::Items => format!("{}, probing by items", point.method),
    }
}

fn measured(interval: Interval) -> Result<Measured> {
    Measured::with_interval(interval.estimate, interval.low, interval.high)
}

fn placed(row: RowBuilder, point: &Point) -> RowBuilder {
    let on = row.on(
        point.dataset.name(),
        point.dataset.kind(),
        point.n_items as u64,
    );
    on.k(point.k as u64)
}

/// Says in two sentences how uneven lists are, and what that costs the slowest searches where the remedies were measured.
fn answer(context: &Context<'_>, parameters: &Parameters, points: &[Point]) -> String {
    let groups = groups(parameters, points);
    let ginis = groups.iter().filter_map(|group| group.first());
    let ginis: Vec<f64> = ginis.map(|plain| plain.gini.estimate).collect();
    let least = ginis.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ginis.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let uneven = format!(
        "Plain training leaves a Gini coefficient of {least:.3} to {most:.3}, by data set and size (published: {}).",
        context.definition().published.text
    );
    let costs = groups
        .iter()
        .find_map(|group| tail_in_words(parameters, group));
    match costs {
        Some(costs) => format!("{uneven} {costs}"),
        None => uneven,
    }
}

/// Says what the slowest hundredth of the searches scans and takes with the plain and the balanced codebook, and how far
/// from the median that is with each coding.
fn tail_in_words(parameters: &Parameters, group: &[&Point]) -> Option<String> {
    let find = |method: Method| {
        let point = group.iter().find(|point| point.method == method)?;
        first_tails(parameters, point).find(|tail| tail.probing == Probing::Lists)
    };
    let (plain, balanced) = (find(Method::Plain)?, find(Method::Balanced)?);
    let point = group.first()?;
    let share = |items: f64| 100.0 * items / point.n_items as f64;
    let times = plain.times.iter().zip(&balanced.times);
    let times = times.map(|(plain, balanced)| {
        format!(
            "{:.2} and {:.2} ms over {} ({:.1} and {:.1} times the median)",
            plain.p99_ms,
            balanced.p99_ms,
            plain.coding.in_words(),
            plain.p99_ms / plain.p50_ms,
            balanced.p99_ms / balanced.p50_ms,
        )
    });
    let times: Vec<String> = times.collect();
    let slowest = if times.is_empty() {
        String::new()
    } else {
        format!(", which takes {}", times.join(", "))
    };
    Some(format!(
        "Where R@{} is {}, the slowest hundredth of the searches among {} items ({}) scans {:.1}% of them with the plain \
         codebook and {:.1}% with the balanced one{slowest}.",
        parameters.top_k,
        plain.target_recall,
        grouped(point.n_items as u64),
        point.dataset,
        share(plain.p99.estimate),
        share(balanced.p99.estimate),
    ))
}

/// Says what balanced training gives the slowest searches, and costs the others, where the first remedies were measured.
fn shorter_tail(parameters: &Parameters, points: &[Point]) -> Option<String> {
    let groups = groups(parameters, points);
    let group = groups.iter().find(|group| group.len() > 1)?;
    let of = |method: Method| {
        let point = group.iter().find(|point| point.method == method)?;
        first_tails(parameters, point).find(|tail| tail.probing == Probing::Lists)
    };
    let (plain, balanced) = (of(Method::Plain)?, of(Method::Balanced)?);
    let point = group.first()?;
    let percent = |items: f64| format!("{:.1}%", 100.0 * items / point.n_items as f64);
    (balanced.p99_to_plain.high < 1.0).then(|| {
        format!(
            "Balanced training shortens the slowest hundredth of the searches from {} to {} of {} items ({}) at R@{} {}; on average \
             they scan {} instead of {}.",
            percent(plain.p99.estimate),
            percent(balanced.p99.estimate),
            grouped(point.n_items as u64),
            point.dataset,
            parameters.top_k,
            balanced.target_recall,
            percent(balanced.mean.estimate),
            percent(plain.mean.estimate),
        )
    })
}
