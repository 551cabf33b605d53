//! Exact search: what every answer is measured against.

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::dot::{dot, dots_into};
use crate::product::{BLOCK, product, rounding_gap};
use crate::top_k::{Scored, TopK};
use crate::vectors::{check_unit, columns};
use crate::{Error, Result, Vectors};

/// Queries multiplied with a block of rows at once.
const QUERIES: usize = 64;

/// Is one row found by an exact search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactHit {
    /// Position of the vector in the block that was searched.
    pub row: usize,
    /// Its dot product with the query.
    pub score: f32,
}

/// Compares a query with every vector; what a dense index does.
#[derive(Debug, Clone, Copy)]
pub struct ExactSearch<'a> {
    vectors: &'a Vectors,
}

impl<'a> ExactSearch<'a> {
    /// Searches in `vectors`.
    #[must_use]
    pub fn new(vectors: &'a Vectors) -> Self {
        Self { vectors }
    }

    /// Returns the `k` rows with the largest dot products, best first; of equals the first row comes first.
    ///
    /// Costs `N * dim` multiplications on one core.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn top_k(&self, x: &[f32], k: usize) -> Result<Vec<ExactHit>> {
        let x = check_unit(self.vectors.dim(), x)?;
        let mut scores = Vec::with_capacity(self.vectors.len());
        dots_into(&x, self.vectors.as_slice(), &mut scores);
        let mut best = TopK::new(k);
        scores
            .iter()
            .enumerate()
            .for_each(|(row, score)| best.push(*score, row));
        Ok(hits(best))
    }

    /// Searches for many vectors on all cores; gives what [`top_k`](Self::top_k) gives for each.
    ///
    /// Matrix products find what may be among the best, and what lies within their rounding is scored again.
    ///
    /// # Errors
    /// [`Error::WrongDimension`].
    pub fn top_k_batch(&self, queries: &Vectors, k: usize) -> Result<Vec<Vec<ExactHit>>> {
        let dim = self.vectors.dim();
        if queries.dim() != dim {
            return Err(Error::WrongDimension {
                expected: dim,
                got: queries.dim(),
            });
        }
        let blocks = queries.as_slice().par_chunks(QUERIES * dim);
        let found = blocks
            .map(|block| self.top_k_block(block, k))
            .collect::<Vec<_>>();
        Ok(found.into_iter().flatten().collect())
    }

    /// Searches for a few queries, row-major, in one pass over the vectors.
    fn top_k_block(&self, queries: &[f32], k: usize) -> Vec<Vec<ExactHit>> {
        let dim = self.vectors.dim();
        let transposed = columns(dim, queries).transpose();
        let mut scores = DMatrix::zeros(0, 0);
        let mut near: Vec<Near> = (0..transposed.nrows())
            .map(|_| Near::new(k, rounding_gap(dim)))
            .collect();
        for (block, rows) in self.vectors.as_slice().chunks(BLOCK * dim).enumerate() {
            let scores = product(&transposed, columns(dim, rows), &mut scores);
            for (at, scores) in scores.chunks(near.len()).enumerate() {
                for (near, score) in near.iter_mut().zip(scores) {
                    near.offer(block * BLOCK + at, *score);
                }
            }
        }
        let queries = queries.chunks_exact(dim);
        queries
            .zip(near)
            .map(|(x, near)| near.rescore(x, self.vectors))
            .collect()
    }
}

/// Collects the rows of one query whose products may belong to the `k` best scores.
struct Near {
    best: TopK<usize>,
    rows: Vec<(usize, f32)>,
    gap: f32,
    floor: f32,
    k: usize,
}

impl Near {
    fn new(k: usize, gap: f32) -> Self {
        let floor = if k == 0 {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        };
        Self {
            best: TopK::new(k),
            rows: Vec::new(),
            gap,
            floor,
            k,
        }
    }

    fn offer(&mut self, row: usize, product: f32) {
        if product < self.floor {
            return;
        }
        self.best.push(product, row);
        self.rows.push((row, product));
        self.floor = self
            .best
            .floor()
            .map_or(self.floor, |floor| floor - self.gap);
        if self.rows.len() > 16 * self.k + 256 {
            let floor = self.floor;
            self.rows.retain(|(_, product)| *product >= floor);
        }
    }

    fn rescore(self, x: &[f32], vectors: &Vectors) -> Vec<ExactHit> {
        let mut best = TopK::new(self.k);
        for (row, product) in self.rows {
            if product >= self.floor
                && let Some(vector) = vectors.get(row)
            {
                best.push(dot(x, vector), row);
            }
        }
        hits(best)
    }
}

fn hits(best: TopK<usize>) -> Vec<ExactHit> {
    let kept = best.into_sorted().into_iter();
    kept.map(|Scored { id, score }| ExactHit { row: id, score })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_equals_in_order() -> Result<()> {
        let vectors = Vectors::from_rows(2, vec![0.0, 1.0, 1.0, 0.0, 0.6, 0.8, 1.0, 0.0])?;
        let found = ExactSearch::new(&vectors).top_k(&[1.0, 0.0], 3)?;
        let rows: Vec<usize> = found.iter().map(|hit| hit.row).collect();
        assert_eq!(rows, [1, 3, 2]);
        assert_eq!(found[2].score, 0.6);
        assert!(ExactSearch::new(&vectors).top_k(&[1.0, 0.0], 0)?.is_empty());
        Ok(())
    }
}
