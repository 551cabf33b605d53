//! The matrix product, which is candle's: the `gemm` crate that its CPU backend runs on.
//!
//! Called directly because a product here writes into a reused buffer, and because packs of tokens
//! run one to a thread, where candle's tensors would each ask for all threads.

use gemm::Parallelism;

/// Says how many threads one matrix product may use; the result is the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threads {
    /// The caller's thread alone.
    One,
    /// All of the current rayon pool.
    Pool,
}

/// Computes `out = x w`, with `x` row-major `(n, k)`, `w` row-major `(k, m)`, `out` row-major `(n, m)`.
///
/// # Panics
/// When a block does not have that shape: the pointers below rest on it.
pub(crate) fn matmul(
    out: &mut [f32],
    x: &[f32],
    w: &[f32],
    [n, k, m]: [usize; 3],
    threads: Threads,
) {
    assert_eq!(x.len(), n * k, "left matrix of {n} x {k}");
    assert_eq!(w.len(), k * m, "right matrix of {k} x {m}");
    assert_eq!(out.len(), n * m, "product of {n} x {m}");
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::Pool => Parallelism::Rayon(0),
    };
    // SAFETY: all three pointers come from live slices whose lengths were checked above against the
    // shapes and strides passed here; `out` is borrowed mutably, so it overlaps neither operand. The
    // old contents of `out` are not read.
    unsafe {
        gemm::gemm(
            n,
            m,
            k,
            out.as_mut_ptr(),
            1,
            m as isize,
            false,
            x.as_ptr(),
            1,
            k as isize,
            w.as_ptr(),
            1,
            m as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Threads, matmul};

    fn naive(x: &[f32], w: &[f32], [n, k, m]: [usize; 3]) -> Vec<f32> {
        let mut out = vec![0.0; n * m];
        for i in 0..n {
            for j in 0..m {
                out[i * m + j] = (0..k).map(|d| x[i * k + d] * w[d * m + j]).sum();
            }
        }
        out
    }

    proptest! {
        #[test]
        fn agrees_with_three_loops_on_any_shape(
            (shape, x, w) in (1usize..40, 1usize..80, 1usize..80).prop_flat_map(|(n, k, m)| (
                Just([n, k, m]),
                prop::collection::vec(-1.0f32..1.0, n * k),
                prop::collection::vec(-1.0f32..1.0, k * m),
            )),
        ) {
            let expected = naive(&x, &w, shape);
            for threads in [Threads::One, Threads::Pool] {
                let mut out = vec![f32::NAN; expected.len()];
                matmul(&mut out, &x, &w, shape, threads);
                for (got, expected) in out.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn is_the_same_to_the_bit_on_any_number_of_threads() {
        let shape = [300, 384, 1536];
        let x: Vec<f32> = (0..300 * 384)
            .map(|i| ((i * 37) % 101) as f32 / 101.0 - 0.5)
            .collect();
        let w: Vec<f32> = (0..384 * 1536)
            .map(|i| ((i * 53) % 97) as f32 / 97.0 - 0.5)
            .collect();
        let mut alone = vec![0.0; 300 * 1536];
        matmul(&mut alone, &x, &w, shape, Threads::One);
        for n_threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .expect("a pool starts");
            let mut out = vec![0.0; alone.len()];
            pool.install(|| matmul(&mut out, &x, &w, shape, Threads::Pool));
            assert_eq!(out, alone, "{n_threads} threads");
        }
    }
}
