//! From two scores of an item, by meaning and by words, to one.

use crate::top_k::TopK;
use crate::{Error, ItemId, Result};

/// How much the best match by words counts beside a cosine of 1, where nothing is said.
///
/// Experiment A2: on LoCoMo, what is tuned on half of the conversations finds no more on the other half than this
/// does; A1 has the same on web passages.
pub const LEXICAL_WEIGHT: f32 = 0.5;

/// The k of reciprocal rank fusion, from the paper that proposed it (Cormack, Clarke and Buettcher, 2009).
pub const RECIPROCAL_RANK_K: f32 = 60.0;

/// Is an item with both of its scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The item.
    pub item: ItemId,
    /// Its dot product with the query, in [-1, 1].
    pub cosine: f32,
    /// Its BM25 score; 0 where it shares no term with the query.
    pub lexical: f32,
}

/// Is one item in the order of its joint score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedHit {
    /// The item.
    pub item: ItemId,
    /// The joint score, comparable within one answer; its range depends on the [`Fusion`].
    pub score: f32,
    /// Its dot product with the query, in [-1, 1].
    pub cosine: f32,
    /// Its BM25 score; 0 where it shares no term with the query.
    pub lexical: f32,
}

/// Says how the two scores of an item become one.
///
/// Scores are fused over the candidates of one query: the union of what was found by meaning and what was found
/// by words, each with both scores.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Fusion {
    /// `cosine + weight * lexical / largest lexical`: a convex combination with the largest possible scale of
    /// either side (Bruch, Gai and Ingber, 2023).
    ///
    /// Adding a candidate changes no other score unless it is the best by words, so that probing more lists
    /// changes no order among the items that fewer found.
    MaxNormalised {
        /// What the best match by words adds.
        weight: f32,
    },
    /// `z(cosine) + weight * z(lexical)`: each score less its mean over its standard deviation, both over the
    /// candidates.
    ZScore {
        /// Weight of the lexical side.
        weight: f32,
    },
    /// `m(cosine) + weight * m(lexical)`: each score moved and scaled to [0, 1] over the candidates.
    MinMax {
        /// Weight of the lexical side.
        weight: f32,
    },
    /// `1 / (k + rank by cosine) + 1 / (k + rank by words)`, ranks from 1; an item without a common term gains
    /// nothing by words.
    ReciprocalRank {
        /// How little the first ranks stand out.
        k: f32,
    },
}

impl Default for Fusion {
    /// [`Fusion::MaxNormalised`] with [`LEXICAL_WEIGHT`].
    fn default() -> Self {
        Self::MaxNormalised {
            weight: LEXICAL_WEIGHT,
        }
    }
}

impl Fusion {
    /// Refuses parameters that mean nothing.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a weight or k that is negative or not finite.
    pub fn check(self) -> Result<()> {
        let (name, value) = match self {
            Self::MaxNormalised { weight } | Self::ZScore { weight } | Self::MinMax { weight } => {
                ("lexical weight", weight)
            }
            Self::ReciprocalRank { k } => ("k of reciprocal rank fusion", k),
        };
        if value.is_finite() && value >= 0.0 {
            Ok(())
        } else {
            Err(Error::parameter(name, "a finite number from 0", value))
        }
    }

    /// Returns what a joint score gains by one full step on the side of the cosine, which is what other parts of a score
    /// can be measured in.
    ///
    /// That is a cosine of 1 in [`Fusion::MaxNormalised`], the whole range in [`Fusion::MinMax`], one standard deviation in
    /// [`Fusion::ZScore`], and the first rank in [`Fusion::ReciprocalRank`], which gives `1 / (k + 1)`; 1 in all but
    /// the last. It does not depend on the candidates.
    ///
    /// ```
    /// use rm_core::Fusion;
    ///
    /// assert_eq!(Fusion::default().unit(), 1.0);
    /// assert_eq!(Fusion::ReciprocalRank { k: 60.0 }.unit(), 1.0 / 61.0);
    /// ```
    #[must_use]
    pub fn unit(self) -> f32 {
        match self {
            Self::MaxNormalised { .. } | Self::ZScore { .. } | Self::MinMax { .. } => 1.0,
            Self::ReciprocalRank { k } => (k + 1.0).recip(),
        }
    }

    /// Returns the joint score of each candidate, in their order.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn scores(self, candidates: &[Candidate]) -> Result<Vec<f32>> {
        self.check()?;
        let cosines = || candidates.iter().map(|c| c.cosine);
        let lexical = || candidates.iter().map(|c| c.lexical);
        let weighted = |weight: f32, left: Scale, right: Scale| {
            let joint = candidates
                .iter()
                .map(|c| left.apply(c.cosine) + weight * right.apply(c.lexical));
            joint.collect()
        };
        Ok(match self {
            Self::MaxNormalised { weight } => {
                weighted(weight, Scale::IDENTITY, Scale::of_largest(lexical()))
            }
            Self::ZScore { weight } => weighted(
                weight,
                Scale::of_spread(cosines()),
                Scale::of_spread(lexical()),
            ),
            Self::MinMax { weight } => weighted(
                weight,
                Scale::of_range(cosines()),
                Scale::of_range(lexical()),
            ),
            Self::ReciprocalRank { k } => reciprocal_ranks(candidates, k),
        })
    }

    /// Returns the `k` candidates with the largest joint scores, best first; of equal scores the smaller
    /// [`ItemId`] comes first.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn top_k(self, candidates: &[Candidate], k: usize) -> Result<Vec<FusedHit>> {
        let mut best = TopK::new(k);
        for (at, score) in self.scores(candidates)?.into_iter().enumerate() {
            best.push(score, (candidates[at].item, at));
        }
        let kept = best.into_sorted().into_iter();
        Ok(kept
            .map(|kept| {
                let Candidate {
                    item,
                    cosine,
                    lexical,
                } = candidates[kept.id.1];
                FusedHit {
                    item,
                    score: kept.score,
                    cosine,
                    lexical,
                }
            })
            .collect())
    }
}

