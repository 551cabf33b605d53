//! All centroids of one query, ranked only as far as somebody asks.

use crate::CentroidId;
use crate::order::{falling, from_falling};
use crate::route::{Probe, Signals};

/// Lists that are sorted at first where nobody can say how many are wanted.
pub(crate) const FIRST_SORTED: usize = 32;

/// Holds the score of every centroid, in no order.
pub(crate) struct Ranking {
    /// A whole number for each centroid that sorts as [`Probe::by_rank`] does: the score, falling, then the id.
    keys: Vec<u64>,
}

impl Ranking {
    /// Ranks centroids by their scores, in the order of their ids.
    pub(crate) fn new(scores: &[f32]) -> Self {
        let keys = scores.iter().zip(0u32..);
        Self {
            keys: keys.map(|(score, id)| falling(*score, id)).collect(),
        }
    }

    /// Reads the signals off the best two centroids.
    pub(crate) fn signals(&self) -> Signals {
        let (mut best, mut second) = (u64::MAX, u64::MAX);
        for &key in &self.keys {
            second = second.min(key.max(best));
            best = best.min(key);
        }
        let found = [best, second].map(probe);
        Signals::of(&found[..self.keys.len().min(2)])
    }

    /// Returns the best and the mean score.
    pub(crate) fn best_and_mean_score(&self) -> (f32, f32) {
        let scores = self.keys.iter().map(|key| probe(*key).score);
        let best = scores.clone().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = scores.map(f64::from).sum();
        (best, (sum / self.keys.len().max(1) as f64) as f32)
    }

    /// Iterates over the centroids that pass `eligible`, best first; the first `expected` cost a partial
    /// sort, and so does every further stretch, each twice as long as the one before.
    pub(crate) fn best_first(
        mut self,
        expected: usize,
        eligible: impl Fn(&Probe) -> bool,
    ) -> impl Iterator<Item = Probe> {
        self.keys.retain(|key| eligible(&probe(*key)));
        BestFirst {
            keys: self.keys,
            sorted: 0,
            next: 0,
            stretch: expected.max(1),
        }
    }
}

fn probe(key: u64) -> Probe {
    let (score, id) = from_falling(key);
    Probe {
        centroid: CentroidId(id),
        score,
    }
}

/// Sorts as it goes.
struct BestFirst {
    keys: Vec<u64>,
    /// How many are sorted; all others rank behind them.
    sorted: usize,
    next: usize,
    stretch: usize,
}

impl Iterator for BestFirst {
    type Item = Probe;

    fn next(&mut self) -> Option<Probe> {
        if self.next == self.sorted {
            let rest = &mut self.keys[self.sorted..];
            let stretch = self.stretch.min(rest.len());
            if stretch > 0 && stretch < rest.len() {
                rest.select_nth_unstable(stretch - 1);
            }
            rest[..stretch].sort_unstable();
            self.sorted += stretch;
            self.stretch = self.stretch.saturating_mul(2);
        }
        let key = self.keys.get(self.next).copied()?;
        self.next += 1;
        Some(probe(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn stretches_give_what_sorting_gives(
            scores in prop::collection::vec(-3i8..3, 0..60), expected in 0usize..70,
        ) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let probes = scores.iter().enumerate().map(|(at, score)| Probe {
                centroid: CentroidId(at as u32),
                score: *score,
            });
            let mut sorted: Vec<Probe> = probes.collect();
            let even = |probe: &Probe| probe.centroid.0.is_multiple_of(2);
            let ranking = Ranking::new(&scores);
            sorted.sort_by(Probe::by_rank);
            if !sorted.is_empty() {
                prop_assert_eq!(ranking.signals(), Signals::of(&sorted));
            }
            sorted.retain(even);
            let found: Vec<Probe> = ranking.best_first(expected, even).collect();
            prop_assert_eq!(found, sorted);
        }
    }
}
