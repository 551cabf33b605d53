//! What is ranked.

use rm_core::Score;

use crate::Result;
use crate::parameter::{check, check_share};

/// Is one item that a search has found, with all that its rank may depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankingCandidate<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its cosine with the query, in [-1, 1].
    pub cosine: f32,
    /// Its BM25 score; 0 where words were not searched for or it shares none.
    pub lexical: f32,
    /// What the two come to; the cosine, where words were not searched for.
    pub fused: f32,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at_ms: i64,
    /// How much it matters, from 0 to 1.
    pub importance: f32,
    /// Its vector, of unit norm; read with MMR alone, and may be empty without.
    pub vector: &'a [f32],
}

impl Score for RankingCandidate<'_> {
    /// Returns the cosine: thresholds are about nothing else.
    fn score(&self) -> f32 {
        self.cosine
    }
}

impl RankingCandidate<'_> {
    pub(super) fn check(&self) -> Result<()> {
        for (name, score) in [
            ("cosine", self.cosine),
            ("lexical score", self.lexical),
            ("fused score", self.fused),
        ] {
            check(name, "a finite number", score, score.is_finite())?;
        }
        check_share("importance", self.importance)
    }
}

/// Says what is asked of a ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankingRequest {
    /// The time, in milliseconds since 1970.
    pub now_ms: i64,
    /// Results that are returned at most.
    pub top_k: usize,
    /// The cosine that a result must reach; -1 keeps everything.
    pub threshold: f32,
    /// What a full step of the cosine is worth in the fused score: [`rm_core::Fusion::unit`].
    pub unit: f32,
}

impl Default for RankingRequest {
    /// Returns the best five of everything, in 1970, by scores on the scale of the cosine.
    fn default() -> Self {
        Self {
            now_ms: 0,
            top_k: rm_core::DEFAULT_TOP_K,
            threshold: -1.0,
            unit: 1.0,
        }
    }
}

impl RankingRequest {
    pub(super) fn check(&self) -> Result<()> {
        let (unit, threshold) = (self.unit, self.threshold);
        let is_unit = unit.is_finite() && unit > 0.0;
        check("unit of scores", "a finite number above 0", unit, is_unit)?;
        check(
            "score threshold",
            "a number",
            threshold,
            !threshold.is_nan(),
        )
    }
}
