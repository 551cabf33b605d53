//! The monitor itself.

use std::collections::VecDeque;

use super::{DriftAlarm, DriftConfig, DriftEvent, DriftState, DriftStats};
use crate::{Error, Result};

/// Fewest queries a recent error is computed from, as in the original.
const FEWEST_RECENT: usize = 5;
/// Alarms kept for inspection; the count goes on.
const ALARMS_KEPT: usize = 1_000;
/// Baselines below this make no ratio, as in the original.
const SMALLEST_BASELINE: f64 = 1e-10;

/// Compares the quantisation error of recent queries with that of the first ones.
///
/// ```
/// use rm_core::{DriftConfig, DriftEvent, DriftMonitor};
///
/// let mut monitor = DriftMonitor::new(DriftConfig::default())?;
/// for _ in 0..50 {
///     assert_eq!(monitor.record(0.2, 0.1, 0)?, None);
/// }
/// let events: Vec<_> = (0..20).filter_map(|_| monitor.record(0.6, 0.1, 0).ok().flatten()).collect();
/// assert!(matches!(events[..], [DriftEvent::Alarm(alarm)] if alarm.episode == 53));
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DriftMonitor {
    config: DriftConfig,
    /// Quantisation error and margin of the last `window` queries.
    recent: VecDeque<(f64, f64)>,
    /// Sums of both over the first queries, until they are the baseline.
    first: (f64, f64),
    /// Number of queries in those sums.
    learned: u64,
    baseline: Option<(f64, f64)>,
    episodes: u64,
    last_alarm: Option<u64>,
    alarms: VecDeque<DriftAlarm>,
    alarm_count: u64,
    in_drift: bool,
}

impl DriftMonitor {
    /// Makes a monitor that has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for an empty window or baseline, or a ratio that is not positive.
    pub fn new(config: DriftConfig) -> Result<Self> {
        config.check()?;
        Ok(Self {
            recent: VecDeque::with_capacity(config.window),
            config,
            first: (0.0, 0.0),
            learned: 0,
            baseline: None,
            episodes: 0,
            last_alarm: None,
            alarms: VecDeque::new(),
            alarm_count: 0,
            in_drift: false,
        })
    }

    /// Makes a monitor that goes on from `state`, as after a restart.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Error::InvalidParameter`] for a state with a number that is not finite.
    pub fn resume(config: DriftConfig, state: DriftState) -> Result<Self> {
        let pairs = state
            .recent
            .iter()
            .chain(&state.baseline)
            .chain([&state.first]);
        if let Some(bad) = pairs.flat_map(|(q, m)| [*q, *m]).find(|x| !x.is_finite()) {
            return Err(Error::parameter("drift state", "finite numbers", bad));
        }
        let mut monitor = Self::new(config)?;
        let surplus = state.recent.len().saturating_sub(monitor.config.window);
        monitor.recent.extend(&state.recent[surplus..]);
        monitor.first = state.first;
        monitor.learned = state.learned;
        monitor.baseline = state.baseline;
        monitor.episodes = state.episodes;
        monitor.last_alarm = state.last_alarm.map(|last| last.min(state.episodes));
        monitor.alarm_count = state.alarms;
        monitor.in_drift = state.in_drift;
        Ok(monitor)
    }

    /// Returns what [`resume`](Self::resume) needs.
    #[must_use]
    pub fn state(&self) -> DriftState {
        DriftState {
            recent: self.recent.iter().copied().collect(),
            first: self.first,
            learned: self.learned,
            baseline: self.baseline,
            episodes: self.episodes,
            last_alarm: self.last_alarm,
            alarms: self.alarm_count,
            in_drift: self.in_drift,
        }
    }

    /// Records the signals of one query at time `now_ms` and says what that changed.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when `qerr` or `margin` is no finite number; nothing is recorded then.
    pub fn record(&mut self, qerr: f32, margin: f32, now_ms: i64) -> Result<Option<DriftEvent>> {
        for (name, value) in [("qerr", qerr), ("margin", margin)] {
            if !value.is_finite() {
                return Err(Error::parameter(name, "a finite number", value));
            }
        }
        let signals = (f64::from(qerr), f64::from(margin));
        self.episodes += 1;
        if self.recent.len() == self.config.window {
            self.recent.pop_front();
        }
        self.recent.push_back(signals);
        if self.baseline.is_some() {
            return Ok(self.compare(now_ms));
        }
        self.first = (self.first.0 + signals.0, self.first.1 + signals.1);
        self.learned += 1;
        if self.learned >= self.config.baseline as u64 {
            let count = self.learned as f64;
            self.baseline = Some((self.first.0 / count, self.first.1 / count));
        }
        Ok(None)
    }

