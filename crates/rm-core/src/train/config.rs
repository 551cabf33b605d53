//! Which trainer, and how long it works.

use crate::{Error, Result};

/// Chooses how centroids are fitted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Trainer {
    /// Nested mini-batch spherical k-means on blocked matrix products: the default.
    Spherical(SphericalConfig),
    /// k-means of linfa-clustering, Euclidean, its centroids scaled to unit norm: the reference.
    Linfa(LinfaConfig),
}

impl Default for Trainer {
    fn default() -> Self {
        Self::Spherical(SphericalConfig::default())
    }
}

/// Chooses the first centroids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Init {
    /// k-means++ (Arthur and Vassilvitskii 2007), drawn in rounds of several at large K, as k-means||
    /// does (Bahmani et al. 2012), so that distances come from matrix products.
    #[default]
    PlusPlus,
    /// Distinct vectors drawn uniformly.
    Random,
}

/// Configures the spherical trainer.
#[derive(Debug, Clone, PartialEq)]
pub struct SphericalConfig {
    /// How the first centroids are chosen.
    pub init: Init,
    /// Most vectors a centroid is fitted to; above `K` times this, a seeded sample is drawn.
    pub sample_per_centroid: usize,
    /// Iterations on each nested mini-batch before it is doubled.
    pub batch_iterations: usize,
    /// Most iterations on the whole sample.
    pub full_iterations: usize,
    /// Stops on the whole sample once an iteration raises the mean cosine by less than this.
    pub tolerance: f32,
}

impl Default for SphericalConfig {
    fn default() -> Self {
        Self {
            init: Init::default(),
            sample_per_centroid: 256,
            batch_iterations: 2,
            full_iterations: 12,
            tolerance: 1e-3,
        }
    }
}

impl SphericalConfig {
    /// Refuses values that leave nothing to do.
    pub(super) fn check(&self) -> Result<()> {
        if self.sample_per_centroid == 0 {
            return Err(Error::parameter("sample_per_centroid", "at least 1", 0));
        }
        if self.full_iterations == 0 {
            return Err(Error::parameter("full_iterations", "at least 1", 0));
        }
        if !(0.0..1.0).contains(&self.tolerance) {
            return Err(Error::parameter("tolerance", "in 0..1", self.tolerance));
        }
        Ok(())
    }
}

/// Configures linfa's k-means.
#[derive(Debug, Clone, PartialEq)]
pub struct LinfaConfig {
    /// Most Lloyd iterations of one run.
    pub max_iterations: u64,
    /// Runs from different first centroids, of which the best is kept.
    pub runs: usize,
    /// Stops once the centroids move by less than this, squared Euclidean.
    pub tolerance: f32,
}

impl Default for LinfaConfig {
    fn default() -> Self {
        Self {
            max_iterations: 20,
            runs: 1,
            tolerance: 1e-4,
        }
    }
}

impl LinfaConfig {
    /// Refuses values that linfa refuses with less to say.
    pub(super) fn check(&self) -> Result<()> {
        if self.max_iterations == 0 {
            return Err(Error::parameter("max_iterations", "at least 1", 0));
        }
        if self.runs == 0 {
            return Err(Error::parameter("runs", "at least 1", 0));
        }
        if !(self.tolerance > 0.0 && self.tolerance.is_finite()) {
            return Err(Error::parameter("tolerance", "positive", self.tolerance));
        }
        Ok(())
    }
}
