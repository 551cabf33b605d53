//! How soon each rule tells a switch, and how often it tells one for nothing.

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use rm_core::DriftConfig;
use serde::Serialize;

use super::Parameters;
use super::errors::{Episodes, Half, HomeErrors, of_seeds};
use super::rule::Rule;
use super::stream::{Drawer, Heard, Stream, Switch};
use super::told::Told;
use super::world::{World, WorldName};
use crate::metrics::{Bootstrap, mean};
use crate::output::Table;
use crate::suite::{Context, TextKind};

/// Keeps the seeds of the calibration apart from those that are shown.
const CALIBRATION_SEEDS: u64 = 1 << 32;
/// Every how many thresholds one is shown in `roc.csv`.
const SHOWN_THRESHOLDS: usize = 5;

/// Is one line of `detection.csv`: one rule and one way of switching.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DetectionRow {
    pub(super) world: WorldName,
    pub(super) text_kind: TextKind,
    pub(super) episodes: Episodes,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) n_seeds: usize,
    pub(super) switch: Switch,
    pub(super) rule: Rule,
    /// Whether the threshold is the published one or set for the wanted rate of false alarms.
    pub(super) threshold_is: &'static str,
    pub(super) threshold: f64,
    pub(super) streams: usize,
    pub(super) streams_with_alarm_before: usize,
    pub(super) switches: usize,
    /// A switch that was not told counts as told at the end of the horizon, here and in the mean.
    pub(super) median_delay_episodes: f64,
    pub(super) median_delay_ci_low: f64,
    pub(super) median_delay_ci_high: f64,
    pub(super) mean_delay_episodes: f64,
    pub(super) mean_delay_ci_low: f64,
    pub(super) mean_delay_ci_high: f64,
    pub(super) horizon_episodes: usize,
    pub(super) share_told: f64,
    pub(super) share_within: f64,
    pub(super) share_within_ci_low: f64,
    pub(super) share_within_ci_high: f64,
    pub(super) within_episodes: usize,
    pub(super) false_alarms_per_1000: f64,
    pub(super) false_alarms_ci_low: f64,
    pub(super) false_alarms_ci_high: f64,
    pub(super) calm_episodes_watched: usize,
}

/// Is one line of `roc.csv`: one threshold of one rule, on abrupt switches.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RocRow {
    pub(super) world: WorldName,
    pub(super) episodes: Episodes,
    pub(super) rule: Rule,
    pub(super) threshold: f64,
    pub(super) false_alarms_per_1000: f64,
    pub(super) mean_delay_episodes: f64,
    pub(super) mean_delay_ci_low: f64,
    pub(super) mean_delay_ci_high: f64,
    pub(super) share_within: f64,
}

/// Is one line of `pairs.csv`: the published rule on abrupt switches between two domains.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PairRow {
    pub(super) world: WorldName,
    pub(super) episodes: Episodes,
    pub(super) old_domain: String,
    pub(super) new_domain: String,
    /// Mean error of new episodes over that of old ones.
    pub(super) error_jump: f64,
    pub(super) error_at_home: f64,
    /// A switch that was not told counts as told at the end of the horizon, here and in the mean.
    pub(super) median_delay_episodes: f64,
    pub(super) mean_delay_episodes: f64,
    pub(super) share_within: f64,
}

/// Holds a threshold that was set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calibrated {
    pub(super) world: WorldName,
    pub(super) episodes: Episodes,
    pub(super) rule: Rule,
    pub(super) threshold: f64,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Detection {
    pub(super) rows: Vec<DetectionRow>,
    pub(super) roc: Vec<RocRow>,
    pub(super) pairs: Vec<PairRow>,
    pub(super) calibrated: Vec<Calibrated>,
}

/// The tables of this part.
pub(super) struct Tables {
    detection: Table<DetectionRow>,
    roc: Table<RocRow>,
    pairs: Table<PairRow>,
}

impl Tables {
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            detection: context.table("detection")?,
            roc: context.table("roc")?,
            pairs: context.table("pairs")?,
        })
    }

    pub(super) fn finish(self) -> Result<()> {
        self.detection.finish()?;
        self.roc.finish()?;
        self.pairs.finish()
    }
}

