//! From candidates to an order.

use rm_core::{Vectors, filter_by_score, mmr};

use super::{Addition, Explanation, Ranking, RankingCandidate, RankingRequest, Redundancy};
use crate::Result;

/// Is one result in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Its position among the candidates.
    pub at: usize,
    /// What made its score.
    pub explanation: Explanation,
}

impl Ranking {
    /// Orders candidates, best first, and tells how each score came about.
    ///
    /// Candidates whose cosine is below the threshold are left out first. Of equal scores, the candidate passed first
    /// comes first; so a search passes them in its own order. Neighbours in time are none of its business
    /// ([`Neighbours::of`](crate::Neighbours::of)).
    ///
    /// Costs a sort, and with MMR one dot product for each candidate and result.
    ///
    /// ```
    /// use rm_memory::{Ranking, RankingCandidate, RankingRequest, Recency};
    ///
    /// const DAY_MS: i64 = 86_400_000;
    /// let candidate = |id, cosine, created_at_ms| RankingCandidate {
    ///     id,
    ///     cosine,
    ///     lexical: 0.0,
    ///     fused: cosine,
    ///     created_at_ms,
    ///     updated_at_ms: created_at_ms,
    ///     importance: 0.5,
    ///     vector: &[],
    /// };
    /// let candidates = [candidate("old", 0.75, 0), candidate("new", 0.625, 2 * DAY_MS)];
    /// let ranking = Ranking::new().recency(Recency::half_life_days(1.0).weight(0.25));
    /// let request = RankingRequest { now_ms: 2 * DAY_MS, ..RankingRequest::default() };
    /// let ranked = ranking.rank(&candidates, &request)?;
    /// // 0.625 + 0.25 * 1 is more than 0.75 + 0.25 * 0.25.
    /// assert_eq!(candidates[ranked[0].at].id, "new");
    /// assert_eq!(ranked[1].explanation.score, 0.8125);
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`check`](Self::check), and [`rm_core::Error::InvalidParameter`] for a score that is not finite, an importance
    /// outside of [0, 1], a threshold that is no number, and a unit that is not finite or not above 0; with MMR also for
    /// vectors that are not all of one dimension or have no direction.
    pub fn rank(
        &self,
        candidates: &[RankingCandidate<'_>],
        request: &RankingRequest,
    ) -> Result<Vec<Ranked>> {
        self.check()?;
        request.check()?;
        candidates.iter().try_for_each(RankingCandidate::check)?;
        let positions = candidates.iter().copied().enumerate().map(Placed).collect();
        let kept: Vec<Placed<'_>> = filter_by_score(positions, request.threshold)?;
        let mut ranked: Vec<Ranked> = kept
            .iter()
            .map(|Placed((at, candidate))| Ranked {
                at: *at,
                explanation: self.explain(candidate, request),
            })
            .collect();
        ranked.sort_by(|a, b| b.explanation.score.total_cmp(&a.explanation.score));
        match self.mmr {
            Some(lambda) => without_redundancy(&ranked, candidates, lambda, request),
            None => {
                ranked.truncate(request.top_k);
                Ok(ranked)
            }
        }
    }

    /// Adds up all but what depends on other results.
    fn explain(&self, candidate: &RankingCandidate<'_>, request: &RankingRequest) -> Explanation {
        let addition = |weight: f32, value: f32| Addition {
            value,
            added: request.unit * weight * value,
        };
        let mut explanation =
            Explanation::of_match(candidate.cosine, candidate.lexical, candidate.fused);
        explanation.recency = self.recency.map(|recency| {
            let at_ms = recency
                .by
                .of(candidate.created_at_ms, candidate.updated_at_ms);
            addition(recency.weight, recency.of(at_ms, request.now_ms))
        });
        explanation.importance = self
            .importance
            .map(|weight| addition(weight, candidate.importance));
        explanation.score = explanation.relevance();
        explanation
    }
}

/// Is a candidate that knows where it stood.
struct Placed<'a>((usize, RankingCandidate<'a>));

impl rm_core::Score for Placed<'_> {
    fn score(&self) -> f32 {
        self.0.1.score()
    }
}

