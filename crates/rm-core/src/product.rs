//! Blocked matrix products between centroids and vectors, in parallel.
//!
//! Rows are taken in blocks of [`BLOCK`], each multiplied by one thread, so the numbers do not depend on
//! how many threads there are. A product's rounding differs from [`dot`](crate::dot)'s in the last bits;
//! [`rounding_gap`] bounds by how much, and callers that need exact order recompute what lies within it.

use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;

use crate::vectors::columns;

/// Rows in one product: 256 x 384 numbers are 384 KiB, which stays in a core's second-level cache.
pub(crate) const BLOCK: usize = 256;

/// Bounds how far the order of two products may differ from the order of the two [`dot`](crate::dot)s.
///
/// Each way of summing `dim` products of unit vectors errs by at most `dim * 2^-24` (Higham 2002, (3.5),
/// and the Cauchy-Schwarz bound 1 on the sum of magnitudes), and a difference of two scores meets that
/// error four times over.
pub(crate) fn rounding_gap(dim: usize) -> f32 {
    2.0 * (dim as f32 + 8.0) * f32::EPSILON
}

/// Is a worker's memory, reused from block to block.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    rows: Vec<f32>,
    scores: DMatrix<f32>,
}

/// Calls `visit(first_row, scores)` for each block of `rows`, row-major `(n, dim)`, where `scores` holds
/// the K products `<centroid, row>` of the first row, then those of the second, and so on; returns what it
/// returned, in order.
///
/// `centroids` is `dim x K`, one centroid a column; it is transposed once, because nalgebra hands only
/// contiguous factors to its fast product. Costs `2 * n * K * dim` operations.
pub(crate) fn map_blocks<T, F>(centroids: &DMatrix<f32>, rows: &[f32], visit: F) -> Vec<T>
where
    T: Send,
    F: Fn(usize, &[f32]) -> T + Sync,
{
    let (dim, transposed) = (centroids.nrows(), centroids.transpose());
    rows.par_chunks(BLOCK * dim)
        .enumerate()
        .map_init(Scratch::default, |scratch, (block, rows)| {
            visit(
                block * BLOCK,
                product(&transposed, columns(dim, rows), &mut scratch.scores),
            )
        })
        .collect()
}

/// Does as [`map_blocks`] for the rows of `all` that `order` names, without copying them all.
pub(crate) fn map_gathered_blocks<T, F>(
    centroids: &DMatrix<f32>,
    all: &[f32],
    order: &[u32],
    visit: F,
) -> Vec<T>
where
    T: Send,
    F: Fn(usize, &[f32]) -> T + Sync,
{
    let (dim, transposed) = (centroids.nrows(), centroids.transpose());
    order
        .par_chunks(BLOCK)
        .enumerate()
        .map_init(Scratch::default, |scratch, (block, order)| {
            scratch.rows.clear();
            for &row in order {
                let start = row as usize * dim;
                scratch.rows.extend_from_slice(&all[start..start + dim]);
            }
            let rows = columns(dim, &scratch.rows);
            visit(
                block * BLOCK,
                product(&transposed, rows, &mut scratch.scores),
            )
        })
        .collect()
}

/// Multiplies `transposed` (`K x dim`) by `rows` (`dim x n`) into `scores` (`K x n`), which it sizes.
pub(crate) fn product<'a>(
    transposed: &DMatrix<f32>,
    rows: DMatrixView<'_, f32>,
    scores: &'a mut DMatrix<f32>,
) -> &'a [f32] {
    let shape = (transposed.nrows(), rows.ncols());
    if scores.shape() != shape {
        *scores = DMatrix::zeros(shape.0, shape.1);
    }
    scores.gemm(1.0, transposed, &rows, 0.0);
    scores.as_slice()
}

/// Returns the position and value of the largest score, the first of equals; `None` for no scores.
pub(crate) fn argmax(scores: &[f32]) -> Option<(usize, f32)> {
    let best = largest(scores)?;
    scores
        .iter()
        .position(|&score| score == best)
        .map(|at| (at, best))
}

