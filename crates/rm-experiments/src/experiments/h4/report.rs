//! What H4 makes of its measurements: rows and words.

use anyhow::Result;
use rm_core::KRule;

use super::measure::TUNED;
use super::plots::{self, in_words};
use super::{AtRecall, Parameters, Point};
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::output::text::grouped;
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder, Setting, TextKind};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Point],
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let largest = largest(points);
    if largest.is_empty() {
        return Ok(outcome);
    }
    for &(dataset, n_items) in &largest {
        outcome
            .rows
            .extend(rows(context, parameters, points, (dataset, n_items))?);
    }
    outcome
        .plots
        .push(plots::rules(context, points, &of_each_kind(&largest))?);
    for &(dataset, _) in &largest {
        outcome.plots.push(plots::gini(context, points, dataset)?);
        outcome
            .plots
            .extend(plots::work(context, parameters, points, dataset)?);
    }
    outcome.notes.answer = answer(parameters, points, &largest);
    outcome
        .notes
        .losses
        .extend(no_best_rule(parameters, points, &largest));
    outcome.notes.settings = vec![
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new(
            "rule \"tuned\"",
            format!(
                "that of {} at which finding the neighbours of {} stored items compares the fewest vectors",
                parameters.tuned_from.join(", "),
                parameters.n_tuning_items
            ),
        ),
        Setting::new("queries at most", parameters.n_queries),
        Setting::new(
            "seeds",
            format!(
                "{}; {} above {} items",
                parameters.n_seeds,
                parameters.few_seeds,
                grouped(parameters.many_seeds_up_to as u64)
            ),
        ),
        Setting::new(
            "work",
            "vectors that a query is compared with: all centroids, and the items of the lists probed",
        ),
    ];
    outcome.notes.remarks.push(
        "Each training draws its own first centroids, and a few trainings tell little about the spread of the Gini \
         coefficient; their intervals are rough."
            .to_owned(),
    );
    Ok(outcome)
}

/// Returns each data set with its largest size.
fn largest(points: &[Point]) -> Vec<(Dataset, usize)> {
    let mut largest: Vec<(Dataset, usize)> = Vec::new();
    for point in points {
        match largest.iter_mut().find(|(d, _)| *d == point.dataset) {
            Some((_, n_items)) => *n_items = point.n_items.max(*n_items),
            None => largest.push((point.dataset, point.n_items)),
        }
    }
    largest
}

/// Returns the first data set of each kind of text.
fn of_each_kind(largest: &[(Dataset, usize)]) -> Vec<(Dataset, usize)> {
    let first = |kind: TextKind| largest.iter().find(|(dataset, _)| dataset.kind() == kind);
    let kinds = [TextKind::Real, TextKind::Generated];
    kinds.into_iter().filter_map(first).copied().collect()
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Point],
    place: (Dataset, usize),
) -> Result<Vec<ResultRow>> {
    let here = at(points, place);
    let Some(published) = here.iter().find(|p| p.rule == parameters.published_k_rule) else {
        return Ok(Vec::new());
    };
    let (holds, why) = claim(parameters, points, published);
    let metric = format!("gini of list sizes at K = {}", in_words(&published.rule));
    let row = context.row(&metric, measured(published.gini)?);
    let mut rows = vec![placed(row, published).claim(holds).because(&why)?];
    rows.extend(budget_row(context, parameters, &here, published)?);
    rows.extend(work_rows(context, parameters, &here)?);
    for rule in [parameters.published_k_rule.as_str(), TUNED] {
        if let Some(point) = here.iter().find(|p| p.rule == rule) {
            let metric = format!("build_s, K = {}", in_words(rule));
            let row = context
                .row(&metric, Measured::exact(point.build_s)?)
                .timing();
            rows.push(
                placed(row, point).because("training and routing on all cores, vectors given")?,
            );
        }
    }
    Ok(rows)
}

