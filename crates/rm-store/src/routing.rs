//! What routing consists of on disk: the codebook, and how its centroids were used.

use rm_core::CentroidId;

use crate::{Error, Result};

/// A whole codebook with what is needed to go on from it without training again.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingState {
    /// Values per centroid.
    pub dim: usize,
    /// The centroids, row-major, *K x dim*.
    pub centroids: Vec<f32>,
    /// How each centroid was used, *K* entries in the order of the centroids.
    pub usage: Vec<CentroidUsage>,
    /// Number of items in the memory when the codebook was last trained from scratch.
    pub trained_on: u64,
    /// Seed of that training.
    pub seed: u64,
    /// The rule that chose K, in the notation of whoever trains.
    pub k_rule: String,
}

/// When and how often one centroid was routed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CentroidUsage {
    /// Time of the last use, in milliseconds since 1970 (UTC).
    pub last_used_ms: i64,
    /// Number of uses.
    pub hits: u64,
}

/// One centroid: its position in the codebook, its vector, its usage.
#[derive(Debug, Clone, PartialEq)]
pub struct CentroidRow {
    /// Position in the codebook.
    pub id: CentroidId,
    /// The centroid, `dim` values.
    pub vector: Vec<f32>,
    /// How it was used.
    pub usage: CentroidUsage,
}

/// A change to some centroids of a stored codebook; the others are not rewritten.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingUpdate {
    /// Number of centroids afterwards. When it is smaller than before, the last ones are dropped; when it is larger,
    /// `changed` must hold every new position.
    pub k: u32,
    /// Centroids that are new or have changed, in any order.
    pub changed: Vec<CentroidRow>,
}

/// The part of a [`RoutingState`] that is not a list of centroids.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RoutingHeader {
    pub(crate) dim: usize,
    pub(crate) k: u32,
    pub(crate) trained_on: u64,
    pub(crate) seed: u64,
    pub(crate) k_rule: String,
    /// The revision at which lists were last packed, where they are.
    pub(crate) packed_at: Option<u64>,
}

impl RoutingState {
    /// Returns K, the number of centroids.
    #[must_use]
    pub fn k(&self) -> usize {
        self.centroids.len().checked_div(self.dim).unwrap_or(0)
    }

    /// Yields every centroid with its position and usage.
    pub fn rows(&self) -> impl Iterator<Item = (CentroidId, &[f32], CentroidUsage)> {
        // `max(1)` only keeps `chunks_exact` from panicking on a state that `check` has yet to refuse.
        let vectors = self.centroids.chunks_exact(self.dim.max(1));
        (0u32..)
            .map(CentroidId)
            .zip(vectors)
            .zip(&self.usage)
            .map(|((id, vector), usage)| (id, vector, *usage))
    }

    /// Refuses a state whose parts do not fit together.
    pub(crate) fn check(&self) -> Result<RoutingHeader> {
        if self.dim == 0
            || self.centroids.is_empty()
            || !self.centroids.len().is_multiple_of(self.dim)
        {
            return Err(Error::InvalidRouting {
                expected: format!(
                    "at least one row of {} values, and whole rows",
                    self.dim.max(1)
                ),
                got: format!("{} values", self.centroids.len()),
            });
        }
        let k = self.k();
        if self.usage.len() != k {
            return Err(Error::InvalidRouting {
                expected: format!("usage of {k} centroids"),
                got: format!("usage of {}", self.usage.len()),
            });
        }
        for (id, vector, _) in self.rows() {
            check_centroid(id, vector, self.dim)?;
        }
        Ok(RoutingHeader {
            dim: self.dim,
            k: checked_k(k)?,
            trained_on: self.trained_on,
            seed: self.seed,
            k_rule: self.k_rule.clone(),
            packed_at: None,
        })
    }
}

/// Refuses a centroid of the wrong length or with a value that is not finite.
pub(crate) fn check_centroid(id: CentroidId, vector: &[f32], dim: usize) -> Result<()> {
    if vector.len() != dim {
        return Err(Error::Dimension {
            of: format!("centroid {id}"),
            expected: dim,
            got: vector.len(),
        });
    }
    match vector.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(Error::InvalidVector {
            of: format!("centroid {id}"),
            found: format!("{} at position {position}", vector[position]),
        }),
        None => Ok(()),
    }
}

fn checked_k(k: usize) -> Result<u32> {
    u32::try_from(k).map_err(|_| Error::InvalidRouting {
        expected: format!("at most {} centroids", u32::MAX),
        got: format!("{k}"),
    })
}
