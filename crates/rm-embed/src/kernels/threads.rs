//! How a matrix product is shared among threads.

use rayon::prelude::*;

use super::panels::PANEL;

/// Rows that one task sets side by side when the pool shares them.
const ROWS_PER_TASK: usize = 32;

/// Says how many threads one pack may use; the result is the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The caller's thread alone.
    One,
    /// All of the current rayon pool.
    Pool,
}

impl Threads {
    /// Fills `out`, row-major `(n_rows, n_outputs)`, from panels of [`PANEL`] outputs.
    ///
    /// `multiply` gets a panel's number, where its outputs for row 0 begin, and the distance from there to those
    /// of the next row. `blocks` is scratch for many threads.
    pub(crate) fn over_panels(
        self,
        out: &mut [f32],
        n_outputs: usize,
        blocks: &mut Vec<f32>,
        multiply: impl Fn(usize, &mut [f32], usize) + Sync,
    ) {
        let n_rows = out.len() / n_outputs;
        if n_rows == 0 {
            return;
        }
        match self {
            Self::One => {
                for number in 0..n_outputs / PANEL {
                    multiply(number, &mut out[number * PANEL..], n_outputs);
                }
            }
            Self::Pool => {
                // Each thread fills blocks of its own, which are then set side by side.
                blocks.resize(out.len().max(blocks.len()), 0.0);
                let blocks = &mut blocks[..out.len()];
                blocks
                    .par_chunks_exact_mut(n_rows * PANEL)
                    .enumerate()
                    .for_each(|(number, block)| multiply(number, block, PANEL));
                let blocks = &*blocks;
                out.par_chunks_mut(ROWS_PER_TASK * n_outputs)
                    .enumerate()
                    .for_each(|(task, rows)| {
                        interleave(blocks, n_rows, task * ROWS_PER_TASK, rows)
                    });
            }
        }
    }
}

/// Fills the rows of a product, the first of which is row `first`, from its blocks of [`PANEL`] outputs.
fn interleave(blocks: &[f32], n_rows: usize, first: usize, rows: &mut [f32]) {
    let n_outputs = blocks.len() / n_rows;
    for (row, out) in rows.chunks_exact_mut(n_outputs).enumerate() {
        let blocks = blocks.chunks_exact(n_rows * PANEL);
        for (out, block) in out.chunks_exact_mut(PANEL).zip(blocks) {
            out.copy_from_slice(&block[(first + row) * PANEL..][..PANEL]);
        }
    }
}