    /// Compares the window with the baseline, once it is full.
    fn compare(&mut self, now_ms: i64) -> Option<DriftEvent> {
        if self.recent.len() < self.config.window {
            return None;
        }
        let ratio = self.ratio();
        if ratio < self.config.alarm_ratio {
            let recovered = std::mem::take(&mut self.in_drift);
            return recovered.then_some(DriftEvent::Recovered {
                episode: self.episodes,
                ratio,
            });
        }
        self.in_drift = true;
        let rested = |last: u64| self.episodes - last >= self.config.cooldown;
        if !self.last_alarm.is_none_or(rested) {
            return None;
        }
        let alarm = DriftAlarm {
            at_ms: now_ms,
            episode: self.episodes,
            ratio,
        };
        self.last_alarm = Some(self.episodes);
        self.alarm_count += 1;
        if self.alarms.len() == ALARMS_KEPT {
            self.alarms.pop_front();
        }
        self.alarms.push_back(alarm);
        Some(DriftEvent::Alarm(alarm))
    }

    /// Forgets the baseline and ends the drift: the next queries, as many as make a baseline, become it.
    ///
    /// This is for a codebook that has changed, under which errors are no longer what they were. No alarm is
    /// raised until the new baseline is there.
    pub fn relearn_baseline(&mut self) {
        self.first = (0.0, 0.0);
        self.learned = 0;
        self.baseline = None;
        self.in_drift = false;
    }

    /// Takes the recent queries as the new baseline and ends the drift.
    ///
    /// Returns whether there were enough recent queries to do so; a whole window is needed.
    pub fn reset_baseline(&mut self) -> bool {
        if self.recent.len() < self.config.window {
            return false;
        }
        self.baseline = Some(self.recent_means());
        self.in_drift = false;
        true
    }

    /// Returns whether the last comparison found drift.
    #[must_use]
    pub fn in_drift(&self) -> bool {
        self.in_drift
    }

    /// Iterates over the alarms raised, oldest first; the last thousand are kept.
    pub fn alarms(&self) -> impl ExactSizeIterator<Item = &DriftAlarm> {
        self.alarms.iter()
    }

    /// Sums up what was seen.
    #[must_use]
    pub fn stats(&self) -> DriftStats {
        let (recent_qerr, recent_margin) = self.recent_means();
        DriftStats {
            episodes: self.episodes,
            baseline_qerr: self.baseline.map(|baseline| baseline.0),
            baseline_margin: self.baseline.map(|baseline| baseline.1),
            recent_qerr,
            recent_margin,
            ratio: self.ratio(),
            in_drift: self.in_drift,
            alarms: self.alarm_count,
        }
    }

    fn recent_means(&self) -> (f64, f64) {
        if self.recent.len() < FEWEST_RECENT.min(self.config.window) {
            return (0.0, 0.0);
        }
        let sum = self
            .recent
            .iter()
            .fold((0.0, 0.0), |sum, x| (sum.0 + x.0, sum.1 + x.1));
        let count = self.recent.len() as f64;
        (sum.0 / count, sum.1 / count)
    }

