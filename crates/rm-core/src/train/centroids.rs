//! The move of the centroids to the mean of what was assigned to them.

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::product::{argmax, map_gathered_blocks};

/// Is what one pass over a sample found: for each position of the order, its nearest centroid and score.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) nearest: Vec<u32>,
    pub(super) scores: Vec<f32>,
}

impl Assignment {
    /// Assigns the rows that `order` names to their nearest centroids.
    pub(super) fn of(centroids: &DMatrix<f32>, rows: &[f32], order: &[u32]) -> Self {
        let k = centroids.ncols();
        let blocks = map_gathered_blocks(centroids, rows, order, |_, scores| {
            let columns = scores.chunks(k);
            columns.filter_map(argmax).collect::<Vec<(usize, f32)>>()
        });
        let (nearest, scores) = blocks
            .into_iter()
            .flatten()
            .map(|(at, score)| (at as u32, score))
            .unzip();
        Self { nearest, scores }
    }

    /// Assigns the rows that `order` names to the centroids with the largest score less price.
    ///
    /// The scores are those without prices.
    pub(super) fn priced(
        centroids: &DMatrix<f32>,
        rows: &[f32],
        order: &[u32],
        prices: &[f32],
    ) -> Self {
        let k = centroids.ncols();
        let blocks = map_gathered_blocks(centroids, rows, order, |_, scores| {
            let mut net = vec![0.0; k];
            let nearest = scores.chunks(k).filter_map(|scores| {
                for ((net, score), price) in net.iter_mut().zip(scores).zip(prices) {
                    *net = score - price;
                }
                argmax(&net).map(|(at, _)| (at as u32, scores[at]))
            });
            nearest.collect::<Vec<(u32, f32)>>()
        });
        let (nearest, scores) = blocks.into_iter().flatten().unzip();
        Self { nearest, scores }
    }

    /// Returns how many rows each of `k` centroids was given.
    pub(super) fn sizes(&self, k: usize) -> Vec<usize> {
        let mut sizes = vec![0; k];
        self.nearest.iter().for_each(|&at| sizes[at as usize] += 1);
        sizes
    }

    /// Returns the mean cosine of a row and its centroid.
    pub(super) fn fidelity(&self) -> f32 {
        let sum: f64 = self.scores.iter().map(|score| f64::from(*score)).sum();
        (sum / self.scores.len().max(1) as f64) as f32
    }

    /// Moves each centroid to the direction of the sum of its rows, and gives those without rows the
    /// worst-served row of the list with the largest summed error.
    pub(super) fn move_centroids(&self, centroids: &mut DMatrix<f32>, rows: &[f32], order: &[u32]) {
        let (dim, k) = centroids.shape();
        let lists = Lists::of(&self.nearest, k);
        let columns = centroids.as_mut_slice().par_chunks_mut(dim).enumerate();
        columns.for_each(|(at, column)| {
            let members = lists.members(at);
            if !members.is_empty() {
                sum_direction(column, members.iter().map(|&m| row(rows, dim, order, m)));
            }
        });
        let empty = (0..k).filter(|&at| lists.members(at).is_empty());
        for (at, member) in empty.zip(self.worst_served(&lists, k)) {
            centroids
                .column_mut(at)
                .copy_from_slice(row(rows, dim, order, member));
        }
    }

    /// Moves each centroid towards the rows that `wanted` gives it and this assignment does not, and away from
    /// those that it is the other way round with.
    ///
    /// The step is the sum of these rows over the mean number of rows a centroid has.
    pub(super) fn teach(
        &self,
        wanted: &Self,
        centroids: &mut DMatrix<f32>,
        rows: &[f32],
        order: &[u32],
    ) {
        let (dim, k) = centroids.shape();
        let step = k as f32 / order.len().max(1) as f32;
        let (given, due) = (Lists::of(&self.nearest, k), Lists::of(&wanted.nearest, k));
        let columns = centroids.as_mut_slice().par_chunks_mut(dim).enumerate();
        columns.for_each(|(at, column)| {
            let mut moved = column.to_vec();
            let mut add = |members: &[u32], others: &[u32], factor: f32| {
                for &m in members.iter().filter(|&&m| others[m as usize] != at as u32) {
                    let row = row(rows, dim, order, m);
                    moved
                        .iter_mut()
                        .zip(row)
                        .for_each(|(c, x)| *c += factor * x);
                }
            };
            add(due.members(at), &self.nearest, step);
            add(given.members(at), &wanted.nearest, -step);
            sum_direction(column, std::iter::once(moved.as_slice()));
        });
    }

    /// Returns the worst-served position of each list of two or more, the list with the largest summed
    /// error first.
    fn worst_served(&self, lists: &Lists, k: usize) -> impl Iterator<Item = u32> + use<> {
        let mut ranked: Vec<(f32, usize, u32)> = (0..k)
            .filter(|&at| lists.members(at).len() > 1)
            .filter_map(|at| {
                let members = lists.members(at);
                let error = members.iter().map(|&m| 1.0 - self.scores[m as usize]).sum();
                let score = |m: &u32| self.scores[*m as usize];
                let worst = members.iter().min_by(|a, b| score(a).total_cmp(&score(b)));
                worst.map(|&worst| (error, at, worst))
            })
            .collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.into_iter().map(|(_, _, worst)| worst)
    }
}

