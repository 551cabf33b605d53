//! The plots of H5.

use anyhow::{Context as _, Result};
use rm_core::DriftConfig;

use super::super::chart::series_of;
use super::errors::Episodes;
use super::recall::{Phase, RecallRow};
use super::report::{find, worlds};
use super::rule::Rule;
use super::shift::Method;
use super::stream::Switch;
use super::world::WorldName;
use super::{Measurements, Parameters};
use crate::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point, Reference, Series,
};
use crate::suite::Context;

/// Fewest false alarms per 1,000 that the logarithmic axis shows.
const FEWEST_SHOWN: f64 = 0.1;

pub(super) fn all(
    context: &Context<'_>,
    p: &Parameters,
    m: &Measurements,
) -> Result<Vec<PlotFile>> {
    let mut plots = Vec::new();
    for world in worlds(m) {
        plots.extend(delay_over_false_alarms(context, p, m, world)?);
    }
    plots.push(delay_over_jump(context, p, m)?);
    for world in worlds(m) {
        plots.extend(told_by_switch(context, p, m, world)?);
    }
    plots.push(recall(context, p, m)?);
    Ok(plots)
}

fn title_of((world, episodes): (WorldName, Episodes)) -> String {
    format!("{world}, episodes are {episodes}")
}

/// Draws what each threshold of each rule costs in false alarms and gives in delay; of worlds with both
/// kinds of episodes, what a memory is asked.
fn delay_over_false_alarms(
    context: &Context<'_>,
    p: &Parameters,
    m: &Measurements,
    world: (WorldName, Episodes),
) -> Result<Option<PlotFile>> {
    let roc = m.detection.roc.iter().filter(|row| {
        (row.world, row.episodes) == world && row.false_alarms_per_1000 >= FEWEST_SHOWN
    });
    let points = roc.map(|row| {
        let point = Point::new(row.false_alarms_per_1000, row.mean_delay_episodes);
        (
            row.rule.label(),
            point.with_interval(row.mean_delay_ci_low, row.mean_delay_ci_high),
        )
    });
    let series = series_of(points);
    if series.is_empty() {
        return Ok(None);
    }
    let mut chart = LineChart::new(
        &format!("Delay over false alarms, {}", title_of(world)),
        Axis::new("false alarms per 1,000 calm episodes", AxisScale::Log10),
        Axis::linear("mean delay (episodes)").from_zero(),
    );
    for series in series {
        chart = chart.series(series);
    }
    if let Some(row) = find(m, world, Switch::Abrupt, Rule::Ratio, true) {
        let at = row.false_alarms_per_1000.max(FEWEST_SHOWN);
        let label = if row.false_alarms_per_1000 < FEWEST_SHOWN {
            format!("published constants (at {:.2})", row.false_alarms_per_1000)
        } else {
            "published constants".to_owned()
        };
        let point = Point::new(at, row.mean_delay_episodes);
        let point = point.with_interval(row.mean_delay_ci_low, row.mean_delay_ci_high);
        chart = chart.series(Series::new(&label, vec![point]));
    }
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {} episodes", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = format!(
        "{}: each point is one threshold, on abrupt switches; one that is not told within {} episodes counts as {}",
        title_of(world),
        p.episodes_after,
        p.episodes_after
    );
    let stem = format!("delay-over-false-alarms-{}-{}", world.0, world.1);
    let plot = chart.save(context.folder(), &stem, &caption);
    plot.map(Some).context("cannot draw the delay plot")
}

