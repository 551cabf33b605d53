//! The switches.

use super::{Neighbours, Recency};
use crate::Result;
use crate::parameter::{check_share, check_weight};

/// Says what besides the match with the query counts for the order of results. Each part is a switch of its own, and by
/// default all are off: the order is that of the fused score (of the cosine, where a search is by meaning alone).
///
/// ```text
/// relevance = fused + unit * (recency weight * recency + importance weight * importance)
/// score     = lambda * relevance - unit * (1 - lambda) * similarity      with MMR, else the relevance
/// ```
///
/// where `recency` and `importance` lie in [0, 1], `similarity` is the largest cosine with a result before, and `unit` is
/// what a full step of the cosine is worth in the fused score ([`rm_core::Fusion::unit`]; 1 but for reciprocal ranks). So a
/// weight says, whatever the fusion, how much cosine the newest or most important item gains on the oldest or least
/// important one: with 0.1, it passes those that match up to 0.1 better. With weights of 0 the order is exactly that of the
/// fused score. A score threshold is about the cosine alone, never about any of these sums.
///
/// ```
/// use rm_memory::{Ranking, Recency};
///
/// let ranking = Ranking::new()
///     .recency(Recency::half_life_days(7.0).weight(0.2))
///     .importance(0.1)
///     .mmr(0.7)
///     .neighbours(1, 1);
/// ranking.check()?;
/// assert!(Ranking::new().mmr(1.5).check().is_err());
/// assert_eq!(ranking.recency(None).importance(None).mmr(None).neighbours(0, 0), Ranking::default());
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ranking {
    pub(super) recency: Option<Recency>,
    pub(super) importance: Option<f32>,
    pub(super) mmr: Option<f32>,
    pub(super) neighbours: Neighbours,
}

impl Ranking {
    /// Leaves the order to the match with the query.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets newer items gain on older ones (default `None`: age does not count).
    #[must_use]
    pub fn recency(mut self, recency: impl Into<Option<Recency>>) -> Self {
        self.recency = recency.into();
        self
    }

    /// Lets important items gain on others: one of importance 1 by so much cosine on one of importance 0 (default `None`:
    /// importance does not count).
    #[must_use]
    pub fn importance(mut self, weight: impl Into<Option<f32>>) -> Self {
        self.importance = weight.into();
        self
    }

    /// Takes off the score of what resembles a result before it, by maximal marginal relevance
    /// ([`rm_core::mmr()`]; Carbonell and Goldstein, 1998): `lambda` 1 takes off nothing, 0 heeds nothing but novelty
    /// (default `None`: results may say the same). It chooses among the candidates of the search, of which there should be
    /// several times as many as results.
    #[must_use]
    pub fn mmr(mut self, lambda: impl Into<Option<f32>>) -> Self {
        self.mmr = lambda.into();
        self
    }

    /// Adds to each result the items remembered just before and just after it (default 0 of each), behind the results
    /// and beyond their number.
    #[must_use]
    pub fn neighbours(mut self, before: usize, after: usize) -> Self {
        self.neighbours = Neighbours { before, after };
        self
    }

    /// Returns how many neighbours in time each result brings along.
    #[must_use]
    pub fn wanted_neighbours(&self) -> Neighbours {
        self.neighbours
    }

    /// Returns whether vectors of the candidates are needed.
    #[must_use]
    pub fn needs_vectors(&self) -> bool {
        self.mmr.is_some()
    }

    /// Returns whether anything but the fused score counts for the order, so that more candidates than results are needed.
    #[must_use]
    pub fn changes_order(&self) -> bool {
        self.recency.is_some() || self.importance.is_some() || self.mmr.is_some()
    }

    /// Refuses options that mean nothing.
    ///
    /// # Errors
    /// [`rm_core::Error::InvalidParameter`] for a weight that is negative or not finite, a half-life that is not finite or
    /// not above 0, and a `lambda` outside of [0, 1].
    pub fn check(&self) -> Result<()> {
        if let Some(recency) = &self.recency {
            recency.check()?;
        }
        if let Some(weight) = self.importance {
            check_weight("importance weight", weight)?;
        }
        self.mmr
            .map_or(Ok(()), |lambda| check_share("mmr lambda", lambda))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_is_refused() {
        for (ranking, names) in [
            (Ranking::new().importance(-0.1), "importance weight"),
            (Ranking::new().importance(f32::NAN), "importance weight"),
            (Ranking::new().mmr(-0.01), "mmr lambda"),
            (Ranking::new().mmr(f32::NAN), "mmr lambda"),
            (
                Ranking::new().recency(Recency::half_life_days(f64::NAN)),
                "half-life",
            ),
            (
                Ranking::new().recency(Recency::half_life_days(-1.0)),
                "half-life",
            ),
            (
                Ranking::new().recency(Recency::half_life_ms(0.0)),
                "half-life",
            ),
            (
                Ranking::new().recency(Recency::half_life_ms(f64::INFINITY)),
                "half-life",
            ),
            (
                Ranking::new().recency(Recency::default().weight(f32::INFINITY)),
                "recency weight",
            ),
        ] {
            let said = ranking.check().err().map(|error| error.to_string());
            let said = said.unwrap_or_default();
            assert!(said.starts_with(names), "{ranking:?}: {said:?}");
        }
    }
}
