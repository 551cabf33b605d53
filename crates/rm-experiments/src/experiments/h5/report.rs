//! What H5 makes of its measurements: rows and words.

use anyhow::Result;
use rm_core::DriftConfig;

use super::detection::DetectionRow;
use super::errors::Episodes;
use super::recall::{Phase, RecallRow};
use super::rule::Rule;
use super::shift::Method;
use super::stream::Switch;
use super::time_order::TimeRow;
use super::world::WorldName;
use super::{Measurements, Parameters, plots, words};
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder, Setting, Verdict};

/// What a threshold is called that was published, in tables.
pub(super) const PUBLISHED: &str = "published";

pub(super) fn outcome(context: &Context<'_>, p: &Parameters, m: &Measurements) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: rows(context, p, m)?,
        plots: plots::all(context, p, m)?,
        ..Outcome::default()
    };
    outcome.notes.answer = words::answer(p, m);
    outcome.notes.gains.extend(words::given_back(p, m));
    outcome.notes.losses.extend(words::not_told(p, m));
    outcome.notes.settings = settings(p);
    outcome.notes.remarks = words::remarks(p);
    Ok(outcome)
}

/// Returns each world with the kind of its episodes, in the order they were measured.
pub(super) fn worlds(m: &Measurements) -> Vec<(WorldName, Episodes)> {
    let mut worlds = Vec::new();
    for row in &m.detection.rows {
        if !worlds.contains(&(row.world, row.episodes)) {
            worlds.push((row.world, row.episodes));
        }
    }
    worlds
}

/// Returns the row of one rule on one world; the published thresholds or those set for equal false alarms.
pub(super) fn find(
    m: &Measurements,
    world: (WorldName, Episodes),
    switch: Switch,
    rule: Rule,
    is_published: bool,
) -> Option<&DetectionRow> {
    m.detection.rows.iter().find(|row| {
        (row.world, row.episodes) == world
            && row.switch == switch
            && row.rule == rule
            && (row.threshold_is == PUBLISHED) == is_published
    })
}

fn rows(context: &Context<'_>, p: &Parameters, m: &Measurements) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    for world in worlds(m) {
        rows.extend(detection_rows(context, p, m, world)?);
    }
    rows.extend(time_rows(context, m)?);
    for row in &m.recall.rows {
        if row.about_new {
            rows.push(recall_row(context, m, row)?);
        }
    }
    Ok(rows)
}

fn detection_rows(
    context: &Context<'_>,
    p: &Parameters,
    m: &Measurements,
    world: (WorldName, Episodes),
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let mut rows = Vec::new();
    let Some(published) = find(m, world, Switch::Abrupt, Rule::Ratio, true) else {
        return Ok(rows);
    };
    let delay = delay_row(context, published)?.against(figure);
    let why = why(m, world, delay.verdict(), figure.map(|f| f.value));
    rows.push(delay.because(&why)?);
    let share_of = |row: Option<&DetectionRow>| row.map_or(0.0, |row| 100.0 * row.share_within);
    for rule in Rule::ALL {
        let Some(row) = find(m, world, Switch::Abrupt, rule, false) else {
            continue;
        };
        let result = delay_row(context, row)?;
        let recurring = find(m, world, Switch::Recurring, rule, false);
        rows.push(result.because(&format!(
            "{}, {}: {:.1} false alarms per 1,000 calm episodes; {:.0}% of abrupt and {:.0}% of recurring switches within {}",
            rule.label(),
            threshold(row),
            row.false_alarms_per_1000,
            100.0 * row.share_within,
            share_of(recurring),
            p.within_episodes,
        ))?);
    }
    let (low, high) = (
        published.share_within_ci_low,
        published.share_within_ci_high,
    );
    let share = Measured::with_interval(published.share_within, low, high)?;
    let metric = format!(
        "share of abrupt switches told within {} episodes, published constants",
        p.within_episodes
    );
    let row = on(context.row(&metric, share), published);
    let gradual = find(m, world, Switch::Gradual, Rule::Ratio, true);
    let recurring = find(m, world, Switch::Recurring, Rule::Ratio, true);
    rows.push(row.because(&format!(
        "episodes are {}; of gradual switches {:.0}% within as many from where they begin, of recurring ones {:.0}%",
        world.1,
        share_of(gradual),
        share_of(recurring),
    ))?);
    let (low, high) = (
        published.false_alarms_ci_low,
        published.false_alarms_ci_high,
    );
    let quiet = Measured::with_interval(published.false_alarms_per_1000, low, high)?;
    let metric = "false alarms per 1,000 calm episodes, published constants";
    let row = on(context.row(metric, quiet), published);
    rows.push(row.because(&format!(
        "the other reading: {:.0}% of abrupt switches are not told within {} episodes at this rate",
        100.0 - 100.0 * published.share_told,
        p.episodes_after,
    ))?);
    Ok(rows)
}

/// Tells how often each rule alarms on the last of the titles in the order of time.
fn time_rows(context: &Context<'_>, m: &Measurements) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    let last = |row: &&TimeRow| row.part == row.parts && row.order == "time";
    for row in m.by_time.iter().filter(last) {
        let same =
            |other: &&TimeRow| (other.rule, other.threshold_is) == (row.rule, row.threshold_is);
        let others = || m.by_time.iter().filter(same);
        let shuffled = others().find(|o| o.order == "shuffled" && o.part == row.part);
        let first = others().find(|o| o.order == row.order && o.part == 1);
        let measured = Measured::with_interval(row.alarms_per_1000, row.ci_low, row.ci_high)?;
        let metric = format!(
            "alarms per 1,000 titles in the newest fifth, {}, {}",
            row.rule.label(),
            row.threshold_is
        );
        let result = context.row(&metric, measured);
        let world = WorldName::RedditByTime;
        let result = result.on(world.as_str(), world.kind(), row.n_items as u64);
        rows.push(result.k(row.k as u64).because(&format!(
            "codebook of the oldest fifth; the same episodes shuffled: {:.2}; mean error {:.3}, and {:.3} in the oldest fifth",
            shuffled.map_or(0.0, |row| row.alarms_per_1000),
            row.mean_error,
            first.map_or(0.0, |row| row.mean_error),
        ))?);
    }
    Ok(rows)
}

