//! How far the next list lags behind what a query has found: what decides when its search may end.
//!
//! Of a query's k best items, each lies in one of the lists ranked by centroid score. A search that has seen
//! some of the lists knows the k-th best score so far, `b`, the best centroid score `s1`, the mean centroid
//! score `m` and the score `s` of the next centroid, and goes on while the *lag*
//!
//! ```text
//! 7/8 b + 1/8 s1 + 1/2 m - s
//! ```
//!
//! is at most what [`RecallCalibration`](crate::RecallCalibration) found to be needed. It only grows from list to
//! list, since `b` rises and `s` falls. A good answer in hand raises `b` and so the lag; where all centroids are near, `m` is large and lists are easier to tell apart
//! than their scores say.
//!
//! Other rules were compared on LoCoMo, MS MARCO, Reddit and generated memories (5,000 items and K = N/20,
//! sqrt(N), 2 sqrt(N); Reddit also with 100,000; 500 queries; R@5): each calibrated on half of the queries, its
//! items scanned on the other half divided by those of the fixed number of probes with the same recall there;
//! geometric mean over the 14 indexes and ten random halvings.
//!
//! | the search goes on while this is small | target 0.95 | target 0.99 |
//! |---|---|---|
//! | `s1 - s`: gap to the best centroid | 1.07 | 0.98 |
//! | `s1 / s` | 1.01 | 1.11 |
//! | `b / s` | 1.02 | 1.11 |
//! | least `z` at which a list of the next one's fidelity holds an item above `b` | 0.96 | 1.06 |
//! | the same with the list's size: items expected above `b` | 0.95 | 1.05 |
//! | `b - s`: k-th best score against the next centroid's | 0.89 | 0.89 |
//! | the lag | 0.82 | 0.83 |
//!
//! The lag's weights are the best of a grid of 20; whichever of the four data sets is left out, the other three
//! choose the same.

use crate::ranking::Ranking;
use crate::top_k::TopK;

/// Weight of the k-th best score found so far.
const FOUND: f32 = 0.875;

/// Weight of the best centroid score.
const BEST: f32 = 0.125;

/// Weight of the mean centroid score.
const MEAN: f32 = 0.5;

/// Follows one query on its way through the lists.
#[derive(Debug)]
pub(crate) struct Lag {
    /// What the scores of all centroids give.
    offset: f32,
    /// The best scores seen; thresholds have no part in it.
    found: TopK<()>,
}

impl Lag {
    /// Starts before the first list; `k` is the number of items whose recall is wanted.
    pub(crate) fn new(ranking: &Ranking<'_>, k: usize) -> Self {
        let (best, mean) = ranking.best_and_mean_score();
        Self {
            offset: BEST * best + MEAN * mean,
            found: TopK::new(k),
        }
    }

    /// Takes in the scores of the items of a list.
    pub(crate) fn see(&mut self, scores: &[f32]) {
        let mut floor = self.found.floor();
        for score in scores {
            if floor.is_none_or(|floor| *score > floor) {
                self.found.push(*score, ());
                floor = self.found.floor();
            }
        }
    }

    /// Returns the lag of a list whose centroid scores `next`; before k items were seen no list lags.
    pub(crate) fn of(&self, next: f32) -> f32 {
        let found = self.found.floor();
        found.map_or(f32::NEG_INFINITY, |found| {
            FOUND * found + self.offset - next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_of_the_kth_best_score_and_the_next_centroid() {
        // Best 0.75 and mean 0.25 of the centroids give 1/8 * 0.75 + 1/2 * 0.25 = 0.21875.
        let mut lag = Lag::new(&Ranking::new(&[0.75, 0.0, 0.0]), 2);
        lag.see(&[0.5]);
        assert_eq!(lag.of(-1.0), f32::NEG_INFINITY);
        // The second best is 0.5 * 7/8 = 0.4375; less the next centroid's 0.25.
        lag.see(&[0.125, 1.0]);
        assert_eq!(lag.of(0.25), 0.406_25);
        lag.see(&[0.75]);
        assert_eq!(lag.of(0.25), 0.625);
    }
}
