//! Activations in 8 bits, a scale and a zero point for each token.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::super::LANES;
use super::super::dispatch::Isa;
use super::super::lanes::chunks;
use super::super::threads::Threads;
use super::Cell;

/// Rows that one task quantises when the pool shares them.
const ROWS_PER_TASK: usize = 16;

/// Largest quantised activation.
const LARGEST: f32 = 255.0;
/// 1.5 x 2^23: adding it leaves the nearest integer in the low bits of the sum.
const ROUNDER: f32 = 12_582_912.0;

/// Rows of activations, each `x = (byte - zero) * scale`, with the row's smallest and largest value, and 0, exact
/// to half a step.
#[derive(Debug, Default)]
pub(crate) struct ByteRows {
    /// `(n_rows, width / inputs_per_cell)`.
    pub(crate) cells: Vec<Cell>,
    /// What one step is worth, for each row.
    pub(crate) scales: Vec<f32>,
    /// The byte that stands for 0, for each row.
    pub(crate) zeros: Vec<i32>,
}

impl ByteRows {
    /// Takes rows of `width` numbers in place of what it holds.
    pub(crate) fn load(&mut self, isa: Isa, rows: &[f32], width: usize, threads: Threads) {
        let n_rows = rows.len() / width;
        let inputs_per_cell = isa.bytes().inputs_per_cell();
        let wide = isa.bytes().is_wide();
        self.cells
            .resize(rows.len() / inputs_per_cell, Cell::default());
        self.scales.resize(n_rows, 0.0);
        self.zeros.resize(n_rows, 0);
        let quantise = |(((rows, cells), scales), zeros)| {
            isa.run(Quantise {
                rows,
                width,
                wide,
                cells,
                scales,
                zeros,
            });
        };
        match threads {
            Threads::One => {
                let out = (&mut *self.cells, &mut *self.scales, &mut *self.zeros);
                quantise((((rows, out.0), out.1), out.2));
            }
            Threads::Pool => rows
                .par_chunks(ROWS_PER_TASK * width)
                .zip(
                    self.cells
                        .par_chunks_mut(ROWS_PER_TASK * width / inputs_per_cell),
                )
                .zip(self.scales.par_chunks_mut(ROWS_PER_TASK))
                .zip(self.zeros.par_chunks_mut(ROWS_PER_TASK))
                .for_each(quantise),
        }
    }
}

struct Quantise<'a> {
    rows: &'a [f32],
    width: usize,
    wide: bool,
    cells: &'a mut [Cell],
    scales: &'a mut [f32],
    zeros: &'a mut [i32],
}

impl WithSimd for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let cells_per_row = self.cells.len() / self.scales.len().max(1);
        let outs = self.cells.chunks_exact_mut(cells_per_row.max(1));
        let parameters = self.scales.iter_mut().zip(self.zeros);
        let rows = self.rows.chunks_exact(self.width);
        for ((row, out), (scale, zero)) in rows.zip(outs).zip(parameters) {
            let (smallest, largest) = range(row);
            *scale = (largest - smallest) / LARGEST;
            let inverse = if *scale > 0.0 { scale.recip() } else { 0.0 };
            let zero_point = (-smallest * inverse).round();
            *zero = zero_point as i32;
            let offset = ROUNDER + zero_point;
            // Not fused, so that every machine rounds alike.
            let byte = |x: f32| (x * inverse + offset).to_bits() as u8;
            if self.wide {
                for (x, out) in row.iter().zip(out.as_flattened_mut().as_chunks_mut().0) {
                    *out = u16::from(byte(*x)).to_le_bytes();
                }
            } else {
                for (x, out) in row.iter().zip(out.as_flattened_mut()) {
                    *out = byte(*x);
                }
            }
        }
    }
}

/// Returns the smallest and the largest of a row and 0.
#[inline(always)]
fn range(row: &[f32]) -> (f32, f32) {
    let (mut smallest, mut largest) = ([0.0f32; LANES], [0.0f32; LANES]);
    for x in chunks(row) {
        for i in 0..LANES {
            smallest[i] = if x[i] < smallest[i] {
                x[i]
            } else {
                smallest[i]
            };
            largest[i] = if x[i] > largest[i] { x[i] } else { largest[i] };
        }
    }
    (
        smallest.into_iter().fold(0.0, f32::min),
        largest.into_iter().fold(0.0, f32::max),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ByteRows, Isa, Threads};

    const WIDTH: usize = 64;

    proptest! {
        #[test]
        fn every_number_comes_back_within_half_a_step(
            rows in prop::collection::vec((-9.0f32..9.0, 0.0f32..2.0), 1..4).prop_flat_map(|rows|
                rows.into_iter().map(|(middle, spread)|
                    prop::collection::vec(middle - spread..=middle + spread, WIDTH)
                ).collect::<Vec<_>>()),
        ) {
            let rows = rows.concat();
            for isa in Isa::available() {
                let mut bytes = ByteRows::default();
                bytes.load(isa, &rows, WIDTH, Threads::Pool);
                for (i, x) in rows.iter().enumerate() {
                    let (scale, zero) = (bytes.scales[i / WIDTH], bytes.zeros[i / WIDTH]);
                    let cells = bytes.cells.as_flattened();
                    let byte = cells[i * cells.len() / rows.len()];
                    let back = (i32::from(byte) - zero) as f32 * scale;
                    prop_assert!((back - x).abs() <= 0.501 * scale + 1e-6, "{x} came back as {back}");
                }
            }
        }
    }

    #[test]
    fn zeros_come_back_as_zeros() {
        let mut bytes = ByteRows::default();
        bytes.load(Isa::detect(), &[0.0; WIDTH], WIDTH, Threads::One);
        assert_eq!((bytes.scales[0], bytes.zeros[0]), (0.0, 0));
        assert!(bytes.cells.as_flattened().iter().all(|byte| *byte == 0));
    }
}
