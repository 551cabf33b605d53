//! Streams of episodes: calm ones, and three ways of going from one domain to another.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::Parameters;

/// Names a way of going from one domain to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Switch {
    /// From one episode to the next.
    Abrupt,
    /// The share of the new domain rises from nothing to everything.
    Gradual,
    /// To the new domain and back, again and again.
    Recurring,
}

impl Switch {
    pub(super) const ALL: [Self; 3] = [Self::Abrupt, Self::Gradual, Self::Recurring];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Abrupt => "abrupt",
            Self::Gradual => "gradual",
            Self::Recurring => "recurring",
        }
    }

    /// Returns how many episodes of a switch are watched for an alarm.
    pub(super) fn horizon(self, p: &Parameters) -> usize {
        match self {
            Self::Abrupt | Self::Gradual => p.episodes_after,
            Self::Recurring => p.recurring_episodes,
        }
    }
}

/// Holds the errors of a stream and where its switches begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stream {
    pub(super) errors: Vec<f64>,
    /// Positions of the first episode of each switch to the new domain.
    pub(super) switches: Vec<usize>,
}

/// Draws streams from the errors that episodes of domains have under one codebook.
///
/// Episodes are drawn with replacement: a stream is what the domain's texts are, in no order.
#[derive(Debug)]
pub(super) struct Drawer<'a> {
    parameters: &'a Parameters,
    rng: ChaCha8Rng,
}

impl<'a> Drawer<'a> {
    /// Makes a drawer whose draws `seed` and `stream` decide.
    pub(super) fn new(parameters: &'a Parameters, seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { parameters, rng }
    }

    /// Draws a stream of one domain.
    pub(super) fn calm(&mut self, errors: &[f64]) -> Stream {
        Stream {
            errors: self.draw(errors, self.parameters.calm_episodes),
            switches: Vec::new(),
        }
    }

    /// Draws a stream that goes from the old domain to the new one.
    pub(super) fn switch(&mut self, switch: Switch, old: &[f64], new: &[f64]) -> Stream {
        let p = self.parameters;
        let mut errors = self.draw(old, p.episodes_before);
        let mut switches = vec![errors.len()];
        match switch {
            Switch::Abrupt => errors.extend(self.draw(new, p.episodes_after)),
            Switch::Gradual => {
                for at in 0..p.episodes_after {
                    let share = (at + 1) as f64 / p.gradual_episodes as f64;
                    let domain = if self.rng.random::<f64>() < share {
                        new
                    } else {
                        old
                    };
                    errors.extend(self.draw(domain, 1));
                }
            }
            Switch::Recurring => {
                switches.clear();
                for _ in 0..p.recurring_switches {
                    switches.push(errors.len());
                    errors.extend(self.draw(new, p.recurring_episodes));
                    errors.extend(self.draw(old, p.recurring_episodes));
                }
            }
        }
        Stream { errors, switches }
    }

    fn draw(&mut self, errors: &[f64], n: usize) -> Vec<f64> {
        (0..n)
            .map(|_| errors[self.rng.random_range(0..errors.len())])
            .collect()
    }
}

/// Holds what a rule did on one stream with switches.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Heard {
    /// Whether there was an alarm before the first switch; such a stream tells no delay.
    pub(super) false_before: bool,
    /// Episodes of each switch up to and with the one that raised the alarm; `None` where none did.
    pub(super) delays: Vec<Option<usize>>,
}

impl Heard {
    /// Assigns alarms to the switches that they follow within `horizon` episodes.
    pub(super) fn of(stream: &Stream, alarms: &[usize], horizon: usize) -> Self {
        let first = stream.switches.first().copied().unwrap_or(usize::MAX);
        let delay = |&start: &usize| {
            let heard = alarms
                .iter()
                .find(|at| (start..start + horizon).contains(*at));
            heard.map(|at| at - start + 1)
        };
        Self {
            false_before: alarms.iter().any(|at| *at < first),
            delays: stream.switches.iter().map(delay).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_belong_to_the_switch_before_them() {
        let stream = Stream {
            errors: vec![0.0; 40],
            switches: vec![10, 30],
        };
        let heard = Heard::of(&stream, &[12, 25], 10);
        assert_eq!(heard.delays, [Some(3), None]);
        assert!(!heard.false_before);
        let heard = Heard::of(&stream, &[9, 10, 39], 10);
        assert_eq!(heard.delays, [Some(1), Some(10)]);
        assert!(heard.false_before);
    }

    #[test]
    fn streams_have_the_shape_that_the_parameters_say() -> anyhow::Result<()> {
        let p = super::super::tests::parameters()?;
        let (old, new) = ([0.0], [1.0]);
        let mut drawer = Drawer::new(&p, 42, 0);
        let abrupt = drawer.switch(Switch::Abrupt, &old, &new);
        assert_eq!(abrupt.errors.iter().sum::<f64>(), p.episodes_after as f64);
        assert_eq!(abrupt.errors[abrupt.switches[0]], 1.0);
        assert_eq!(abrupt.errors[abrupt.switches[0] - 1], 0.0);
        let gradual = drawer.switch(Switch::Gradual, &old, &new);
        let arrived = gradual.switches[0] + p.gradual_episodes;
        assert!(gradual.errors[arrived..].iter().all(|x| *x == 1.0));
        let on_the_way: f64 = gradual.errors[..arrived].iter().sum();
        let half = p.gradual_episodes as f64 / 2.0;
        assert!((on_the_way - half).abs() < half / 2.0, "{on_the_way}");
        let recurring = drawer.switch(Switch::Recurring, &old, &new);
        assert_eq!(recurring.switches.len(), p.recurring_switches);
        for start in recurring.switches {
            assert_eq!(recurring.errors[start], 1.0);
            assert_eq!(recurring.errors[start + p.recurring_episodes], 0.0);
        }
        assert_eq!(drawer.calm(&old).errors, vec![0.0; p.calm_episodes]);
        Ok(())
    }
}
