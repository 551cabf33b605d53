//! All centroids of one query, ranked only as far as somebody asks.
//!
//! Where products were estimated ([`rounded_centroids`](crate::rounded_centroids)), those are computed that may be among the
//! best by the bound of the estimates, so that what is handed out is ranked by exact scores.

use crate::order::{falling, from_falling};
use crate::rounded_centroids::Estimates;
use crate::route::{Encoding, Probe, Signals};
use crate::{CentroidId, Codebook, dot};

/// Lists that are sorted at first where nobody can say how many are wanted.
pub(crate) const FIRST_SORTED: usize = 32;

/// Holds the score of every centroid, or an estimate of it, in no order.
pub(crate) struct Ranking<'a> {
    /// A whole number for each centroid that sorts as [`Probe::by_rank`] does: the score, falling, then the id.
    keys: Vec<u64>,
    exact: Exact<'a>,
}

/// Makes exact scores of what a ranking holds.
#[derive(Debug, Clone, Copy)]
enum Exact<'a> {
    /// They are exact.
    AsTheyAre,
    /// They are at most this far off the product with `x`.
    Computed {
        codebook: &'a Codebook,
        x: &'a [f32],
        off: f32,
    },
}

impl Exact<'_> {
    /// Returns how far a score may be off.
    fn off(&self) -> f32 {
        match self {
            Self::AsTheyAre => 0.0,
            Self::Computed { off, .. } => *off,
        }
    }

    /// Returns the key of the exact score.
    fn key(&self, key: u64) -> u64 {
        match self {
            Self::AsTheyAre => key,
            Self::Computed { codebook, x, .. } => {
                let (_, id) = from_falling(key);
                falling(dot(x, codebook.column(id as usize)), id)
            }
        }
    }
}

impl<'a> Ranking<'a> {
    /// Ranks centroids by their scores, in the order of their ids.
    pub(crate) fn new(scores: &[f32]) -> Self {
        Self {
            keys: keys(scores),
            exact: Exact::AsTheyAre,
        }
    }

    /// Ranks centroids by what their products with `x` may be.
    pub(crate) fn of_estimates(codebook: &'a Codebook, x: &'a [f32], all: &Estimates) -> Self {
        let off = all.off;
        Self {
            keys: keys(&all.scores),
            exact: Exact::Computed { codebook, x, off },
        }
    }

    /// Returns the nearest centroid.
    pub(crate) fn nearest(&self) -> Encoding {
        let nothing = Encoding {
            centroid: CentroidId(0),
            score: f32::NEG_INFINITY,
        };
        let best = self.best_two()[0];
        best.map_or(nothing, |best| best.encoding())
    }

    /// Reads the signals off the best two centroids.
    pub(crate) fn signals(&self) -> Signals {
        let found: Vec<Probe> = self.best_two().into_iter().flatten().collect();
        Signals::of(&found)
    }

    fn best_two(&self) -> [Option<Probe>; 2] {
        let [_, second] = two_least(self.keys.iter().copied());
        let Some(second) = second.or(self.keys.first().copied()) else {
            return [None; 2];
        };
        let lowest = probe(second).score - 2.0 * self.exact.off();
        // Keys fall where scores rise.
        let last = falling(lowest, u32::MAX);
        let near = self.keys.iter().filter(|key| **key <= last);
        two_least(near.map(|key| self.exact.key(*key))).map(|key| key.map(probe))
    }

    /// Returns the best score and the mean of all, of estimates where there are no others.
    pub(crate) fn best_and_mean_score(&self) -> (f32, f32) {
        let scores = self.keys.iter().map(|key| probe(*key).score);
        let sum: f64 = scores.map(f64::from).sum();
        let mean = (sum / self.keys.len().max(1) as f64) as f32;
        (self.nearest().score, mean)
    }

    /// Iterates over the centroids that are `eligible`, best first; the first `expected` cost a partial
    /// sort, and so does every further stretch, each twice as long as the one before.
    pub(crate) fn best_first(
        mut self,
        expected: usize,
        eligible: impl Fn(CentroidId) -> bool,
    ) -> impl Iterator<Item = Probe> {
        self.keys.retain(|key| eligible(probe(*key).centroid));
        BestFirst {
            rest: self.keys,
            exact: self.exact,
            taken: 0,
            ready: Vec::new(),
            next: 0,
            waiting: Vec::new(),
            stretch: expected.max(1),
        }
    }
}

fn keys(scores: &[f32]) -> Vec<u64> {
    let keys = scores.iter().zip(0u32..);
    keys.map(|(score, id)| falling(*score, id)).collect()
}