/// Draws the published rule's delay on each pair of domains over how much the error rises.
fn delay_over_jump(context: &Context<'_>, p: &Parameters, m: &Measurements) -> Result<PlotFile> {
    let config = DriftConfig::default();
    let mut chart = LineChart::new(
        "Delay of the published rule over the rise of the error",
        Axis::linear("error in the new domain over error at home"),
        Axis::new("median delay (episodes)", AxisScale::Log10),
    );
    let labels: Vec<String> = m
        .detection
        .pairs
        .iter()
        .map(|pair| format!("{}, {}", pair.world, pair.episodes))
        .collect();
    let points = m.detection.pairs.iter().zip(&labels).map(|(pair, label)| {
        let point = Point::new(pair.error_jump, pair.median_delay_episodes);
        (label.as_str(), point)
    });
    for series in series_of(points) {
        chart = chart.series(series.without_line());
    }
    // The mean of a window of which d episodes are new is 1 + (d / window) * (jump - 1) times the baseline.
    let steps = (0..=60).map(|step| config.alarm_ratio + 0.01 + 0.01 * f64::from(step));
    let largest = m.detection.pairs.iter().map(|pair| pair.error_jump);
    let largest = largest.fold(config.alarm_ratio + 0.1, f64::max);
    let expected = steps.filter(|jump| *jump <= largest).map(|jump| {
        let delay = config.window as f64 * (config.alarm_ratio - 1.0) / (jump - 1.0);
        Point::new(jump, delay)
    });
    let expected = Series::new("errors without noise", expected.collect());
    chart = chart.series(expected.without_markers());
    if let Some(figure) = context.definition().published.figure() {
        let label = format!("published: {} episodes", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value));
    }
    let caption = format!(
        "Each point is a pair of domains, old and new; at {} episodes more than half of the switches were not told",
        p.episodes_after
    );
    chart
        .save(context.folder(), "delay-over-jump", &caption)
        .context("cannot draw the plot of pairs")
}

/// Draws how many switches each rule tells soon.
fn told_by_switch(
    context: &Context<'_>,
    p: &Parameters,
    m: &Measurements,
    world: (WorldName, Episodes),
) -> Result<Option<PlotFile>> {
    let categories = Switch::ALL.map(|switch| switch.label().to_owned()).to_vec();
    let mut chart = BarChart::new(
        &format!(
            "Switches told within {} episodes, {}",
            p.within_episodes,
            title_of(world)
        ),
        Axis::linear("share of switches").with_range(0.0, 1.0),
        categories,
    );
    let published = ("ratio rule, published constants", Rule::Ratio, true);
    let set = Rule::ALL.map(|rule| (rule.label(), rule, false));
    for (label, rule, is_published) in std::iter::once(published).chain(set) {
        let bars = Switch::ALL.into_iter().filter_map(|switch| {
            let row = find(m, world, switch, rule, is_published)?;
            let bar = Bar::new(row.share_within);
            Some(bar.with_interval(row.share_within_ci_low, row.share_within_ci_high))
        });
        chart = chart.series(BarSeries::new(label, bars.collect()));
    }
    let caption = format!(
        "{}: the published constants, and three rules set for {} false alarm per 1,000 calm episodes; gradual switches \
         are half done after {} episodes",
        title_of(world),
        p.false_alarms_per_1000,
        p.gradual_episodes / 2
    );
    let stem = format!("told-{}-{}", world.0, world.1);
    let plot = chart.save(context.folder(), &stem, &caption);
    plot.map(Some).context("cannot draw the plot of switches")
}

/// Draws recall before, during and after.
fn recall(context: &Context<'_>, p: &Parameters, m: &Measurements) -> Result<PlotFile> {
    let worlds = super::world::order(&p.worlds);
    let is_there = |world: &WorldName| m.recall.rows.iter().any(|row| row.world == *world);
    let worlds: Vec<WorldName> = worlds.into_iter().filter(is_there).collect();
    let mut chart = BarChart::new(
        "Recall round a shift, at an equal share of items compared",
        Axis::linear(&format!("R@{} vs dense", p.top_k)).with_range(0.0, 1.0),
        worlds.iter().map(ToString::to_string).collect(),
    );
    let of = |wanted: &dyn Fn(&RecallRow) -> bool| -> Vec<Bar> {
        let rows = worlds.iter().filter_map(|world| {
            let mut rows = m.recall.rows.iter();
            rows.find(|row| row.world == *world && wanted(row))
        });
        let bars = rows.map(|row| {
            let bar = Bar::new(row.recall_at_equal_share);
            bar.with_interval(row.equal_share_ci_low, row.equal_share_ci_high)
        });
        bars.collect()
    };
    let before = of(&|row| row.phase == Phase::Before);
    chart = chart.series(BarSeries::new("before: old domain", before));
    for method in Method::ALL {
        let label = match method {
            Method::Nothing => "new domain, no adaptation",
            _ => method.label(),
        };
        let bars = of(&|row| row.about_new && row.method == method);
        chart = chart.series(BarSeries::new(label, bars));
    }
    let caption = "Questions about the old domain before the shift, and about the new one after it, with 95% \
                   intervals over questions; each method compares as many items as no adaptation does";
    chart
        .save(context.folder(), "recall-round-a-shift", caption)
        .context("cannot draw the recall plot")
}