/// Returns whether the published rule has the lowest Gini coefficient at every size of a data set, and where
/// another beats it most clearly.
///
/// Another rule beats it where its coefficient is lower by more than the seeds differ.
fn claim(parameters: &Parameters, points: &[Point], published: &Point) -> (bool, String) {
    let others = points
        .iter()
        .filter(|p| p.dataset == published.dataset && p.rule != parameters.published_k_rule);
    let lower = others.filter(|p| p.gini_difference.high < 0.0);
    let sizes: Vec<usize> = {
        let of_dataset = points.iter().filter(|p| p.dataset == published.dataset);
        let mut sizes: Vec<usize> = of_dataset.map(|p| p.n_items).collect();
        sizes.dedup();
        sizes
    };
    let lower: Vec<&Point> = lower.collect();
    let beaten = sizes
        .iter()
        .filter(|n| lower.iter().any(|p| p.n_items == **n))
        .count();
    let at_largest = lower.iter().filter(|p| p.n_items == published.n_items);
    let lowest = at_largest.min_by(|a, b| a.gini.estimate.total_cmp(&b.gini.estimate));
    let lowest = lowest.or_else(|| {
        lower.iter().min_by(|a, b| {
            a.gini_difference
                .estimate
                .total_cmp(&b.gini_difference.estimate)
        })
    });
    let why = match lowest {
        Some(p) => format!(
            "another rule has a lower one at {beaten} of {} sizes: at N = {} the rule {} (K = {}) has {:.4}, with {} lists",
            sizes.len(),
            grouped(p.n_items as u64),
            in_words(&p.rule),
            p.k,
            p.gini.estimate,
            if p.k < published.k { "fewer" } else { "more" }
        ),
        None => format!(
            "no rule measured has a lower one at any of {} sizes, beyond what the seeds differ by",
            sizes.len()
        ),
    };
    (lower.is_empty(), why)
}

/// Says which rule finds most for the first budget.
fn budget_row(
    context: &Context<'_>,
    parameters: &Parameters,
    here: &[&Point],
    published: &Point,
) -> Result<Option<ResultRow>> {
    let first = |point: &Point| point.budgets.first().copied().flatten();
    let best = here
        .iter()
        .filter_map(|point| Some((*point, first(point)?)));
    let best = best.max_by(|a, b| a.1.recall.estimate.total_cmp(&b.1.recall.estimate));
    let (Some((point, at)), Some(&share)) = (best, parameters.work_budgets.first()) else {
        return Ok(None);
    };
    let metric = format!(
        "R@{} vs dense at work of {}% of N, best rule",
        parameters.top_k,
        100.0 * share
    );
    let row = placed(context.row(&metric, measured(at.recall)?), point);
    let row = row.n_probes(at.n_probes.round() as u64);
    let theirs = match (first(published), at.difference) {
        (Some(theirs), Some(difference)) => format!(
            "{} finds {:.4}, the difference is {:.4} [{:.4}, {:.4}]",
            in_words(&published.rule),
            theirs.recall.estimate,
            difference.estimate,
            difference.low,
            difference.high
        ),
        _ => format!("{} cannot be routed for as much", in_words(&published.rule)),
    };
    let why = format!("rule {}; for the same work {theirs}", in_words(&point.rule));
    row.because(&why).map(Some)
}

/// Says what the first target recall costs by the best rule, the published one and the default.
fn work_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    here: &[&Point],
) -> Result<Vec<ResultRow>> {
    let Some(&target) = parameters.target_recalls.first() else {
        return Ok(Vec::new());
    };
    let Some((best, least)) = least_work(here) else {
        return Ok(Vec::new());
    };
    let default = KRule::default().to_string();
    let mut rows = Vec::new();
    for (rule, which) in [
        (best.rule.as_str(), "best rule"),
        (parameters.published_k_rule.as_str(), "the published rule"),
        (default.as_str(), "the default of rm-core"),
        (TUNED, "the rule that looks at the data"),
    ] {
        let point = here.iter().find(|p| p.rule == rule);
        let Some((point, at)) = point.and_then(|p| Some((p, work(p)?))) else {
            continue;
        };
        let metric = format!(
            "vectors compared for R@{} {target}, {which}",
            parameters.top_k
        );
        let row = placed(context.row(&metric, measured(at.work)?), point);
        let why = format!(
            "rule {}: {:.1}% of N, {:.2} times the least that any rule takes",
            in_words(rule),
            100.0 * at.work.estimate / point.n_items as f64,
            at.work.estimate / least.work.estimate
        );
        rows.push(row.n_probes(at.n_probes.round() as u64).because(&why)?);
    }
    Ok(rows)
}

