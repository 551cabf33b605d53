//! The balanced trainer: spherical k-means whose lists come out about equally long.
//!
//! Each centroid gets a price, and a vector goes to the centroid with the largest score less its price. Prices of
//! long lists rise and those of short ones fall, round by round, while the centroids move to the mean of what
//! they were given: the prices are the dual variables of an assignment to lists of equal length (Bradley, Bennett
//! and Demiriz 2000, solved by subgradients rather than by a linear program; frequency-sensitive competitive
//! learning, Banerjee and Ghosh 2004, is the same idea). A codebook has no prices, so a last stage teaches the
//! centroids to route by scores alone as they did with prices: each centroid moves towards the vectors that it
//! should have been given and was not, and away from those that it should not have been given, as a perceptron
//! does (Rosenblatt 1958). What comes out is a codebook like any other, and every item is in the list it is
//! routed to.

use nalgebra::DMatrix;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::centroids::Assignment;
use super::spherical::{self, shuffled_sample};
use super::{BalancedConfig, SphericalConfig, Trained};
use crate::product::map_gathered_blocks;
use crate::{Codebook, Result, Vectors, gini};

/// Largest ratio of a list's length to the mean, or of the mean to it, that one round reacts to.
const MAX_RATIO: f32 = std::f32::consts::E;

/// Vectors whose margins tell how much a price has to be to matter.
const MARGIN_SAMPLE: usize = 4096;

const LOWEST: (f32, f32) = (f32::NEG_INFINITY, f32::NEG_INFINITY);

/// Fits `k <= vectors.len()` centroids.
pub(super) fn train(
    vectors: &Vectors,
    k: usize,
    config: &BalancedConfig,
    seed: u64,
) -> Result<Trained> {
    config.check()?;
    let start = SphericalConfig {
        full_iterations: 1,
        ..config.start.clone()
    };
    let start = spherical::train(vectors, k, &start, seed)?;
    let (rows, dim) = (vectors.as_slice(), vectors.dim());
    let mut centroids = DMatrix::from_column_slice(dim, k, start.codebook.as_slice());
    let most = k.saturating_mul(config.start.sample_per_centroid);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let order = shuffled_sample(vectors.len(), most, &mut rng);

    let plain = Assignment::of(&centroids, rows, &order);
    let mut best = Balance::of(&plain, &centroids);
    let unit = config.price_rate * mean_margin(&centroids, rows, &order);
    let mut prices = vec![0.0f32; k];
    let rounds = config.rounds + config.settling_rounds;
    for round in 0..rounds {
        let assignment = Assignment::priced(&centroids, rows, &order, &prices);
        let rate = unit * (rounds - round) as f32 / rounds as f32;
        raise_prices(&mut prices, &assignment.sizes(k), order.len(), rate);
        if round < config.rounds {
            assignment.move_centroids(&mut centroids, rows, &order);
        }
    }
    let wanted = Assignment::priced(&centroids, rows, &order, &prices);
    for _ in 0..config.fitting_rounds {
        let routed = Assignment::of(&centroids, rows, &order);
        best.keep_lower(&routed, &centroids);
        routed.teach(&wanted, &mut centroids, rows, &order);
    }
    best.keep_lower(&Assignment::of(&centroids, rows, &order), &centroids);
    Ok(Trained {
        codebook: Codebook::from_matrix(best.centroids),
        iterations: start.iterations + rounds + config.fitting_rounds,
        sample: order.len(),
    })
}

/// Holds the centroids with the most even lists so far.
struct Balance {
    gini: f64,
    centroids: DMatrix<f32>,
}

impl Balance {
    fn of(assignment: &Assignment, centroids: &DMatrix<f32>) -> Self {
        Self {
            gini: gini(&assignment.sizes(centroids.ncols())),
            centroids: centroids.clone(),
        }
    }

    fn keep_lower(&mut self, assignment: &Assignment, centroids: &DMatrix<f32>) {
        let other = Self::of(assignment, centroids);
        if other.gini < self.gini {
            *self = other;
        }
    }
}

/// Returns the mean of best less second-best score over some of the rows; 0 where there is one centroid.
fn mean_margin(centroids: &DMatrix<f32>, rows: &[f32], order: &[u32]) -> f32 {
    let k = centroids.ncols();
    if k < 2 {
        return 0.0;
    }
    let some = &order[..order.len().min(MARGIN_SAMPLE)];
    let sums = map_gathered_blocks(centroids, rows, some, |_, scores| {
        let margins = scores.chunks(k).map(|scores| {
            let (first, second) = scores.iter().fold(LOWEST, |(first, second), &score| {
                (first.max(score), second.max(score.min(first)))
            });
            f64::from(first - second)
        });
        margins.sum::<f64>()
    });
    (sums.iter().sum::<f64>() / some.len().max(1) as f64) as f32
}

/// Adds `rate` times the logarithm of length over mean length to each price.
fn raise_prices(prices: &mut [f32], sizes: &[usize], n: usize, rate: f32) {
    let mean = n as f32 / sizes.len() as f32;
    for (price, size) in prices.iter_mut().zip(sizes) {
        // One more on both sides keeps the logarithm of an empty list finite.
        let ratio = (*size as f32 + 1.0) / (mean + 1.0);
        *price += rate * ratio.clamp(1.0 / MAX_RATIO, MAX_RATIO).ln();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_that_of_the_best_two() {
        let centroids = DMatrix::from_column_slice(2, 3, &[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]);
        // 0.8 - 0.6 and 1 - 0.
        let margin = mean_margin(&centroids, &[0.6, 0.8, 1.0, 0.0], &[0, 1]);
        assert!((margin - 0.6).abs() < 1e-6, "{margin}");
    }

    #[test]
    fn prices_follow_the_logarithm_of_the_length() {
        let mut prices = [0.0, 0.1, 0.0];
        // Mean 4: (9 + 1) / (4 + 1) = 2, (4 + 1) / 5 = 1, and an empty list reacts as 1/e does.
        raise_prices(&mut prices, &[9, 4, 0], 12, 0.5);
        let expected = [0.5 * 2.0f32.ln(), 0.1, -0.5];
        for (got, expected) in prices.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-6, "{got} for {expected}");
        }
    }
}
