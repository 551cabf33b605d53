//! Centroids in a byte a component: a quarter of the memory to read, and as many more in a register.
//!
//! Routing a query reads every centroid, and a large codebook comes from a cache that is slower than the arithmetic. So a query
//! is first multiplied by centroids whose components are rounded to whole steps of the centroid's own, 127 of them up to its
//! largest component. By the Cauchy-Schwarz inequality such a product is off by at most
//!
//! ```text
//! |c - c'| |q| + |c'| |q - q'|
//! ```
//!
//! where `c'` and `q'` are what was rounded; some 0.01 for centroids of 384 components. Only what may be among the best by that
//! bound is then multiplied exactly ([`ranking`](crate::ranking)), so that the ranking is exact.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;

use crate::product::rounding_gap;

/// Largest step of a centroid's component.
const LARGEST: f32 = i8::MAX as f32;

/// Largest step of a query's component, of which few are needed: a query has sixteen bits.
const LARGEST_OF_QUERY: i32 = 16_383;

/// Components of a row are filled up with zeros to a multiple of this, two registers of bytes.
const PADDING: usize = 64;

/// Most components with which no sum of products leaves its 32 bits.
pub(crate) const MOST_COMPONENTS: usize = 1 << 16;

/// Relative allowance for what is computed in 32 bits where a bound is computed.
const SLACK: f32 = 1.0 + 1e-5;

/// Holds rounded unit centroids.
#[derive(Debug, Clone)]
pub(crate) struct RoundedCentroids {
    dim: usize,
    /// Row-major `(K, padded dim)`.
    rows: Vec<i8>,
    /// What a step of each centroid is worth.
    steps: Vec<f32>,
    /// No centroid is further from what it was rounded to.
    largest_error: f32,
}

/// Is the products of a query with all centroids, as far as rounded ones tell.
#[derive(Debug)]
pub(crate) struct Estimates {
    /// In the order of the centroids.
    pub(crate) scores: Vec<f32>,
    /// How far each may be from [`dot`](crate::dot), above or below.
    pub(crate) off: f32,
}

impl RoundedCentroids {
    /// Rounds the rows of `centroids`, unit vectors of `dim` components.
    pub(crate) fn new(dim: usize, centroids: &[f32]) -> Self {
        let k = centroids.len() / dim.max(1);
        let mut rounded = Self {
            dim,
            rows: Vec::with_capacity(k * padded(dim)),
            steps: Vec::with_capacity(k),
            largest_error: 0.0,
        };
        for centroid in centroids.chunks_exact(dim.max(1)) {
            rounded.push(centroid);
        }
        rounded
    }

    /// Appends a centroid.
    pub(crate) fn push(&mut self, unit: &[f32]) {
        self.rows.resize(self.rows.len() + padded(self.dim), 0);
        self.steps.push(0.0);
        self.set(self.steps.len() - 1, unit);
    }

    /// Sets one centroid.
    pub(crate) fn set(&mut self, at: usize, unit: &[f32]) {
        let width = padded(self.dim);
        let row = &mut self.rows[at * width..(at + 1) * width];
        let step = largest(unit) / LARGEST;
        for (rounded, x) in row.iter_mut().zip(unit) {
            *rounded = whole(*x, step) as i8;
        }
        let error = distance(unit, row.iter().map(|steps| f32::from(*steps)), step);
        self.steps[at] = step;
        // That of a centroid that is gone may stay: it bounds the others all the same.
        self.largest_error = self.largest_error.max(error);
    }

    /// Removes one centroid; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, at: usize) {
        let width = padded(self.dim);
        let last = self.rows.len() - width;
        self.rows.copy_within(last.., at * width);
        self.rows.truncate(last);
        self.steps.swap_remove(at);
    }

    /// Counts the bytes that are held.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.capacity() + self.steps.capacity() * size_of::<f32>()
    }

    /// Estimates the product of each centroid with a unit vector.
    ///
    /// Costs `K * dim` multiplications of whole numbers, sixteen at a time with AVX2 (`benches/routing.rs`).
    pub(crate) fn products(&self, x: &[f32]) -> Estimates {
        let most = i32::MAX / 2 / (i32::from(i8::MAX) * self.dim.clamp(1, MOST_COMPONENTS) as i32);
        let step = largest(x) / most.min(LARGEST_OF_QUERY) as f32;
        let mut query: Vec<i16> = x.iter().map(|x| whole(*x, step) as i16).collect();
        query.resize(padded(self.dim), 0);
        let error = distance(x, query.iter().map(|steps| f32::from(*steps)), step);
        let mut sums = Vec::with_capacity(self.steps.len());
        sums_into(&self.rows, &query, &mut sums);
        let pairs = sums.iter().zip(&self.steps);
        let scores = pairs.map(|(sum, of_row)| *sum as f32 * (of_row * step));
        let off = self.largest_error + (1.0 + self.largest_error) * error;
        Estimates {
            scores: scores.collect(),
            off: off * SLACK + rounding_gap(self.dim),
        }
    }
}

