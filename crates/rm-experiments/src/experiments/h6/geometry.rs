//! How an encoder's vectors lie in their space.

use anyhow::Result;
use rm_core::Vectors;

use super::principal::Moments;

/// Describes the geometry of a block of unit vectors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Geometry {
    /// Components of a vector.
    pub(super) dim: usize,
    /// Mean cosine of two different vectors: 0 where they lie evenly about the origin, towards 1 in a narrow cone.
    pub(super) mean_pairwise_cosine: f64,
    /// Effective number of dimensions ([`Moments::participation_ratio`]).
    pub(super) participation_ratio: f64,
}

impl Geometry {
    /// Measures all pairs of `vectors`, of which there must be two.
    pub(super) fn of(vectors: &Vectors) -> Result<Self> {
        let moments = Moments::of(vectors)?;
        let n = vectors.len() as f64;
        // The squared length of the sum is the sum of all cosines, n of them of a vector with itself.
        let cosines = moments.mean.norm_squared() * n * n - n;
        Ok(Self {
            dim: vectors.dim(),
            mean_pairwise_cosine: cosines / (n * (n - 1.0)),
            participation_ratio: moments.participation_ratio(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_vectors_by_hand() -> Result<()> {
        // Cosines of the three pairs: 0.6, 0.8 and 0; mean 1.4 / 3.
        let vectors = Vectors::from_rows(2, vec![0.6, 0.8, 1.0, 0.0, 0.0, 1.0])?;
        let geometry = Geometry::of(&vectors)?;
        assert!((geometry.mean_pairwise_cosine - 1.4 / 3.0).abs() < 1e-6);
        assert_eq!(geometry.dim, 2);
        Ok(())
    }

    #[test]
    fn one_line_has_one_dimension() -> Result<()> {
        let vectors = Vectors::from_rows(3, vec![1.0, 0.0, 0.0, -1.0, 0.0, 0.0])?;
        let geometry = Geometry::of(&vectors)?;
        assert!((geometry.participation_ratio - 1.0).abs() < 1e-9);
        assert!((geometry.mean_pairwise_cosine + 1.0).abs() < 1e-9);
        Ok(())
    }
}