/// Says what the threshold of a rule is.
pub(super) fn threshold(row: &DetectionRow) -> String {
    let name = match row.rule {
        Rule::Ratio => "alarm ratio",
        Rule::PageHinkley => "lambda",
        Rule::Adwin => "delta",
    };
    format!("{name} {:.2}", row.threshold)
}

/// Explains the delay of the published rule by how much the error rises.
fn why(
    m: &Measurements,
    world: (WorldName, Episodes),
    verdict: Verdict,
    published_delay: Option<f64>,
) -> String {
    let config = DriftConfig::default();
    let pairs = m.detection.pairs.iter();
    let mut jumps: Vec<f64> = pairs
        .filter(|pair| (pair.world, pair.episodes) == world)
        .map(|pair| pair.error_jump)
        .collect();
    jumps.sort_unstable_by(f64::total_cmp);
    let low = jumps.first().copied().unwrap_or(0.0);
    let high = jumps.last().copied().unwrap_or(0.0);
    let wanted = published_delay.unwrap_or(config.window as f64);
    let needed = 1.0 + config.window as f64 * (config.alarm_ratio - 1.0) / wanted;
    let lead = match verdict {
        Verdict::Better => "sooner",
        Verdict::Below => "later",
        _ => "as soon",
    };
    format!(
        "{lead}: {wanted} episodes take an error {needed:.2} times that at home, and here it is {low:.2} to {high:.2} times, \
         by pair of domains"
    )
}

fn delay_row(context: &Context<'_>, row: &DetectionRow) -> Result<RowBuilder> {
    let (low, high) = (row.median_delay_ci_low, row.median_delay_ci_high);
    let measured = Measured::with_interval(row.median_delay_episodes, low, high)?;
    let setting = if row.threshold_is == PUBLISHED {
        "published constants".to_owned()
    } else {
        format!("{} set for equal false alarms", row.rule.label())
    };
    let metric = format!("median episodes until the alarm, {setting}");
    Ok(on(context.row(&metric, measured), row))
}

fn on(builder: RowBuilder, row: &DetectionRow) -> RowBuilder {
    let name = match row.episodes {
        Episodes::Texts => row.world.to_string(),
        Episodes::Questions => format!("{}, questions", row.world),
    };
    builder
        .on(&name, row.text_kind, row.n_items as u64)
        .k(row.k as u64)
}

fn recall_row(context: &Context<'_>, m: &Measurements, row: &RecallRow) -> Result<ResultRow> {
    let (low, high) = (row.equal_share_ci_low, row.equal_share_ci_high);
    let measured = Measured::with_interval(row.recall_at_equal_share, low, high)?;
    let metric = format!(
        "R@{} vs dense about the new domain, {}",
        row.top_k,
        row.method.label()
    );
    let result = context.row(&metric, measured);
    let result = result.on(row.world.as_str(), row.text_kind, row.n_items as u64);
    let result = result.k(row.k.round() as u64).n_probes(row.n_probes as u64);
    let scanned = 100.0 * row.equal_share;
    if row.method == Method::Nothing {
        let before = m
            .recall
            .rows
            .iter()
            .find(|other| other.world == row.world && other.phase == Phase::Before);
        let before = before.map_or(0.0, |before| before.recall_vs_dense);
        return result.because(&format!(
            "what drift costs: the old domain's questions reached {before:.3} before; {scanned:.1}% of the items compared"
        ));
    }
    result.because(&format!(
        "at the same {scanned:.1}% of the items compared: {:+.3} [{:+.3}, {:+.3}] over no adaptation; with {} probes \
         {:.3} at {:.1}%; {:.0} items moved on average",
        row.gain_at_equal_share,
        row.gain_ci_low,
        row.gain_ci_high,
        row.n_probes,
        row.recall_vs_dense,
        100.0 * row.share_scanned,
        row.items_moved,
    ))
}

fn settings(p: &Parameters) -> Vec<Setting> {
    let config = DriftConfig::default();
    vec![
        Setting::new(
            "published constants",
            format!(
                "window {}, baseline {}, alarm ratio {}, cooldown {}",
                config.window, config.baseline, config.alarm_ratio, config.cooldown
            ),
        ),
        Setting::new("seeds", p.n_seeds),
        Setting::new(
            "episodes before and after a switch",
            format!("{} and {}", p.episodes_before, p.episodes_after),
        ),
        Setting::new("gradual", format!("over {} episodes", p.gradual_episodes)),
        Setting::new(
            "recurring",
            format!(
                "{} times, {} episodes each way",
                p.recurring_switches, p.recurring_episodes
            ),
        ),
        Setting::new(
            "thresholds",
            format!(
                "at most {} false alarm per 1,000 calm episodes on one half of the texts, shown on the other half",
                p.false_alarms_per_1000
            ),
        ),
        Setting::new("Page-Hinkley's delta", p.page_hinkley_delta),
        Setting::new(
            "recall",
            format!("n = {} probes, K by 2*sqrt", p.published_n_probes),
        ),
        Setting::new("questions seen before adapting", p.seen_questions),
    ]
}