/// Maps a score to `(score - origin) * factor`.
#[derive(Debug, Clone, Copy)]
struct Scale {
    origin: f32,
    factor: f32,
}

impl Scale {
    const IDENTITY: Self = Self {
        origin: 0.0,
        factor: 1.0,
    };

    fn apply(self, score: f32) -> f32 {
        (score - self.origin) * self.factor
    }

    /// Makes `unit` the length of 1; equal scores all come to the origin.
    fn new(origin: f32, unit: f32) -> Self {
        let factor = if unit > f32::EPSILON {
            unit.recip()
        } else {
            0.0
        };
        Self { origin, factor }
    }

    fn of_largest(scores: impl Iterator<Item = f32>) -> Self {
        Self::new(0.0, scores.fold(0.0, f32::max))
    }

    fn of_range(scores: impl Iterator<Item = f32> + Clone) -> Self {
        let least = scores.clone().fold(f32::INFINITY, f32::min);
        let most = scores.fold(f32::NEG_INFINITY, f32::max);
        Self::new(least, most - least)
    }

    fn of_spread(scores: impl Iterator<Item = f32> + Clone) -> Self {
        let n = scores.clone().count().max(1) as f64;
        let mean = scores.clone().map(f64::from).sum::<f64>() / n;
        let squares = scores.map(|score| (f64::from(score) - mean).powi(2));
        let variance = squares.sum::<f64>() / n;
        Self::new(mean as f32, variance.sqrt() as f32)
    }
}

fn reciprocal_ranks(candidates: &[Candidate], k: f32) -> Vec<f32> {
    let mut scores = vec![0.0; candidates.len()];
    let mut add = |score: fn(&Candidate) -> f32, counts: fn(&Candidate) -> bool| {
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.retain(|at| counts(&candidates[*at]));
        order.sort_unstable_by(|a, b| {
            let (a, b) = (&candidates[*a], &candidates[*b]);
            score(b).total_cmp(&score(a)).then(a.item.cmp(&b.item))
        });
        for (rank, at) in (1u32..).zip(order) {
            scores[at] += (k + rank as f32).recip();
        }
    };
    add(|c| c.cosine, |_| true);
    add(|c| c.lexical, |c| c.lexical > 0.0);
    scores
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Fusion};
    use crate::ItemId;

    fn candidates() -> [Candidate; 3] {
        [(8, 0.8, 0.0), (6, 0.6, 4.0), (1, 0.1, 8.0)].map(|(id, cosine, lexical)| Candidate {
            item: ItemId(id),
            cosine,
            lexical,
        })
    }

    fn assert_close(fusion: Fusion, expected: [f32; 3]) -> crate::Result<()> {
        let scores = fusion.scores(&candidates())?;
        let near = scores
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{fusion:?}: expected {expected:?}, got {scores:?}");
        Ok(())
    }

    #[test]
    fn each_rule_gives_what_its_formula_says() -> crate::Result<()> {
        assert_close(Fusion::MaxNormalised { weight: 0.5 }, [0.8, 0.85, 0.6])?;
        assert_close(Fusion::MinMax { weight: 0.5 }, [1.0, 5.0 / 7.0 + 0.25, 0.5])?;
        // Means 0.5 and 4, standard deviations sqrt(0.26 / 3) and sqrt(32 / 3).
        let (a, b) = ((0.26f32 / 3.0).sqrt(), (32.0f32 / 3.0).sqrt());
        let z = [0.3 / a - 4.0 / b, 0.1 / a, -0.4 / a + 4.0 / b];
        assert_close(Fusion::ZScore { weight: 1.0 }, z)?;
        let ranks = [1.0 / 61.0, 1.0 / 62.0 + 1.0 / 62.0, 1.0 / 63.0 + 1.0 / 61.0];
        assert_close(Fusion::ReciprocalRank { k: 60.0 }, ranks)
    }

    #[test]
    fn equal_scores_on_one_side_leave_the_order_to_the_other() -> crate::Result<()> {
        let same = candidates().map(|c| Candidate { lexical: 0.0, ..c });
        for fusion in [
            Fusion::default(),
            Fusion::ZScore { weight: 1.0 },
            Fusion::MinMax { weight: 1.0 },
            Fusion::ReciprocalRank { k: 60.0 },
        ] {
            let hits = fusion.top_k(&same, 2)?;
            let items: Vec<u64> = hits.iter().map(|hit| hit.item.0).collect();
            assert_eq!(items, [8, 6], "{fusion:?}");
            assert!(fusion.top_k(&[], 2)?.is_empty());
        }
        Ok(())
    }

    #[test]
    fn weights_that_mean_nothing_are_refused() {
        for fusion in [
            Fusion::MaxNormalised { weight: -0.1 },
            Fusion::ZScore { weight: f32::NAN },
            Fusion::ReciprocalRank { k: f32::INFINITY },
        ] {
            assert!(fusion.scores(&candidates()).is_err(), "{fusion:?}");
        }
    }
}