/// Holds the positions assigned to each centroid, in rising order, one list after the other.
struct Lists {
    starts: Vec<u32>,
    positions: Vec<u32>,
}

impl Lists {
    /// Sorts positions by centroid, counting first.
    fn of(nearest: &[u32], k: usize) -> Self {
        let mut starts = vec![0u32; k + 1];
        nearest.iter().for_each(|&at| starts[at as usize + 1] += 1);
        for at in 0..k {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut positions = vec![0u32; nearest.len()];
        for (position, &at) in nearest.iter().enumerate() {
            let slot = &mut next[at as usize];
            positions[*slot as usize] = position as u32;
            *slot += 1;
        }
        Self { starts, positions }
    }

    fn members(&self, at: usize) -> &[u32] {
        &self.positions[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// Returns the row at `position` of `order`.
fn row<'a>(rows: &'a [f32], dim: usize, order: &[u32], position: u32) -> &'a [f32] {
    let start = order[position as usize] as usize * dim;
    &rows[start..start + dim]
}

/// Sets `column` to the direction of the sum of `rows`; leaves it as it is where they cancel out.
pub(crate) fn sum_direction<'a>(column: &mut [f32], rows: impl Iterator<Item = &'a [f32]>) {
    let mut sum = vec![0.0f32; column.len()];
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    let norm = sum
        .iter()
        .map(|x| f64::from(*x) * f64::from(*x))
        .sum::<f64>()
        .sqrt();
    if norm > 1e-6 {
        column
            .iter_mut()
            .zip(&sum)
            .for_each(|(c, x)| *c = (f64::from(*x) / norm) as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centroids_move_to_the_direction_of_their_rows() {
        let rows = [1.0, 0.0, 0.6, 0.8, 0.0, -1.0];
        let mut centroids = DMatrix::from_column_slice(2, 2, &[1.0, 0.0, 0.0, -1.0]);
        let order = [0, 1, 2];
        let assignment = Assignment::of(&centroids, &rows, &order);
        assert_eq!(assignment.nearest, [0, 0, 1]);
        assert!((assignment.fidelity() - 2.6 / 3.0).abs() < 1e-6);
        assignment.move_centroids(&mut centroids, &rows, &order);
        // (1.6, 0.8) has norm sqrt(3.2).
        let expected = [1.6 / 3.2f32.sqrt(), 0.8 / 3.2f32.sqrt(), 0.0, -1.0];
        for (got, expected) in centroids.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn a_price_sends_rows_to_the_next_centroid() {
        let rows = [1.0, 0.0, 0.8, 0.6, 0.0, 1.0];
        let centroids = DMatrix::from_column_slice(2, 2, &[1.0, 0.0, 0.0, 1.0]);
        let plain = Assignment::priced(&centroids, &rows, &[0, 1, 2], &[0.0, 0.0]);
        assert_eq!(plain.nearest, [0, 0, 1]);
        // 0.8 - 0.3 is less than 0.6, and the score stays what it is without the price.
        let priced = Assignment::priced(&centroids, &rows, &[0, 1, 2], &[0.3, 0.0]);
        assert_eq!(priced.nearest, [0, 1, 1]);
        assert_eq!(priced.scores, [1.0, 0.6, 1.0]);
        assert_eq!(priced.sizes(2), [1, 2]);
    }

    #[test]
    fn centroids_learn_to_do_without_prices() {
        let rows = [1.0, 0.0, 0.8, 0.6, 0.0, 1.0];
        let order = [0, 1, 2];
        let mut centroids = DMatrix::from_column_slice(2, 2, &[1.0, 0.0, 0.0, 1.0]);
        let wanted = Assignment::priced(&centroids, &rows, &order, &[0.3, 0.0]);
        Assignment::of(&centroids, &rows, &order).teach(&wanted, &mut centroids, &rows, &order);
        // The row (0.8, 0.6), times 2 / 3, leaves the first for the second.
        let expected = [(1.0 - 1.6 / 3.0, -0.4), (1.6 / 3.0, 1.4)];
        for (column, (x, y)) in centroids.column_iter().zip(expected) {
            let norm = f32::hypot(x, y);
            assert!((column[0] - x / norm).abs() < 1e-6 && (column[1] - y / norm).abs() < 1e-6);
        }
        let learnt = Assignment::of(&centroids, &rows, &order);
        assert_eq!(learnt.nearest, wanted.nearest);
    }

    #[test]
    fn a_centroid_without_rows_takes_the_worst_served_one() {
        let rows = [1.0, 0.0, 0.6, 0.8];
        let mut centroids = DMatrix::from_column_slice(2, 2, &[1.0, 0.0, -1.0, 0.0]);
        let order = [0, 1];
        Assignment::of(&centroids, &rows, &order).move_centroids(&mut centroids, &rows, &order);
        assert_eq!(centroids.column(1).as_slice(), &[0.6, 0.8]);
    }
}