/// Returns the largest score, in a form the compiler turns into vector instructions.
fn largest(scores: &[f32]) -> Option<f32> {
    let (blocks, rest) = scores.as_chunks::<16>();
    let mut lanes = [f32::NEG_INFINITY; 16];
    for block in blocks {
        for (lane, &score) in lanes.iter_mut().zip(block) {
            *lane = if score > *lane { score } else { *lane };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .copied()
        .reduce(f32::max)
        .filter(|_| !scores.is_empty())
}

/// Calls `visit(position)` for each score of at least `floor`, in order.
pub(crate) fn at_least(scores: &[f32], floor: f32, mut visit: impl FnMut(usize)) {
    for (block, chunk) in scores.chunks(16).enumerate() {
        if chunk
            .iter()
            .fold(false, |any, &score| any | (score >= floor))
        {
            let above = chunk
                .iter()
                .enumerate()
                .filter(|(_, score)| **score >= floor);
            above.for_each(|(at, _)| visit(block * 16 + at));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Vectors, dot::dot};

    #[test]
    fn scores_worked_by_hand() {
        let centroids = DMatrix::from_column_slice(2, 3, &[1.0, 0.0, 0.0, 1.0, 0.6, 0.8]);
        let scores = map_blocks(&centroids, &[1.0, 0.0, 0.0, 1.0], |first, scores| {
            (first, scores.to_vec())
        });
        assert_eq!(scores, vec![(0, vec![1.0, 0.0, 0.6, 0.0, 1.0, 0.8])]);
    }

    #[test]
    fn the_first_of_equal_scores_wins() {
        assert_eq!(argmax(&[0.1, 0.5, 0.5]), Some((1, 0.5)));
        assert_eq!(argmax(&[-0.5]), Some((0, -0.5)));
        assert_eq!(argmax(&[]), None);
    }

    proptest! {
        #[test]
        fn a_product_is_within_its_bound_of_the_dot_products(
            dim in 1usize..70, k in 1usize..20, n in 1usize..300, seed in any::<u64>(),
        ) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut block = |rows: usize| {
                let data = (0..rows * dim).map(|_| rng.random_range(0.1f32..1.0)).collect();
                Vectors::from_rows(dim, data)
            };
            let (centroids, rows) = (block(k)?, block(n)?);
            let matrix = DMatrix::from_column_slice(dim, k, centroids.as_slice());
            let blocks = map_blocks(&matrix, rows.as_slice(), |_, s| s.to_vec());
            let scores = blocks.concat();
            for (row, scores) in rows.iter().zip(scores.chunks(k)) {
                for (centroid, score) in centroids.iter().zip(scores) {
                    prop_assert!((dot(centroid, row) - score).abs() <= rounding_gap(dim) / 2.0);
                }
            }
            let order: Vec<u32> = (0..n as u32).rev().collect();
            let gathered = map_gathered_blocks(&matrix, rows.as_slice(), &order, |_, s| {
                s.to_vec()
            }).concat();
            let mut backwards: Vec<_> = gathered.chunks(k).collect();
            backwards.reverse();
            for (a, b) in backwards.concat().iter().zip(&scores) {
                prop_assert!((a - b).abs() <= rounding_gap(dim));
            }
        }

        #[test]
        fn largest_and_floor_are_those_of_a_plain_loop(
            scores in prop::collection::vec(-1.0f32..1.0, 1..90), floor in -1.0f32..1.0,
        ) {
            let plain = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert_eq!(argmax(&scores).map(|(_, best)| best), Some(plain));
            let mut above = Vec::new();
            at_least(&scores, floor, |at| above.push(at));
            let naive: Vec<usize> = (0..scores.len()).filter(|&i| scores[i] >= floor).collect();
            prop_assert_eq!(above, naive);
        }
    }
}
