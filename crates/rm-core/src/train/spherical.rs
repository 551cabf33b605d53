//! The default trainer: nested mini-batch spherical k-means.
//!
//! Spherical k-means (Dhillon and Modha 2001) keeps centroids at unit norm, so that the nearest centroid
//! is the one with the largest dot product. The mini-batches are nested (Newling and Fleuret 2016): the
//! sample is shuffled once, the first iterations see a small prefix of it, and the prefix doubles until it
//! is the whole sample. Early iterations, which only have to bring centroids into the right region, cost a
//! fraction of a full one; the last ones see everything and are Lloyd's.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::centroids::Assignment;
use super::init::first_centroids;
use super::{SphericalConfig, Trained};
use crate::{Codebook, Result, Vectors};

/// Doublings from the first mini-batch to the whole sample.
const DOUBLINGS: u32 = 4;

/// Fewest vectors a centroid meets in the first mini-batch.
const FIRST_BATCH_PER_CENTROID: usize = 10;

/// Fits `k <= vectors.len()` centroids.
pub(super) fn train(
    vectors: &Vectors,
    k: usize,
    config: &SphericalConfig,
    seed: u64,
) -> Result<Trained> {
    config.check()?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let order = shuffled_sample(
        vectors.len(),
        k.saturating_mul(config.sample_per_centroid),
        &mut rng,
    );
    let (rows, dim) = (vectors.as_slice(), vectors.dim());
    let first = (order.len() >> DOUBLINGS)
        .max(k * FIRST_BATCH_PER_CENTROID)
        .min(order.len());
    let mut centroids = first_centroids(config.init, rows, dim, &order[..first], k, &mut rng);

    let mut iterations = 0;
    let mut batch = first;
    while batch < order.len() {
        for _ in 0..config.batch_iterations {
            let batch = &order[..batch];
            Assignment::of(&centroids, rows, batch).move_centroids(&mut centroids, rows, batch);
            iterations += 1;
        }
        batch = (batch * 2).min(order.len());
    }
    let mut fidelity = f32::NEG_INFINITY;
    for _ in 0..config.full_iterations {
        let assignment = Assignment::of(&centroids, rows, &order);
        let gained = assignment.fidelity() - fidelity;
        fidelity = assignment.fidelity();
        assignment.move_centroids(&mut centroids, rows, &order);
        iterations += 1;
        if gained < config.tolerance {
            break;
        }
    }
    Ok(Trained {
        codebook: Codebook::from_matrix(centroids),
        iterations,
        sample: order.len(),
    })
}

/// Returns at most `most` of the rows `0..n`, shuffled.
pub(super) fn shuffled_sample(n: usize, most: usize, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    let (sample, _) = order.partial_shuffle(rng, most.min(n));
    sample.to_vec()
}