/// Measures all rules on one world.
pub(super) fn measure(
    context: &Context<'_>,
    p: &Parameters,
    world: &World,
    episodes: Episodes,
    tables: &mut Tables,
    detection: &mut Detection,
) -> Result<()> {
    let label = format!("H5 {}: {episodes}", world.name);
    let task = context.progress().task(&label, 6, "steps");
    let seeds = |from: u64| (0..p.n_seeds).map(move |at| from.wrapping_add(at));
    let run = Run {
        p,
        config: DriftConfig::default(),
        world,
        episodes,
    };
    let calibration: Vec<u64> = seeds(context.seed().wrapping_add(CALIBRATION_SEEDS)).collect();
    let errors = of_seeds(world, episodes, Half::Calibration, &calibration, p)?;
    task.advance(1);
    let calm = run.calm_streams(&errors, &calibration);
    let mut calibrated = Vec::new();
    for rule in Rule::ALL {
        calibrated.push(Calibrated {
            world: world.name,
            episodes,
            rule,
            threshold: run.calibrate(rule, &calm)?,
        });
    }
    task.advance(1);
    let shown: Vec<u64> = seeds(context.seed()).collect();
    let errors = of_seeds(world, episodes, Half::Shown, &shown, p)?;
    let streams = Streams::draw(&run, &errors, &shown);
    task.advance(1);
    let published = (Rule::Ratio, run.config.alarm_ratio, "published");
    let set = calibrated
        .iter()
        .map(|c| (c.rule, c.threshold, "calibrated"));
    for (rule, threshold, threshold_is) in std::iter::once(published).chain(set) {
        for row in run.rows(rule, threshold, threshold_is, &streams, &errors)? {
            tables.detection.write(&row)?;
            detection.rows.push(row);
        }
    }
    task.advance(1);
    for row in run.roc(&streams)? {
        tables.roc.write(&row)?;
        detection.roc.push(row);
    }
    task.advance(1);
    for row in run.pairs(&streams, &errors)? {
        tables.pairs.write(&row)?;
        detection.pairs.push(row);
    }
    task.advance(1);
    detection.calibrated.extend(calibrated);
    Ok(())
}

/// Is what all steps on one world need.
struct Run<'a> {
    p: &'a Parameters,
    config: DriftConfig,
    world: &'a World,
    episodes: Episodes,
}

/// Holds the streams that rules are shown on.
struct Streams {
    /// One for each seed and home.
    calm: Vec<Vec<Stream>>,
    /// One for each way of switching, seed and pair.
    switches: Vec<(Switch, Vec<Vec<Stream>>)>,
}

impl Streams {
    fn draw(run: &Run<'_>, errors: &[Vec<HomeErrors>], seeds: &[u64]) -> Self {
        let draw = |switch: Switch| {
            let of_seed = |(homes, &seed): (&Vec<HomeErrors>, &u64)| {
                let mut drawer = Drawer::new(run.p, seed, 1 + switch as u64);
                let pairs = run.world.pairs();
                pairs
                    .map(|(old, new)| {
                        drawer.switch(switch, &homes[old].calm, &homes[old].foreign[new])
                    })
                    .collect()
            };
            (switch, errors.iter().zip(seeds).map(of_seed).collect())
        };
        Self {
            calm: run.calm_streams(errors, seeds),
            switches: Switch::ALL.map(draw).into_iter().collect(),
        }
    }
}