fn work(point: &Point) -> Option<AtRecall> {
    point.works.first().copied().flatten()
}

/// Returns the rule that reaches the first target recall with the least work; of equals the first.
fn least_work<'a>(points: &[&'a Point]) -> Option<(&'a Point, AtRecall)> {
    let works = points.iter().filter_map(|p| Some((*p, work(p)?)));
    works.min_by(|a, b| a.1.work.estimate.total_cmp(&b.1.work.estimate))
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

/// Says in two sentences where the published rule has the lowest Gini coefficient, and what it costs in vectors compared.
fn answer(parameters: &Parameters, points: &[Point], largest: &[(Dataset, usize)]) -> String {
    let published = in_words(&parameters.published_k_rule);
    let mut ginis = Vec::new();
    let mut beaten = 0;
    let (mut shares, mut times) = (Vec::new(), Vec::new());
    for &place in largest {
        let here = at(points, place);
        let Some(point) = here.iter().find(|p| p.rule == parameters.published_k_rule) else {
            continue;
        };
        ginis.push(point.gini.estimate);
        let lower = |p: &&&Point| p.gini_difference.high < 0.0 && p.rule != point.rule;
        beaten += usize::from(here.iter().any(|p| lower(&p)));
        if let (Some((_, least)), Some(work)) = (least_work(&here), work(point)) {
            shares.push(100.0 * least.work.estimate / place.1 as f64);
            times.push(work.work.estimate / least.work.estimate);
        }
    }
    format!(
        "K = {published} gives a Gini coefficient of {}, by data set at its largest, and another rule has a lower one on \
         {beaten} of {} data sets. Even lists are not the goal, though: R@{} of {} takes comparing {}% of N with the best \
         rule, routing included, and {} times as much with {published}.",
        from_to(&ginis, 3),
        ginis.len(),
        parameters.top_k,
        parameters.target_recalls.first().copied().unwrap_or(1.0),
        from_to(&shares, 1),
        from_to(&times, 2),
    )
}

/// Writes the least and the most of some values, `0.18 to 0.26`, or the value where there is but one.
fn from_to(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (least, most) = (format!("{least:.digits$}"), format!("{most:.digits$}"));
    if least == most {
        least
    } else {
        format!("{least} to {most}")
    }
}

/// Says how far the default rule is from the best one where it is furthest, and a rule that looks at the data.
fn no_best_rule(
    parameters: &Parameters,
    points: &[Point],
    largest: &[(Dataset, usize)],
) -> Option<String> {
    let default = KRule::default().to_string();
    let worst = |rule: &str| {
        let times = largest.iter().filter_map(|&place| {
            let here = at(points, place);
            let (_, least) = least_work(&here)?;
            let point = here.iter().find(|p| p.rule == rule)?;
            Some(work(point)?.work.estimate / least.work.estimate)
        });
        times.max_by(f64::total_cmp)
    };
    Some(format!(
        "Which K is best depends on the text: for an R@{} of {} the default, {}, compares up to {:.2} times as many vectors as \
         the best rule, and the best of several K tried on stored items up to {:.2} times.",
        parameters.top_k,
        parameters.target_recalls.first()?,
        in_words(&default),
        worst(&default)?,
        worst(TUNED)?,
    ))
}

/// Returns what was measured on one data set at one size.
fn at(points: &[Point], place: (Dataset, usize)) -> Vec<&Point> {
    let here = points.iter().filter(|p| (p.dataset, p.n_items) == place);
    here.collect()
}
