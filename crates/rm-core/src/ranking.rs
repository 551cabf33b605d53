//! All centroids of one query, ranked only as far as somebody asks.

use crate::route::{Probe, Signals};

/// Lists that are sorted at first where nobody can say how many are wanted.
pub(crate) const FIRST_SORTED: usize = 32;

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

    /// Returns the best and the mean score.
    pub(crate) fn best_and_mean_score(&self) -> (f32, f32) {
        let scores = self.probes.iter().map(|probe| probe.score);
        let best = scores.clone().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = scores.map(f64::from).sum();
        (best, (sum / self.probes.len().max(1) as f64) as f32)
    }

    /// Iterates over the centroids that pass `eligible`, best first; the first `expected` cost a partial
    /// sort, and so does every further stretch, each twice as long as the one before.
    pub(crate) fn best_first(
        mut self,
        expected: usize,
        eligible: impl Fn(&Probe) -> bool,
    ) -> impl Iterator<Item = Probe> {
        self.probes.retain(eligible);
        BestFirst {
            probes: self.probes,
            sorted: 0,
            next: 0,
            stretch: expected.max(1),
        }
    }
}

/// Sorts as it goes.
struct BestFirst {
    probes: Vec<Probe>,
    /// How many are sorted; all others rank behind them.
    sorted: usize,
    next: usize,
    stretch: usize,
}

impl Iterator for BestFirst {
    type Item = Probe;

    fn next(&mut self) -> Option<Probe> {
        if self.next == self.sorted {
            let rest = &mut self.probes[self.sorted..];
            let stretch = self.stretch.min(rest.len());
            if stretch > 0 && stretch < rest.len() {
                rest.select_nth_unstable_by(stretch - 1, Probe::by_rank);
            }
            rest[..stretch].sort_unstable_by(Probe::by_rank);
            self.sorted += stretch;
            self.stretch = self.stretch.saturating_mul(2);
        }
        let probe = self.probes.get(self.next).copied();
        self.next += usize::from(probe.is_some());
        probe
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::CentroidId;

    proptest! {
        #[test]
        fn stretches_give_what_sorting_gives(
            scores in prop::collection::vec(-3i8..3, 0..60), expected in 0usize..70,
        ) {
            let probes = scores.iter().enumerate().map(|(at, score)| Probe {
                centroid: CentroidId(at as u32),
                score: f32::from(*score),
            });
            let mut sorted: Vec<Probe> = probes.collect();
            let even = |probe: &Probe| probe.centroid.0.is_multiple_of(2);
            let ranking = Ranking::new(sorted.clone());
            sorted.sort_by(Probe::by_rank);
            sorted.retain(even);
            let found: Vec<Probe> = ranking.best_first(expected, even).collect();
            prop_assert_eq!(found, sorted);
        }
    }
}
