//! The matrix product, which is candle's: the `gemm` crate that its CPU backend runs on.
//!
//! Called directly because a product here writes into a reused buffer, and because packs of tokens
//! run one to a thread, where candle's tensors would each ask for all threads.

use gemm::Parallelism;
use rayon::prelude::*;

use super::panels::{PANEL, Panels};

/// Says how many threads one matrix product may use; the result is the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The caller's thread alone.
    One,
    /// All of the current rayon pool.
    Pool,
}

/// Computes `out = x w`, with `x` row-major `(n, w.n_inputs())` and `out` row-major
/// `(n, w.n_outputs())`; the old contents of `out` do not matter.
///
/// # Panics
/// When a block does not have that shape: the pointers below rest on it.
pub(crate) fn matmul(out: &mut [f32], x: &[f32], w: &Panels, threads: Threads) {
    let (n_inputs, n_outputs) = (w.n_inputs(), w.n_outputs());
    let n_rows = x.len() / n_inputs;
    assert_eq!(x.len(), n_rows * n_inputs, "rows of {n_inputs}");
    assert_eq!(
        out.len(),
        n_rows * n_outputs,
        "product of {n_rows} x {n_outputs}"
    );
    let out = Columns(out.as_mut_ptr());
    let multiply = |(number, panel): (usize, &[f32])| {
        assert_eq!(
            panel.len(),
            n_inputs * PANEL,
            "panel of {n_inputs} x {PANEL}"
        );
        // SAFETY: panel `number` exists, so its PANEL columns lie inside the rows of `out`, whose
        // shape was checked above, as was that of `x` and of this panel. `out` is borrowed mutably
        // until this function returns, so it overlaps neither operand, and panels write to columns
        // of their own, so no two threads write to one place. What is written is not read before.
        unsafe {
            gemm::gemm(
                n_rows,
                PANEL,
                n_inputs,
                out.from(number * PANEL),
                1,
                n_outputs as isize,
                false,
                x.as_ptr(),
                1,
                n_inputs as isize,
                panel.as_ptr(),
                1,
                PANEL as isize,
                0.0,
                1.0,
                false,
                false,
                false,
                Parallelism::None,
            );
        }
    };
    match threads {
        Threads::One => w.iter().enumerate().for_each(multiply),
        Threads::Pool => w.par_iter().enumerate().for_each(multiply),
    }
}

/// The first element of a block whose columns several threads write.
#[derive(Clone, Copy)]
struct Columns(*mut f32);

// SAFETY: the pointer is only followed inside `matmul`, where each thread has columns of its own.
unsafe impl Send for Columns {}
// SAFETY: as above; sharing the address itself is harmless.
unsafe impl Sync for Columns {}

impl Columns {
    /// Returns the address of a column's first element.
    ///
    /// # Safety
    /// The column must lie inside the block.
    unsafe fn from(self, column: usize) -> *mut f32 {
        // SAFETY: the caller promises that the column is inside the block.
        unsafe { self.0.add(column) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PANEL, Panels, Threads, matmul};

    /// Computes `x w'`, with `w` one row an output.
    fn naive(x: &[f32], w: &[f32], n_inputs: usize) -> Vec<f32> {
        let rows = x.chunks(n_inputs);
        rows.flat_map(|x| {
            w.chunks(n_inputs)
                .map(|w| x.iter().zip(w).map(|(x, w)| x * w).sum())
                .collect::<Vec<_>>()
        })
        .collect()
    }

    proptest! {
        #[test]
        fn agrees_with_three_loops_on_any_shape(
            (n_inputs, x, w) in (1usize..40, 1usize..80, 1usize..4).prop_flat_map(|(n, k, panels)| (
                Just(k),
                prop::collection::vec(-1.0f32..1.0, n * k),
                prop::collection::vec(-1.0f32..1.0, k * panels * PANEL),
            )),
        ) {
            let expected = naive(&x, &w, n_inputs);
            let panels = Panels::from_outputs(&w, n_inputs);
            for threads in [Threads::One, Threads::Pool] {
                let mut out = vec![f32::NAN; expected.len()];
                matmul(&mut out, &x, &panels, threads);
                for (got, expected) in out.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn is_the_same_to_the_bit_on_any_number_of_threads() {
        let x: Vec<f32> = (0..300 * 384)
            .map(|i| ((i * 37) % 101) as f32 / 101.0 - 0.5)
            .collect();
        let w: Vec<f32> = (0..384 * 1536)
            .map(|i| ((i * 53) % 97) as f32 / 97.0 - 0.5)
            .collect();
        let panels = Panels::from_outputs(&w, 384);
        let mut alone = vec![0.0; 300 * 1536];
        matmul(&mut alone, &x, &panels, Threads::One);
        for n_threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .expect("a pool starts");
            let mut out = vec![0.0; alone.len()];
            pool.install(|| matmul(&mut out, &x, &panels, Threads::Pool));
            assert_eq!(out, alone, "{n_threads} threads");
        }
    }
}
