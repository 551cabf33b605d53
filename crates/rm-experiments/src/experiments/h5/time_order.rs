//! Reddit titles in the order they were posted in: drift as it comes, without a moment when it begins.

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use rm_core::{DriftConfig, KRule, Trainer, Vectors, train};
use serde::Serialize;

use super::Parameters;
use super::detection::Calibrated;
use super::rule::Rule;
use super::world::World;
use crate::corpora::shuffled;
use crate::metrics::{Bootstrap, mean};
use crate::output::Table;
use crate::suite::Context;

/// Parts that the stream is cut into; the codebook is trained on half of the first one's titles.
const PARTS: usize = 5;
/// Streams of the seed that draw the episodes of a run, and shuffle them.
const EPISODES: u64 = 96;
const SHUFFLE: u64 = 97;

/// Is one line of `time-order.csv`: one rule on one part of the stream.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TimeRow {
    /// "time" as posted, "shuffled" the same episodes in no order.
    pub(super) order: &'static str,
    pub(super) part: usize,
    pub(super) parts: usize,
    pub(super) rule: Rule,
    pub(super) threshold_is: &'static str,
    pub(super) threshold: f64,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) n_seeds: usize,
    pub(super) episodes_a_part: usize,
    pub(super) mean_error: f64,
    pub(super) alarms_per_1000: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
}

/// Runs the published rule and the calibrated ones over titles in order and shuffled.
pub(super) fn measure(
    context: &Context<'_>,
    p: &Parameters,
    world: &World,
    calibrated: &[Calibrated],
) -> Result<Vec<TimeRow>> {
    let halves: Vec<&[f32]> = world.domains.iter().map(|d| d.texts.as_slice()).collect();
    let dim = world.domains.first().context("no titles")?.texts.dim();
    let titles = Vectors::from_rows(dim, halves.concat())?;
    let first_part = titles.len() / PARTS;
    // Of the oldest titles every other one is stored, and the others are the first episodes.
    let stored: Vec<usize> = (0..first_part).step_by(2).collect();
    let items = titles.gather(&stored);
    let k = KRule::default().k(items.len());
    let codebook = train(&items, k, &Trainer::default(), context.seed())?.codebook;
    let errors: Vec<f64> = codebook
        .qerr_batch(&titles)?
        .into_iter()
        .map(f64::from)
        .collect();
    let by_part: Vec<Vec<f64>> = (0..PARTS)
        .map(|part| {
            let positions = part * first_part..(part + 1) * first_part;
            let asked = positions.filter(|at| part > 0 || at % 2 == 1);
            asked.map(|at| errors[at]).collect()
        })
        .collect();
    let a_part = (p.reddit_stream / PARTS).min(first_part / 2);
    let config = DriftConfig::default();
    let mut table: Table<TimeRow> = context.table("time-order")?;
    let mut rows = Vec::new();
    let published = (Rule::Ratio, config.alarm_ratio, "published");
    let set = calibrated
        .iter()
        .map(|c| (c.rule, c.threshold, "calibrated"));
    for (rule, threshold, threshold_is) in std::iter::once(published).chain(set) {
        for order in ["time", "shuffled"] {
            let alarms_of_seeds = (0..p.n_seeds).into_par_iter().map(|at| {
                let stream = draw(&by_part, a_part, order, context.seed().wrapping_add(at));
                let alarms = rule.alarms(threshold, p.page_hinkley_delta, &config, &stream)?;
                Ok(counts(&alarms, a_part))
            });
            let alarms_of_seeds: Vec<[f64; PARTS]> = alarms_of_seeds.collect::<Result<_>>()?;
            for (part, errors) in by_part.iter().enumerate() {
                let alarms: Vec<f64> = alarms_of_seeds.iter().map(|a| a[part]).collect();
                let interval = Bootstrap::default().mean(&alarms)?;
                let all = || by_part.iter().flatten().copied().collect::<Vec<f64>>();
                let seen = if order == "time" {
                    errors.clone()
                } else {
                    all()
                };
                let row = TimeRow {
                    order,
                    part: part + 1,
                    parts: PARTS,
                    rule,
                    threshold_is,
                    threshold,
                    n_items: items.len(),
                    k,
                    n_seeds: alarms.len(),
                    episodes_a_part: a_part,
                    mean_error: mean(&seen).unwrap_or(0.0),
                    alarms_per_1000: interval.estimate,
                    ci_low: interval.low,
                    ci_high: interval.high,
                };
                table.write(&row)?;
                rows.push(row);
            }
        }
    }
    table.finish()?;
    Ok(rows)
}

/// Draws the same number of episodes from each part, in the order of time or in none.
fn draw(by_part: &[Vec<f64>], a_part: usize, order: &str, seed: u64) -> Vec<f64> {
    let mut stream = Vec::with_capacity(a_part * by_part.len());
    for (part, errors) in by_part.iter().enumerate() {
        let drawn = shuffled(errors.len(), seed, EPISODES + 2 * part as u64);
        let mut drawn: Vec<usize> = drawn.into_iter().take(a_part).collect();
        drawn.sort_unstable();
        stream.extend(drawn.into_iter().map(|at| errors[at]));
    }
    if order == "time" {
        return stream;
    }
    let order = shuffled(stream.len(), seed, SHUFFLE);
    order.into_iter().map(|at| stream[at]).collect()
}

/// Counts alarms per 1,000 episodes of each part.
fn counts(alarms: &[usize], a_part: usize) -> [f64; PARTS] {
    let mut counts = [0.0; PARTS];
    for at in alarms {
        counts[(at / a_part).min(PARTS - 1)] += 1e3 / a_part as f64;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_counted_where_they_fall() {
        assert_eq!(
            counts(&[0, 99, 100, 499], 100),
            [20.0, 10.0, 0.0, 0.0, 10.0]
        );
    }

    #[test]
    fn time_orders_the_parts_and_shuffling_does_not() {
        let by_part: Vec<Vec<f64>> = (0..5).map(|part| vec![f64::from(part); 8]).collect();
        let ordered = draw(&by_part, 4, "time", 42);
        assert!(ordered.is_sorted());
        let mut other = draw(&by_part, 4, "shuffled", 42);
        assert!(!other.is_sorted());
        other.sort_by(f64::total_cmp);
        assert_eq!(other, ordered);
    }
}
