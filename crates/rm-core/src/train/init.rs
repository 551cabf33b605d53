//! First centroids.

use nalgebra::DMatrix;
use rand::Rng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::Init;
use crate::product::{argmax, map_gathered_blocks};

/// Rounds of k-means++ from which on several centroids are drawn in one round.
const ROUNDS: usize = 64;

/// Returns `k` rows of `rows` (row-major `(n, dim)`), among those `order` names, as a `dim x k` matrix.
///
/// `order` holds at least `k` different rows.
pub(super) fn first_centroids(
    init: Init,
    rows: &[f32],
    dim: usize,
    order: &[u32],
    k: usize,
    rng: &mut ChaCha8Rng,
) -> DMatrix<f32> {
    let chosen = match init {
        Init::Random => index::sample(rng, order.len(), k).into_vec(),
        Init::PlusPlus => plus_plus(rows, dim, order, k, rng),
    };
    gather(rows, dim, order, &chosen)
}

/// Draws `k` positions of `order`, each with probability proportional to its distance `1 - <x, c>` from
/// the nearest centroid of the rounds before (half the squared Euclidean one, for unit vectors).
fn plus_plus(
    rows: &[f32],
    dim: usize,
    order: &[u32],
    k: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<usize> {
    let mut chosen = vec![rng.random_range(0..order.len())];
    let mut taken = vec![false; order.len()];
    taken[chosen[0]] = true;
    let mut distances = vec![f32::INFINITY; order.len()];
    let mut measured = 0;
    while chosen.len() < k {
        lower_distances(rows, dim, order, &chosen[measured..], &mut distances);
        measured = chosen.len();
        let round = k.div_ceil(ROUNDS).min(k - chosen.len());
        for _ in 0..round {
            let at = draw(&distances, &taken, rng);
            taken[at] = true;
            chosen.push(at);
        }
    }
    chosen
}

/// Lowers each distance to that of the nearest of the `chosen` positions.
fn lower_distances(
    rows: &[f32],
    dim: usize,
    order: &[u32],
    chosen: &[usize],
    distances: &mut [f32],
) {
    let centroids = gather(rows, dim, order, chosen);
    let nearest = map_gathered_blocks(&centroids, rows, order, |_, scores| {
        let nearest = scores.chunks(chosen.len()).filter_map(argmax);
        nearest.map(|(_, score)| 1.0 - score).collect::<Vec<f32>>()
    });
    for (distance, new) in distances.iter_mut().zip(nearest.iter().flatten()) {
        *distance = distance.min(new.max(0.0));
    }
}

/// Draws a position that is not taken with probability proportional to its distance, or the first free
/// one where all distances are zero.
fn draw(distances: &[f32], taken: &[bool], rng: &mut ChaCha8Rng) -> usize {
    let free = || {
        distances
            .iter()
            .zip(taken)
            .enumerate()
            .filter(|(_, (_, taken))| !**taken)
    };
    let total: f64 = free().map(|(_, (distance, _))| f64::from(*distance)).sum();
    let mut left = rng.random::<f64>() * total;
    let mut last = None;
    for (at, (distance, _)) in free() {
        left -= f64::from(*distance);
        if left < 0.0 {
            return at;
        }
        // Rounding may leave a rest after the last: it then goes to the last that can be drawn.
        if *distance > 0.0 || last.is_none() {
            last = Some(at);
        }
    }
    last.unwrap_or(0)
}

/// Copies the rows at `positions` of `order` into the columns of a matrix.
fn gather(rows: &[f32], dim: usize, order: &[u32], positions: &[usize]) -> DMatrix<f32> {
    let mut centroids = DMatrix::zeros(dim, positions.len());
    for (mut column, &at) in centroids.column_iter_mut().zip(positions) {
        let start = order[at] as usize * dim;
        column.copy_from_slice(&rows[start..start + dim]);
    }
    centroids
}
