//! The rules that are compared, under the same conditions.

use anyhow::Result;
use rm_core::{DriftConfig, DriftEvent, DriftMonitor};
use serde::Serialize;

use super::adwin::Adwin;
use super::page_hinkley::PageHinkley;

/// Names a rule that tells drift from the quantisation errors of episodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rule {
    /// The original's: mean of the window over mean of the baseline.
    Ratio,
    /// The Page-Hinkley test.
    PageHinkley,
    /// Adaptive windowing.
    Adwin,
}

impl Rule {
    pub(super) const ALL: [Self; 3] = [Self::Ratio, Self::PageHinkley, Self::Adwin];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Ratio => "ratio rule",
            Self::PageHinkley => "Page-Hinkley",
            Self::Adwin => "ADWIN",
        }
    }

    /// Returns thresholds from the one that alarms most to the one that alarms least.
    ///
    /// They are alarm ratios, Page-Hinkley's lambda, and ADWIN's delta; its bound is so cautious for streams of
    /// this length that deltas above 1, which are no probabilities any more, belong to those compared.
    pub(super) fn thresholds(self) -> Vec<f64> {
        let steps = (0..60).map(f64::from);
        match self {
            Self::Ratio => steps.map(|step| 1.03 + 0.01 * step).collect(),
            Self::PageHinkley => steps.map(|step| 0.2 * 1.09f64.powf(step)).collect(),
            Self::Adwin => steps.map(|step| 8.0 * 10f64.powf(-step / 30.0)).collect(),
        }
    }

    /// Runs the rule over the errors of a stream and returns the positions of its alarms.
    ///
    /// All rules are silent during the baseline and rest after an alarm, as `config` says; Page-Hinkley starts
    /// anew then.
    pub(super) fn alarms(
        self,
        threshold: f64,
        page_hinkley_delta: f64,
        config: &DriftConfig,
        errors: &[f64],
    ) -> Result<Vec<usize>> {
        match self {
            Self::Ratio => {
                let config = DriftConfig {
                    alarm_ratio: threshold,
                    ..config.clone()
                };
                let mut monitor = DriftMonitor::new(config)?;
                let mut alarms = Vec::new();
                for (at, error) in errors.iter().enumerate() {
                    let event = monitor.record(*error as f32, 0.0, 0)?;
                    if matches!(event, Some(DriftEvent::Alarm(_))) {
                        alarms.push(at);
                    }
                }
                Ok(alarms)
            }
            Self::PageHinkley => {
                let fresh = PageHinkley::new(page_hinkley_delta, threshold);
                let mut test = fresh.clone();
                Ok(rested(config, errors, |error, may_alarm| {
                    let alarm = test.record(error) && may_alarm;
                    if alarm {
                        test = fresh.clone();
                    }
                    alarm
                }))
            }
            Self::Adwin => {
                let mut adwin = Adwin::new(threshold);
                Ok(rested(config, errors, |error, may_alarm| {
                    adwin.record(error) && may_alarm
                }))
            }
        }
    }
}

/// Feeds a rule and returns the positions of the alarms that it raises while it may.
fn rested(
    config: &DriftConfig,
    errors: &[f64],
    mut rule: impl FnMut(f64, bool) -> bool,
) -> Vec<usize> {
    let mut alarms: Vec<usize> = Vec::new();
    for (at, error) in errors.iter().enumerate() {
        let rests = alarms
            .last()
            .is_some_and(|last| ((at - last) as u64) < config.cooldown);
        if rule(*error, at >= config.baseline && !rests) {
            alarms.push(at);
        }
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty errors of 0.4, then sixty of 0.8.
    fn doubled() -> Vec<f64> {
        [vec![0.4; 60], vec![0.8; 60]].concat()
    }

    #[test]
    fn the_published_rule_needs_six_episodes_of_twice_the_error() -> Result<()> {
        let config = DriftConfig::default();
        let alarms = Rule::Ratio.alarms(config.alarm_ratio, 0.05, &config, &doubled())?;
        // (14 * 0.4 + 6 * 0.8) / 20 = 0.52 = 1.3 * 0.4, give or take rounding; then every 30 episodes.
        assert!(alarms[0] == 65 || alarms[0] == 66, "{alarms:?}");
        assert_eq!(alarms[1], alarms[0] + 30);
        Ok(())
    }

    #[test]
    fn every_rule_tells_a_rise_and_no_rule_a_calm() -> Result<()> {
        let config = DriftConfig::default();
        for rule in Rule::ALL {
            let middle = rule.thresholds()[20];
            let alarms = rule.alarms(middle, 0.05, &config, &doubled())?;
            assert!(
                alarms.first().is_some_and(|at| (60..80).contains(at)),
                "{rule:?}: {alarms:?}"
            );
            let of_calm = rule.alarms(middle, 0.05, &config, &[0.4; 120])?;
            assert!(of_calm.is_empty(), "{rule:?}: {of_calm:?}");
        }
        Ok(())
    }

    #[test]
    fn nothing_is_told_during_the_baseline_nor_while_it_rests() {
        let config = DriftConfig {
            baseline: 3,
            cooldown: 4,
            ..DriftConfig::default()
        };
        assert_eq!(rested(&config, &[0.0; 12], |_, may| may), [3, 7, 11]);
    }
}