fn probe(key: u64) -> Probe {
    let (score, id) = from_falling(key);
    Probe {
        centroid: CentroidId(id),
        score,
    }
}

/// Returns the least two keys, the least first.
fn two_least(keys: impl Iterator<Item = u64>) -> [Option<u64>; 2] {
    let (mut least, mut second) = (u64::MAX, u64::MAX);
    for key in keys {
        second = second.min(key.max(least));
        least = least.min(key);
    }
    // No score of a centroid has this key, which is that of a NaN.
    [least, second].map(|key| (key != u64::MAX).then_some(key))
}

/// Sorts as it goes.
struct BestFirst<'a> {
    /// Of these the first `taken` are done with; all others rank behind what is ready.
    rest: Vec<u64>,
    exact: Exact<'a>,
    taken: usize,
    /// Exact and sorted; handed out up to `next`.
    ready: Vec<u64>,
    next: usize,
    /// Exact; something of the rest may rank before them.
    waiting: Vec<u64>,
    stretch: usize,
}

impl BestFirst<'_> {
    /// Makes more ready, if there is more.
    fn go_on(&mut self) {
        let rest = &mut self.rest[self.taken..];
        let stretch = self.stretch.min(rest.len());
        self.stretch = self.stretch.saturating_mul(2);
        // Nothing of the rest that stays has an exact score that reaches this.
        let mut floor = f32::NEG_INFINITY;
        let mut near = stretch;
        if stretch > 0 && stretch < rest.len() {
            let (_, last, _) = rest.select_nth_unstable(stretch - 1);
            floor = probe(*last).score - self.exact.off();
            let lowest = falling(floor - self.exact.off(), u32::MAX);
            for at in stretch..rest.len() {
                if rest[at] <= lowest {
                    rest.swap(at, near);
                    near += 1;
                }
            }
        }
        if near == rest.len() {
            floor = f32::NEG_INFINITY;
        }
        let exact = self.exact;
        self.waiting
            .extend(rest[..near].iter().map(|key| exact.key(*key)));
        self.taken += near;
        self.waiting.sort_unstable();
        let last = falling(floor, u32::MAX);
        let sure = self.waiting.partition_point(|key| *key <= last);
        self.ready.clear();
        self.ready.extend(self.waiting.drain(..sure));
        self.next = 0;
    }
}

impl Iterator for BestFirst<'_> {
    type Item = Probe;

    fn next(&mut self) -> Option<Probe> {
        if self.next == self.ready.len() {
            self.go_on();
        }
        let key = self.ready.get(self.next).copied()?;
        self.next += 1;
        Some(probe(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rounded_centroids::RoundedCentroids;

    fn even(centroid: CentroidId) -> bool {
        centroid.0.is_multiple_of(2)
    }

    /// Holds the ranking of `scores`, and whatever it hands out, to a plain sort of them.
    fn check(ranking: Ranking<'_>, scores: &[f32], expected: usize) -> Result<(), TestCaseError> {
        let probes = scores.iter().enumerate().map(|(at, score)| Probe {
            centroid: CentroidId(at as u32),
            score: *score,
        });
        let mut sorted: Vec<Probe> = probes.collect();
        sorted.sort_by(Probe::by_rank);
        if let Some(best) = sorted.first() {
            prop_assert_eq!(ranking.signals(), Signals::of(&sorted));
            prop_assert_eq!(ranking.nearest(), best.encoding());
        }
        sorted.retain(|probe| even(probe.centroid));
        let found: Vec<Probe> = ranking.best_first(expected, even).collect();
        prop_assert_eq!(found, sorted);
        Ok(())
    }

    proptest! {
        #[test]
        fn stretches_give_what_sorting_gives(
            scores in prop::collection::vec(-3i8..3, 0..60), expected in 0usize..70,
        ) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            check(Ranking::new(&scores), &scores, expected)?;
        }

        #[test]
        fn estimates_are_ranked_as_exact_scores_are(
            // Few values, so that many products are equal, and many others nearly so.
            numbers in prop::collection::vec(1i8..5, 3..300), expected in 0usize..70,
        ) {
            let numbers = numbers[..numbers.len() / 3 * 3].iter().map(|n| f32::from(*n));
            let codebook = Codebook::from_rows(3, numbers.collect())?;
            let x = [0.6, 0.0, -0.8];
            let estimates = RoundedCentroids::new(3, codebook.as_slice()).products(&x);
            let ranking = Ranking::of_estimates(&codebook, &x, &estimates);
            check(ranking, &codebook.scores(&x), expected)?;
        }
    }
}
