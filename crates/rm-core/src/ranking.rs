//! All centroids of one query, ranked only as far as somebody asks.

use crate::route::{Probe, Signals};

/// Holds the score of every centroid, in no order.
pub(crate) struct Ranking {
    probes: Vec<Probe>,
}

impl Ranking {
    pub(crate) fn new(probes: Vec<Probe>) -> Self {
        Self { probes }
    }

    /// Reads the signals off the best two centroids.
    pub(crate) fn signals(&self) -> Signals {
        let mut best: [Option<Probe>; 2] = [None, None];
        for probe in &self.probes {
            let beats = |other: &Option<Probe>| {
                other
                    .as_ref()
                    .is_none_or(|other| Probe::by_rank(probe, other).is_lt())
            };
            if beats(&best[0]) {
                best = [Some(*probe), best[0]];
            } else if beats(&best[1]) {
                best[1] = Some(*probe);
            }
        }
        Signals::of(best.into_iter().flatten().collect::<Vec<_>>().as_slice())
    }

    /// Iterates over the centroids that pass `eligible`, best first; the first `expected` cost a partial
    /// sort, whoever asks for more pays for a whole one.
    pub(crate) fn best_first(
        mut self,
        expected: usize,
        eligible: impl Fn(&Probe) -> bool,
    ) -> impl Iterator<Item = Probe> {
        self.probes.retain(eligible);
        let expected = expected.min(self.probes.len());
        if expected > 0 && expected < self.probes.len() {
            self.probes
                .select_nth_unstable_by(expected - 1, Probe::by_rank);
        }
        let mut rest = self.probes.split_off(expected);
        self.probes.sort_unstable_by(Probe::by_rank);
        let rest = std::iter::once_with(move || {
            rest.sort_unstable_by(Probe::by_rank);
            rest
        });
        self.probes.into_iter().chain(rest.flatten())
    }
}
