//! Training: from vectors to a codebook.

mod balanced;
mod centroids;
mod config;
mod init;
mod linfa;
mod spherical;

pub use config::{BalancedConfig, Init, LinfaConfig, SphericalConfig, Trainer};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{Codebook, Error, Result, Vectors};

/// Is a trained codebook with what training it took.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The codebook; K is what was asked for, or the number of vectors where that is smaller.
    pub codebook: Codebook,
    /// Assignments of the whole sample or a part of it, each followed by a move of the centroids.
    pub iterations: usize,
    /// Vectors the centroids were fitted to, at most the number given.
    pub sample: usize,
}

/// Returns which of `n` vectors to train `k` centroids on, where vectors are read from somewhere and a trainer that is given
/// all of them would look at a part: seeded, distinct, all `n` where the trainer wants as many.
#[must_use]
pub fn training_sample(n: usize, k: usize, trainer: &Trainer, seed: u64) -> Vec<usize> {
    let most = trainer.largest_sample(k.max(1)).min(n);
    if most == n {
        return (0..n).collect();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = rand::seq::index::sample(&mut rng, n, most).into_vec();
    // In order, for whoever reads them.
    sample.sort_unstable();
    sample
}

/// Trains `k` centroids on unit vectors; the same seed gives the same codebook on any number of threads.
///
/// ```
/// use rm_core::{Trainer, Vectors, train};
///
/// let vectors = Vectors::from_rows(2, vec![1.0, 0.1, 1.0, -0.1, 0.1, 1.0, -0.1, 1.0])?;
/// let trained = train(&vectors, 2, &Trainer::default(), 42)?;
/// assert_eq!(trained.codebook.k(), 2);
/// # Ok::<(), rm_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoVectors`] for none, [`Error::InvalidParameter`] for `k` 0 or a configuration out of range,
/// [`Error::Linfa`] when that trainer fails.
pub fn train(vectors: &Vectors, k: usize, trainer: &Trainer, seed: u64) -> Result<Trained> {
    if vectors.is_empty() {
        return Err(Error::NoVectors {
            operation: "training",
        });
    }
    if vectors.len() > u32::MAX as usize {
        return Err(Error::parameter(
            "number of vectors",
            "below 2^32",
            vectors.len(),
        ));
    }
    if k == 0 {
        return Err(Error::parameter("k", "at least 1", k));
    }
    let k = k.min(vectors.len());
    match trainer {
        Trainer::Spherical(config) => spherical::train(vectors, k, config, seed),
        Trainer::Balanced(config) => balanced::train(vectors, k, config, seed),
        Trainer::Linfa(config) => linfa::train(vectors, k, config, seed),
    }
}
