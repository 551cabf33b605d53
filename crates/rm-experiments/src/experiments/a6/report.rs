//! What A6 makes of its measurements: rows and words.

use anyhow::Result;

use super::{Method, Parameters, Point, Probing, Tail, plots};
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
            outcome
                .plots
                .extend(plots::tails(context, parameters, &group)?);
        }
    }
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
            let Some(p99_ms) = tail.p99_ms else { continue };
            let metric = format!(
                "p99_ms at R@{} {}, {}",
                parameters.top_k,
                tail.target_recall,
                name(point, tail)
            );
            let row = context.row(&metric, Measured::exact(p99_ms)?).timing();
            rows.push(
                placed(row, point).because("searches one at a time on one core, vector given")?,
            );
        }
        let metric = format!("build_s, {}", point.method);
        let row = context
            .row(&metric, Measured::exact(point.build_s)?)
            .timing();
        rows.push(placed(row, point).because("training and routing on all cores, vectors given")?);
    }
    Ok(rows)
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

fn answer(context: &Context<'_>, parameters: &Parameters, points: &[Point]) -> String {
    let groups = groups(parameters, points);
    let plain: Vec<String> = groups
        .iter()
        .filter_map(|group| group.first())
        .map(|p| {
            format!(
                "{:.3} on {} {} items",
                p.gini.estimate,
                grouped(p.n_items as u64),
                p.dataset
            )
        })
        .collect();
    let tails: Vec<String> = groups
        .iter()
        .filter_map(|group| tails_in_words(parameters, group))
        .collect();
    let published = &context.definition().published.text;
    format!(
        "Plain training leaves a Gini coefficient of {} (published: {published}). Where R@{} is {}, the slowest \
         hundredth of the searches scans {}.",
        plain.join(", "),
        parameters.top_k,
        parameters.target_recalls.first().copied().unwrap_or(1.0),
        tails.join("; ")
    )
}

/// Says what balancing and counting items give at the tail, and what they cost on average.
fn tails_in_words(parameters: &Parameters, group: &[&Point]) -> Option<String> {
    let find = |method: Method, probing: Probing| {
        let point = group.iter().find(|point| point.method == method)?;
        first_tails(parameters, point).find(|tail| tail.probing == probing)
    };
    let plain = find(Method::Plain, Probing::Lists)?;
    let by_items = find(Method::Plain, Probing::Items)?;
    let longer = find(Method::PlainLonger, Probing::Lists)?;
    let balanced = find(Method::Balanced, Probing::Lists)?;
    let point = group.first()?;
    let share = |items: f64| 100.0 * items / point.n_items as f64;
    let words = |tail: &Tail| {
        format!(
            "{:.1}% (all: {:.1}%)",
            share(tail.p99.estimate),
            share(tail.mean.estimate)
        )
    };
    Some(format!(
        "{} of {} {} items with the plain codebook, {} with one trained as long as the balanced one, {} with the \
         balanced one and {} with the plain one probed until a number of items is reached",
        words(plain),
        grouped(point.n_items as u64),
        point.dataset,
        words(longer),
        words(balanced),
        words(by_items)
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