    fn ratio(&self) -> f64 {
        match self.baseline {
            Some((qerr, _)) if qerr >= SMALLEST_BASELINE => self.recent_means().0 / qerr,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{DRIFT_ALARM_RATIO, DRIFT_BASELINE, DRIFT_COOLDOWN, DRIFT_WINDOW};

    fn small() -> DriftMonitor {
        let config = DriftConfig {
            window: 2,
            baseline: 4,
            alarm_ratio: 1.5,
            cooldown: 3,
        };
        DriftMonitor::new(config).expect("a valid configuration")
    }

    fn feed(monitor: &mut DriftMonitor, qerrs: &[f32]) -> Vec<Option<DriftEvent>> {
        qerrs
            .iter()
            .map(|q| monitor.record(*q, 0.1, 7).expect("a number"))
            .collect()
    }

    #[test]
    fn alarm_cooldown_and_recovery_worked_by_hand() {
        let mut monitor = small();
        assert_eq!(feed(&mut monitor, &[1.0; 4]), [None; 4]);
        // Windows: (1, 3) -> 2.0, an alarm; two more in cooldown; the next alarm at query 8.
        let events = feed(&mut monitor, &[3.0, 3.0, 3.0, 3.0]);
        let alarm = |episode, ratio| {
            Some(DriftEvent::Alarm(DriftAlarm {
                at_ms: 7,
                episode,
                ratio,
            }))
        };
        assert_eq!(events, [alarm(5, 2.0), None, None, alarm(8, 3.0)]);
        assert!(monitor.in_drift());
        // (3, 0) -> 1.5 is still drift, (0, 0) is not.
        let events = feed(&mut monitor, &[0.0, 0.0, 0.0]);
        assert_eq!(
            events,
            [
                None,
                Some(DriftEvent::Recovered {
                    episode: 10,
                    ratio: 0.0
                }),
                None
            ]
        );
        assert_eq!(monitor.stats().alarms, 2);
        assert_eq!(monitor.alarms().len(), 2);
    }

    #[test]
    fn a_new_baseline_ends_the_drift() {
        let mut monitor = small();
        assert!(!monitor.reset_baseline());
        feed(&mut monitor, &[1.0, 1.0, 1.0, 1.0, 3.0, 3.0]);
        assert!(monitor.reset_baseline());
        let stats = monitor.stats();
        assert_eq!(
            (stats.baseline_qerr, stats.ratio, stats.in_drift),
            (Some(3.0), 1.0, false)
        );
        assert_eq!(feed(&mut monitor, &[3.0; 5]), [None; 5]);
    }

    #[test]
    fn a_baseline_learned_anew_is_that_of_the_next_queries() {
        let mut monitor = small();
        feed(&mut monitor, &[1.0, 1.0, 1.0, 1.0, 3.0, 3.0]);
        assert!(monitor.in_drift());
        monitor.relearn_baseline();
        assert!(!monitor.in_drift());
        assert_eq!(monitor.stats().baseline_qerr, None);
        assert_eq!(feed(&mut monitor, &[2.0, 2.0]), [None; 2]);
        let mut monitor = DriftMonitor::resume(small().config, monitor.state()).expect("a state");
        assert_eq!(feed(&mut monitor, &[4.0, 4.0]), [None; 2]);
        assert_eq!(monitor.stats().baseline_qerr, Some(3.0));
        // (4, 5) -> 4.5 is one and a half times 3.
        let events = feed(&mut monitor, &[5.0]);
        assert!(matches!(events[..], [Some(DriftEvent::Alarm(alarm))] if alarm.ratio == 1.5));
    }

    #[test]
    fn a_perfect_baseline_raises_no_alarm() {
        let mut monitor = small();
        assert_eq!(
            feed(&mut monitor, &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
            [None; 6]
        );
    }

    #[test]
    fn what_is_no_number_is_refused_and_not_recorded() {
        let mut monitor = small();
        assert!(monitor.record(f32::NAN, 0.0, 0).is_err());
        assert!(monitor.record(0.1, f32::INFINITY, 0).is_err());
        assert_eq!(monitor.stats().episodes, 0);
        assert!(
            DriftMonitor::new(DriftConfig {
                window: 0,
                ..DriftConfig::default()
            })
            .is_err()
        );
        assert!(
            DriftMonitor::new(DriftConfig {
                alarm_ratio: f64::NAN,
                ..DriftConfig::default()
            })
            .is_err()
        );
    }

    /// Is the original's rule written down from its description, keeping the whole history.
    fn naive_alarms(qerrs: &[f32]) -> Vec<u64> {
        let mean = |xs: &[f32]| xs.iter().map(|x| f64::from(*x)).sum::<f64>() / xs.len() as f64;
        let mut alarms: Vec<u64> = Vec::new();
        for n in DRIFT_BASELINE + 1..=qerrs.len() {
            let ratio = mean(&qerrs[n - DRIFT_WINDOW..n]) / mean(&qerrs[..DRIFT_BASELINE]);
            let rested = alarms
                .last()
                .is_none_or(|last| n as u64 - last >= DRIFT_COOLDOWN);
            if ratio >= DRIFT_ALARM_RATIO && rested {
                alarms.push(n as u64);
            }
        }
        alarms
    }

    proptest! {
        #[test]
        fn alarms_are_those_of_the_naive_rule(
            calm in prop::collection::vec(0.2f32..0.4, 50..120),
            shifted in prop::collection::vec(0.2f32..0.9, 0..200), restart in 0usize..320,
        ) {
            let qerrs = [calm, shifted].concat();
            let mut monitor = DriftMonitor::new(DriftConfig::default())?;
            let mut alarms = Vec::new();
            for (at, qerr) in qerrs.iter().enumerate() {
                if at == restart {
                    monitor = DriftMonitor::resume(DriftConfig::default(), monitor.state())?;
                }
                if let Some(DriftEvent::Alarm(alarm)) = monitor.record(*qerr, 0.0, 0)? {
                    alarms.push(alarm.episode);
                }
            }
            prop_assert_eq!(alarms, naive_alarms(&qerrs));
        }
    }
}
