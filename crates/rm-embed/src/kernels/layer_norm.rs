//! Layer normalisation, alone and fused with the residual before it.

use pulp::{Simd, WithSimd};

use super::dispatch::Isa;

/// Registers that are summed side by side, so that one addition need not wait for the one before.
const SUMS: usize = 4;

/// The learned scale and shift of one layer normalisation (Ba, Kiros and Hinton, 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    /// Scale of each component.
    pub(crate) gamma: Vec<f32>,
    /// Shift of each component.
    pub(crate) beta: Vec<f32>,
    /// What is added to the variance.
    pub(crate) eps: f32,
}

/// Replaces every row by its normalised form; `rows` is row-major `(n_rows, gamma.len())`.
pub(crate) fn norm_rows(isa: Isa, rows: &mut [f32], norm: &LayerNorm) {
    isa.run(NormRows {
        rows,
        update: None,
        norm,
    });
}

/// Replaces every row `h` of `hidden` by `norm(h + x)`, `x` being the same row of `update`.
///
/// Both blocks are row-major `(n_rows, gamma.len())`.
pub(crate) fn add_residual_norm(isa: Isa, hidden: &mut [f32], update: &[f32], norm: &LayerNorm) {
    isa.run(NormRows {
        rows: hidden,
        update: Some(update),
        norm,
    });
}

struct NormRows<'a> {
    rows: &'a mut [f32],
    update: Option<&'a [f32]>,
    norm: &'a LayerNorm,
}

impl WithSimd for NormRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.norm.gamma.len();
        for (number, row) in self.rows.chunks_exact_mut(width).enumerate() {
            let row = S::as_mut_simd_f32s(row).0;
            if let Some(update) = self.update {
                let update = S::as_simd_f32s(&update[number * width..][..width]).0;
                for (h, x) in row.iter_mut().zip(update) {
                    *h = simd.add_f32s(*h, *x);
                }
            }
            norm_row(simd, row, self.norm);
        }
    }
}

/// Normalises one row in two passes, mean then variance: one pass would cancel where the mean is large.
#[inline(always)]
fn norm_row<S: Simd>(simd: S, row: &mut [S::f32s], norm: &LayerNorm) {
    let width = norm.gamma.len() as f32;
    let mean = sum(simd, row, |x| x) / width;
    let mean = simd.splat_f32s(mean);
    let variance = sum(simd, row, |x| {
        let centred = simd.sub_f32s(x, mean);
        simd.mul_f32s(centred, centred)
    }) / width;
    let inverse_deviation = simd.splat_f32s(1.0 / (variance + norm.eps).sqrt());
    let gamma = S::as_simd_f32s(&norm.gamma).0;
    let beta = S::as_simd_f32s(&norm.beta).0;
    for ((x, gamma), beta) in row.iter_mut().zip(gamma).zip(beta) {
        let unit = simd.mul_f32s(simd.sub_f32s(*x, mean), inverse_deviation);
        *x = simd.mul_add_e_f32s(unit, *gamma, *beta);
    }
}

/// Sums what `term` makes of each number.
#[inline(always)]
fn sum<S: Simd>(simd: S, row: &[S::f32s], term: impl Fn(S::f32s) -> S::f32s) -> f32 {
    let (quads, rest) = row.as_chunks::<SUMS>();
    let zero = simd.splat_f32s(0.0);
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    for quad in quads {
        a = simd.add_f32s(a, term(quad[0]));
        b = simd.add_f32s(b, term(quad[1]));
        c = simd.add_f32s(c, term(quad[2]));
        d = simd.add_f32s(d, term(quad[3]));
    }
    for x in rest {
        a = simd.add_f32s(a, term(*x));
    }
    simd.reduce_sum_f32s(simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d)))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};
    use proptest::prelude::*;

    use super::{Isa, LayerNorm, add_residual_norm};

    const WIDTH: usize = 64;
    const EPS: f32 = 1e-12;

    fn block(n_rows: usize) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(-8.0f32..8.0, n_rows * WIDTH)
    }

    fn candles(hidden: &[f32], update: &[f32], norm: &LayerNorm) -> candle_core::Result<Vec<f32>> {
        let rows =
            |data: &[f32]| Tensor::from_slice(data, (data.len() / WIDTH, WIDTH), &Device::Cpu);
        let row = |data: &[f32]| Tensor::from_slice(data, WIDTH, &Device::Cpu);
        let sum = (rows(hidden)? + rows(update)?)?;
        candle_nn::ops::layer_norm(&sum, &row(&norm.gamma)?, &row(&norm.beta)?, norm.eps)?
            .flatten_all()?
            .to_vec1()
    }

    proptest! {
        #[test]
        fn agrees_with_candles_layer_norm(
            hidden in block(3),
            update in block(3),
            gamma in block(1),
            beta in block(1),
        ) {
            let norm = LayerNorm { gamma, beta, eps: EPS };
            let expected = candles(&hidden, &update, &norm).expect("candle normalises");
            for isa in Isa::available() {
                let mut got = hidden.clone();
                add_residual_norm(isa, &mut got, &update, &norm);
                for (got, expected) in got.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 2e-4, "{got} is not {expected}");
                }
            }
        }
    }
}
