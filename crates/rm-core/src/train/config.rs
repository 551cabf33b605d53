//! Which trainer, and how long it works.

use crate::{Error, Result};

/// Chooses how centroids are fitted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Trainer {
    /// Nested mini-batch spherical k-means on blocked matrix products: the default.
    Spherical(SphericalConfig),
    /// Spherical k-means whose lists come out about equally long; takes some three times as long as the default.
    Balanced(BalancedConfig),
    /// k-means of linfa-clustering, Euclidean, its centroids scaled to unit norm: the reference.
    Linfa(LinfaConfig),
}

impl Default for Trainer {
    fn default() -> Self {
        Self::Spherical(SphericalConfig::default())
    }
}

impl Trainer {
    /// Returns how many vectors `k` centroids are fitted to at most.
    pub(super) fn largest_sample(&self, k: usize) -> usize {
        match self {
            Self::Spherical(config) => k.saturating_mul(config.sample_per_centroid),
            Self::Balanced(config) => k.saturating_mul(config.start.sample_per_centroid),
            Self::Linfa(_) => usize::MAX,
        }
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

/// Configures the balanced trainer.
///
/// ```
/// use rm_core::{BalancedConfig, Trainer, Vectors, train};
///
/// let vectors = Vectors::from_rows(2, vec![1.0, 0.1, 1.0, -0.1, 0.1, 1.0, -0.1, 1.0])?;
/// let balanced = Trainer::Balanced(BalancedConfig::default());
/// assert_eq!(train(&vectors, 2, &balanced, 42)?.codebook.k(), 2);
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BalancedConfig {
    /// How the centroids come about that are balanced then; its full iterations and tolerance have no effect.
    ///
    /// Lists are as equal as the sample can tell, so the sample is larger than the default trainer's.
    pub start: SphericalConfig,
    /// Rounds in which prices change and centroids move.
    pub rounds: usize,
    /// Rounds after those in which prices alone change.
    pub settling_rounds: usize,
    /// Rounds in which the centroids learn to do without prices.
    pub fitting_rounds: usize,
    /// What a list that is e times as long as the mean is dearer by after the first round, as a multiple of the
    /// mean margin of the vectors; later rounds take less, in proportion to the rounds that are left.
    pub price_rate: f32,
}

impl Default for BalancedConfig {
    fn default() -> Self {
        Self {
            start: SphericalConfig {
                sample_per_centroid: 1024,
                ..SphericalConfig::default()
            },
            rounds: 12,
            settling_rounds: 8,
            fitting_rounds: 6,
            price_rate: 0.6,
        }
    }
}

impl BalancedConfig {
    /// Refuses values that balance nothing.
    pub(super) fn check(&self) -> Result<()> {
        self.start.check()?;
        if self.rounds == 0 {
            return Err(Error::parameter("rounds", "at least 1", 0));
        }
        if !(self.price_rate > 0.0 && self.price_rate.is_finite()) {
            return Err(Error::parameter("price_rate", "positive", self.price_rate));
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