/// Returns the components of a row that holds `dim` of them.
fn padded(dim: usize) -> usize {
    dim.next_multiple_of(PADDING)
}

fn largest(unit: &[f32]) -> f32 {
    unit.iter().fold(0.0, |most, x| x.abs().max(most))
}

/// Returns a component in whole steps.
fn whole(x: f32, step: f32) -> f32 {
    if step > 0.0 { (x / step).round() } else { 0.0 }
}

/// Returns how far a vector is from what it was rounded to.
fn distance(unit: &[f32], rounded: impl Iterator<Item = f32>, step: f32) -> f32 {
    let squares = unit.iter().zip(rounded).map(|(x, steps)| {
        let error = f64::from(*x) - f64::from(steps) * f64::from(step);
        error * error
    });
    squares.sum::<f64>().sqrt() as f32
}

/// Appends the product of the query with each row, in steps of both, to `out`.
fn sums_into(rows: &[i8], query: &[i16], out: &mut Vec<i32>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = avx2::Avx2::detect() {
        return avx2.sums_into(rows, query, out);
    }
    portable::sums_into(rows, query, out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Vectors, dot};

    #[test]
    fn a_centroid_worked_by_hand() {
        // Steps of 0.8/127: 0.6 is 95.25 of them and becomes 95.
        let mut rounded = RoundedCentroids::new(2, &[0.6, -0.8]);
        assert_eq!(rounded.rows[..3], [95, -127, 0]);
        let off_by = 0.25 * 0.8 / 127.0;
        assert!((rounded.largest_error - off_by).abs() < 1e-7);
        let Estimates { scores, off } = rounded.products(&[1.0, 0.0]);
        assert!((scores[0] - (0.6 - off_by)).abs() < 1e-6, "{scores:?}");
        assert!(off >= off_by);
        rounded.push(&[0.0, 1.0]);
        rounded.swap_remove(0);
        assert_eq!(rounded.rows[..3], [0, 127, 0]);
        assert_eq!(rounded.products(&[0.0, 1.0]).scores.len(), 1);
    }

    #[test]
    fn the_largest_sum_fits() {
        // All components are equal, so that every one of them is the largest.
        let dim = MOST_COMPONENTS;
        let unit = vec![(dim as f32).sqrt().recip(); dim];
        let Estimates { scores, .. } = RoundedCentroids::new(dim, &unit).products(&unit);
        assert!((scores[0] - 1.0).abs() < 1e-3, "{scores:?}");
    }

    proptest! {
        #[test]
        fn no_product_is_further_off_than_is_said(dim in 1usize..200, seed in any::<u64>()) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut draw = |rows: usize| {
                let numbers = (0..rows * dim).map(|_| rng.random_range(-1.0f32..1.0));
                Vectors::from_rows(dim, numbers.collect())
            };
            let (Ok(centroids), Ok(x)) = (draw(9), draw(1)) else {
                // One number may be too near to zero to have a direction.
                return Ok(());
            };
            let x = x.as_slice();
            let rounded = RoundedCentroids::new(dim, centroids.as_slice());
            let Estimates { scores, off } = rounded.products(x);
            prop_assert!(off < 0.05, "{}", off);
            for (centroid, estimate) in centroids.iter().zip(&scores) {
                prop_assert!((dot(centroid, x) - estimate).abs() <= off);
            }
        }

        #[test]
        fn every_variant_gives_the_same_sums(blocks in 0usize..5, rows in 0usize..4, seed in any::<u64>()) {
            use rand::{Rng, SeedableRng};
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let width = blocks * PADDING;
            let rows: Vec<i8> = (0..rows * width).map(|_| rng.random_range(-127..=127)).collect();
            let query: Vec<i16> = (0..width).map(|_| rng.random_range(-16_383..=16_383)).collect();
            let (mut portable, mut widest) = (Vec::new(), Vec::new());
            portable::sums_into(&rows, &query, &mut portable);
            sums_into(&rows, &query, &mut widest);
            prop_assert_eq!(portable, widest);
        }
    }
}
