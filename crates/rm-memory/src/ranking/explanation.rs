//! How a score came about.

use std::fmt;

/// Tells every part that made the score of one result; [`Ranking`](crate::Ranking) has the formula.
///
/// It prints as a sum:
///
/// ```
/// use rm_memory::{Ranking, RankingCandidate, RankingRequest};
///
/// let candidate = RankingCandidate {
///     id: "meeting-1",
///     cosine: 0.5,
///     lexical: 3.2,
///     fused: 0.75,
///     created_at_ms: 0,
///     updated_at_ms: 0,
///     importance: 0.5,
///     vector: &[],
/// };
/// let ranked = Ranking::new().importance(0.5).rank(&[candidate], &RankingRequest::default())?;
/// assert_eq!(
///     ranked[0].explanation.to_string(),
///     "1.000 = fused 0.750 (cosine 0.500, words 3.200) + importance 0.250"
/// );
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What results are ordered by; for a neighbour, its cosine.
    pub score: f32,
    /// The cosine with the query, which alone has to reach a threshold.
    pub cosine: f32,
    /// The BM25 score; 0 where words were not searched for or none is shared.
    pub lexical: f32,
    /// What the two come to; the cosine, where words were not searched for.
    pub fused: f32,
    /// How new the item is, where that counts.
    pub recency: Option<Addition>,
    /// How important the item is, where that counts.
    pub importance: Option<Addition>,
    /// What it has in common with a result before it, where that counts.
    pub mmr: Option<Redundancy>,
    /// The result that the item stands beside in time; `None` for one that was found itself.
    pub neighbour_of: Option<String>,
}

/// Is a part that adds to a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Addition {
    /// The part itself, from 0 to 1.
    pub value: f32,
    /// What it added: `unit * weight * value`.
    pub added: f32,
}

/// Is what takes off a score because a result before it says similar things.
#[derive(Debug, Clone, PartialEq)]
pub struct Redundancy {
    /// The share of the relevance that counted.
    pub lambda: f32,
    /// The largest cosine with a result before, from 0 to 1.
    pub similarity: f32,
    /// The id of that result; `None` where none has a positive cosine.
    pub nearest: Option<String>,
    /// What was taken off: `unit * (1 - lambda) * similarity`.
    pub penalty: f32,
}

impl Explanation {
    /// Explains an item that is there because it stands beside a result in time.
    pub fn of_neighbour(of: impl Into<String>, cosine: f32) -> Self {
        Self {
            neighbour_of: Some(of.into()),
            ..Self::of_match(cosine, 0.0, cosine)
        }
    }

    /// Explains an item that nothing but its match with the query speaks for.
    #[must_use]
    pub fn of_match(cosine: f32, lexical: f32, fused: f32) -> Self {
        Self {
            score: fused,
            cosine,
            lexical,
            fused,
            recency: None,
            importance: None,
            mmr: None,
            neighbour_of: None,
        }
    }

    /// Returns the fused score with what was added to it, before anything is taken off for redundancy.
    #[must_use]
    pub fn relevance(&self) -> f32 {
        let parts = [&self.recency, &self.importance].into_iter().flatten();
        parts.fold(self.fused, |sum, part| sum + part.added)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(of) = &self.neighbour_of {
            return write!(f, "cosine {:.3}, beside {of:?} in time", self.cosine);
        }
        write!(f, "{:.3} = ", self.score)?;
        if let Some(mmr) = &self.mmr {
            write!(f, "{} * (", mmr.lambda)?;
        }
        let Self {
            cosine,
            lexical,
            fused,
            ..
        } = self;
        if lexical == &0.0 && fused == cosine {
            write!(f, "cosine {cosine:.3}")?;
        } else {
            write!(
                f,
                "fused {fused:.3} (cosine {cosine:.3}, words {lexical:.3})"
            )?;
        }
        let parts = [("recency", &self.recency), ("importance", &self.importance)];
        for (name, part) in parts {
            if let Some(part) = part {
                write!(f, " + {name} {:.3}", part.added)?;
            }
        }
        let Some(mmr) = &self.mmr else {
            return Ok(());
        };
        write!(f, ") - {:.3}", mmr.penalty)?;
        match &mmr.nearest {
            Some(nearest) => write!(f, " (like {nearest:?})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_prints_as_a_sum() {
        let mut explanation = Explanation::of_match(0.5, 0.0, 0.5);
        assert_eq!(explanation.to_string(), "0.500 = cosine 0.500");
        explanation.recency = Some(Addition {
            value: 0.5,
            added: 0.1,
        });
        explanation.mmr = Some(Redundancy {
            lambda: 0.5,
            similarity: 0.4,
            nearest: Some("a".into()),
            penalty: 0.2,
        });
        explanation.score = 0.1;
        assert_eq!(
            explanation.to_string(),
            "0.100 = 0.5 * (cosine 0.500 + recency 0.100) - 0.200 (like \"a\")"
        );
        let neighbour = Explanation::of_neighbour("a", 0.25);
        assert_eq!(neighbour.to_string(), "cosine 0.250, beside \"a\" in time");
    }
}