impl Run<'_> {
    fn calm_streams(&self, errors: &[Vec<HomeErrors>], seeds: &[u64]) -> Vec<Vec<Stream>> {
        let of_seed = |(homes, &seed): (&Vec<HomeErrors>, &u64)| {
            let mut drawer = Drawer::new(self.p, seed, 0);
            homes.iter().map(|home| drawer.calm(&home.calm)).collect()
        };
        errors.iter().zip(seeds).map(of_seed).collect()
    }

    fn alarms(&self, rule: Rule, threshold: f64, stream: &Stream) -> Result<Vec<usize>> {
        let delta = self.p.page_hinkley_delta;
        rule.alarms(threshold, delta, &self.config, &stream.errors)
    }

    /// Returns false alarms per 1,000 calm episodes, one figure a seed.
    fn false_alarms(&self, rule: Rule, threshold: f64, calm: &[Vec<Stream>]) -> Result<Vec<f64>> {
        let watched = self.p.calm_episodes - self.config.baseline;
        calm.par_iter()
            .map(|streams| {
                let mut alarms = 0;
                for stream in streams {
                    alarms += self.alarms(rule, threshold, stream)?.len();
                }
                Ok(1e3 * alarms as f64 / (watched * streams.len()) as f64)
            })
            .collect()
    }

    /// Returns the threshold that alarms most and not too often, the more a threshold asks for the less often.
    fn calibrate(&self, rule: Rule, calm: &[Vec<Stream>]) -> Result<f64> {
        let thresholds = rule.thresholds();
        let (mut low, mut high) = (0, thresholds.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let rates = self.false_alarms(rule, thresholds[middle], calm)?;
            if mean(&rates).unwrap_or(0.0) > self.p.false_alarms_per_1000 {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        thresholds.get(low).copied().with_context(|| {
            format!(
                "no threshold of the {} raises as few as {} false alarms per 1,000 episodes",
                rule.label(),
                self.p.false_alarms_per_1000
            )
        })
    }

    fn rows(
        &self,
        rule: Rule,
        threshold: f64,
        threshold_is: &'static str,
        streams: &Streams,
        errors: &[Vec<HomeErrors>],
    ) -> Result<Vec<DetectionRow>> {
        let false_alarms = self.false_alarms(rule, threshold, &streams.calm)?;
        let false_alarms = Bootstrap::default().mean(&false_alarms)?;
        let homes = errors.first().context("no seed")?;
        let n_items = homes.iter().map(|home| home.n_items).max().unwrap_or(0);
        let k = homes.iter().map(|home| home.k).max().unwrap_or(0);
        let rows = streams.switches.iter().map(|(switch, of_seeds)| {
            let told = self.told(rule, threshold, *switch, of_seeds)?;
            Ok(DetectionRow {
                world: self.world.name,
                text_kind: self.world.name.kind(),
                episodes: self.episodes,
                n_items,
                k,
                n_seeds: of_seeds.len(),
                switch: *switch,
                rule,
                threshold_is,
                threshold,
                streams: of_seeds.iter().map(Vec::len).sum(),
                streams_with_alarm_before: told.false_before,
                switches: told.delays.len(),
                median_delay_episodes: told.median.estimate,
                median_delay_ci_low: told.median.low,
                median_delay_ci_high: told.median.high,
                mean_delay_episodes: told.mean.estimate,
                mean_delay_ci_low: told.mean.low,
                mean_delay_ci_high: told.mean.high,
                horizon_episodes: switch.horizon(self.p),
                share_told: told.share_told(),
                share_within: told.within.estimate,
                share_within_ci_low: told.within.low,
                share_within_ci_high: told.within.high,
                within_episodes: self.p.within_episodes,
                false_alarms_per_1000: false_alarms.estimate,
                false_alarms_ci_low: false_alarms.low,
                false_alarms_ci_high: false_alarms.high,
                calm_episodes_watched: streams.calm.iter().map(Vec::len).sum::<usize>()
                    * (self.p.calm_episodes - self.config.baseline),
            })
        });
        rows.collect()
    }

    fn told(
        &self,
        rule: Rule,
        threshold: f64,
        switch: Switch,
        of_seeds: &[Vec<Stream>],
    ) -> Result<Told> {
        let horizon = switch.horizon(self.p);
        let heard: Vec<Vec<Heard>> = of_seeds
            .par_iter()
            .map(|streams| {
                let heard = streams.iter().map(|stream| {
                    let alarms = self.alarms(rule, threshold, stream)?;
                    Ok(Heard::of(stream, &alarms, horizon))
                });
                heard.collect::<Result<Vec<_>>>()
            })
            .collect::<Result<_>>()?;
        Told::of(&heard, horizon, self.p.within_episodes)
    }

    fn roc(&self, streams: &Streams) -> Result<Vec<RocRow>> {
        let mut rows = Vec::new();
        let abrupt = streams
            .switches
            .iter()
            .find(|(switch, _)| *switch == Switch::Abrupt);
        let (switch, of_seeds) = abrupt.context("no abrupt switches")?;
        for rule in Rule::ALL {
            for threshold in rule.thresholds().into_iter().step_by(SHOWN_THRESHOLDS) {
                let false_alarms = self.false_alarms(rule, threshold, &streams.calm)?;
                // Where nearly every stream has an alarm before the switch, no delay can be told.
                let Ok(told) = self.told(rule, threshold, *switch, of_seeds) else {
                    continue;
                };
                rows.push(RocRow {
                    world: self.world.name,
                    episodes: self.episodes,
                    rule,
                    threshold,
                    false_alarms_per_1000: mean(&false_alarms).unwrap_or(0.0),
                    mean_delay_episodes: told.mean.estimate,
                    mean_delay_ci_low: told.mean.low,
                    mean_delay_ci_high: told.mean.high,
                    share_within: told.within.estimate,
                });
            }
        }
        Ok(rows)
    }

    /// Looks at each pair of domains under the published rule.
    fn pairs(&self, streams: &Streams, errors: &[Vec<HomeErrors>]) -> Result<Vec<PairRow>> {
        let abrupt = streams
            .switches
            .iter()
            .find(|(switch, _)| *switch == Switch::Abrupt);
        let (_, of_seeds) = abrupt.context("no abrupt switches")?;
        let horizon = Switch::Abrupt.horizon(self.p);
        let mut rows = Vec::new();
        for (at, (old, new)) in self.world.pairs().enumerate() {
            let heard = of_seeds.iter().map(|streams| {
                let alarms = self.alarms(Rule::Ratio, self.config.alarm_ratio, &streams[at])?;
                Ok(vec![Heard::of(&streams[at], &alarms, horizon)])
            });
            let heard = heard.collect::<Result<Vec<_>>>()?;
            let Ok(told) = Told::of(&heard, horizon, self.p.within_episodes) else {
                continue;
            };
            let jumps = errors.iter().filter_map(|homes| homes[old].jump(new));
            let home = errors.iter().filter_map(|homes| mean(&homes[old].calm));
            rows.push(PairRow {
                world: self.world.name,
                episodes: self.episodes,
                old_domain: self.world.domains[old].name.clone(),
                new_domain: self.world.domains[new].name.clone(),
                error_jump: mean(&jumps.collect::<Vec<_>>()).unwrap_or(0.0),
                error_at_home: mean(&home.collect::<Vec<_>>()).unwrap_or(0.0),
                median_delay_episodes: told.median.estimate,
                mean_delay_episodes: told.mean.estimate,
                share_within: told.within.estimate,
            });
        }
        Ok(rows)
    }
}