/// Picks by maximal marginal relevance from what is sorted by relevance.
fn without_redundancy(
    sorted: &[Ranked],
    candidates: &[RankingCandidate<'_>],
    lambda: f32,
    request: &RankingRequest,
) -> Result<Vec<Ranked>> {
    let Some(first) = sorted.first() else {
        return Ok(Vec::new());
    };
    let mut vectors = Vectors::empty(candidates[first.at].vector.len())?;
    for ranked in sorted {
        vectors.push(candidates[ranked.at].vector)?;
    }
    // Relevances go on the scale of the cosines that they are weighed against.
    let relevance = sorted.iter().map(|r| r.explanation.score / request.unit);
    let relevance: Vec<f32> = relevance.collect();
    let picks = mmr(&relevance, &vectors, lambda, request.top_k)?;
    let ranked = picks.into_iter().map(|pick| {
        let mut ranked = sorted[pick.row].clone();
        let nearest = pick.nearest.map(|row| candidates[sorted[row].at].id);
        ranked.explanation.score = request.unit * pick.value;
        ranked.explanation.mmr = Some(Redundancy {
            lambda,
            similarity: pick.similarity,
            nearest: nearest.map(str::to_owned),
            penalty: request.unit * pick.penalty,
        });
        ranked
    });
    Ok(ranked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ItemTime, Recency};

    const ALONG: [f32; 2] = [1.0, 0.0];
    const ACROSS: [f32; 2] = [0.0, 1.0];

    /// Three candidates: the first two say the same, the third is older, less like the query and important.
    fn candidates() -> [RankingCandidate<'static>; 3] {
        let of = |id, cosine, fused, created_at_ms, importance, vector| RankingCandidate {
            id,
            cosine,
            lexical: 2.0 * (fused - cosine),
            fused,
            created_at_ms,
            updated_at_ms: 4_000,
            importance,
            vector,
        };
        [
            of("a", 0.75, 1.0, 3_000, 0.5, &ALONG),
            of("b", 0.75, 0.75, 4_000, 0.5, &ALONG),
            of("c", 0.25, 0.5, 2_000, 1.0, &ACROSS),
        ]
    }

    fn request() -> RankingRequest {
        RankingRequest {
            now_ms: 4_000,
            ..RankingRequest::default()
        }
    }

    fn ids_and_scores(
        ranking: Ranking,
        request: RankingRequest,
    ) -> Result<Vec<(&'static str, f32)>> {
        let candidates = candidates();
        let ranked = ranking.rank(&candidates, &request)?;
        Ok(ranked
            .iter()
            .map(|ranked| (candidates[ranked.at].id, ranked.explanation.score))
            .collect())
    }

    #[test]
    fn with_everything_off_the_fused_score_decides() -> Result<()> {
        assert_eq!(
            ids_and_scores(Ranking::new(), request())?,
            [("a", 1.0), ("b", 0.75), ("c", 0.5)]
        );
        Ok(())
    }

    #[test]
    fn recency_by_hand() -> Result<()> {
        let recency = Recency::half_life_ms(1_000.0).weight(1.0);
        assert_eq!(
            ids_and_scores(Ranking::new().recency(recency), request())?,
            [("b", 0.75 + 1.0), ("a", 1.0 + 0.5), ("c", 0.5 + 0.25)]
        );
        let changed = recency.by(ItemTime::Updated);
        assert_eq!(
            ids_and_scores(Ranking::new().recency(changed), request())?,
            [("a", 2.0), ("b", 1.75), ("c", 1.5)]
        );
        Ok(())
    }

    #[test]
    fn importance_by_hand_and_in_the_unit_of_the_fusion() -> Result<()> {
        let important = Ranking::new().importance(2.0);
        assert_eq!(
            ids_and_scores(important, request())?,
            [("c", 2.5), ("a", 2.0), ("b", 1.75)]
        );
        let unit = RankingRequest {
            unit: 0.25,
            ..request()
        };
        assert_eq!(
            ids_and_scores(important, unit)?,
            [("a", 1.25), ("b", 1.0), ("c", 1.0)]
        );
        Ok(())
    }

    #[test]
    fn what_says_the_same_once_more_comes_last() -> Result<()> {
        let candidates = candidates();
        let ranked = Ranking::new().mmr(0.5).rank(&candidates, &request())?;
        let ids: Vec<&str> = ranked.iter().map(|r| candidates[r.at].id).collect();
        assert_eq!(ids, ["a", "c", "b"]);
        let scores: Vec<f32> = ranked.iter().map(|r| r.explanation.score).collect();
        assert_eq!(scores, [0.5, 0.25, 0.375 - 0.5]);
        assert_eq!(
            ranked[2].explanation.mmr,
            Some(Redundancy {
                lambda: 0.5,
                similarity: 1.0,
                nearest: Some("a".into()),
                penalty: 0.5,
            })
        );
        Ok(())
    }

    #[test]
    fn a_threshold_is_about_the_cosine_alone() -> Result<()> {
        let strict = RankingRequest {
            threshold: 0.5,
            ..request()
        };
        let found = ids_and_scores(Ranking::new().importance(9.0), strict)?;
        assert_eq!(found, [("a", 5.5), ("b", 5.25)]);
        Ok(())
    }

    #[test]
    fn at_most_top_k_come_back() -> Result<()> {
        let two = RankingRequest {
            top_k: 2,
            ..request()
        };
        assert_eq!(ids_and_scores(Ranking::new(), two)?.len(), 2);
        assert_eq!(ids_and_scores(Ranking::new().mmr(0.5), two)?.len(), 2);
        assert!(Ranking::new().mmr(0.5).rank(&[], &two)?.is_empty());
        Ok(())
    }

    #[test]
    fn what_cannot_be_ranked_is_refused() {
        let [good, ..] = candidates();
        let nan = RankingCandidate {
            fused: f32::NAN,
            ..good
        };
        let boundless = RankingCandidate {
            importance: 1.5,
            ..good
        };
        let without = RankingCandidate {
            vector: &[],
            ..good
        };
        let rank = |ranking: Ranking, candidate| ranking.rank(&[candidate], &request());
        assert!(rank(Ranking::new(), nan).is_err());
        assert!(rank(Ranking::new(), boundless).is_err());
        assert!(rank(Ranking::new(), without).is_ok());
        assert!(rank(Ranking::new().mmr(0.5), without).is_err());
        for request in [
            RankingRequest {
                threshold: f32::NAN,
                ..request()
            },
            RankingRequest {
                unit: 0.0,
                ..request()
            },
        ] {
            assert!(Ranking::new().rank(&[good], &request).is_err());
        }
    }
}
