//! Layer normalisation, alone and fused with the residual before it.

use super::LANES;
use super::dispatch::{Isa, Kernel};
use super::lanes::{chunks, chunks_mut, mul_add, sum};

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
    isa.run(NormRows { rows, norm });
}

/// Replaces every row `h` of `hidden` by `norm(h + x)`, `x` being the same row of `update`.
///
/// Both blocks are row-major `(n_rows, gamma.len())`.
pub(crate) fn add_residual_norm(isa: Isa, hidden: &mut [f32], update: &[f32], norm: &LayerNorm) {
    isa.run(AddResidualNorm {
        hidden,
        update,
        norm,
    });
}

struct NormRows<'a> {
    rows: &'a mut [f32],
    norm: &'a LayerNorm,
}

impl Kernel for NormRows<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for row in self.rows.chunks_exact_mut(self.norm.gamma.len()) {
            norm_row::<FMA>(row, self.norm);
        }
    }
}

struct AddResidualNorm<'a> {
    hidden: &'a mut [f32],
    update: &'a [f32],
    norm: &'a LayerNorm,
}

impl Kernel for AddResidualNorm<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let width = self.norm.gamma.len();
        let updates = self.update.chunks_exact(width);
        for (row, update) in self.hidden.chunks_exact_mut(width).zip(updates) {
            for (h, x) in chunks_mut(row).iter_mut().zip(chunks(update)) {
                for i in 0..LANES {
                    h[i] += x[i];
                }
            }
            norm_row::<FMA>(row, self.norm);
        }
    }
}

/// Normalises one row in two passes, mean then variance: one pass would cancel where the mean is large.
#[inline(always)]
fn norm_row<const FMA: bool>(row: &mut [f32], norm: &LayerNorm) {
    let width = row.len() as f32;
    let mut total = [0.0; LANES];
    for x in chunks(row) {
        for i in 0..LANES {
            total[i] += x[i];
        }
    }
    let mean = sum(total) / width;
    let mut squares = [0.0; LANES];
    for x in chunks(row) {
        for i in 0..LANES {
            let centred = x[i] - mean;
            squares[i] = mul_add::<FMA>(centred, centred, squares[i]);
        }
    }
    let inverse_deviation = 1.0 / (sum(squares) / width + norm.eps).sqrt();
    let affine = chunks(&norm.gamma).iter().zip(chunks(&norm.beta));
    for (x, (gamma, beta)) in chunks_mut(row).iter_mut().zip(affine) {
        for i in 0..LANES {
            x[i] = mul_add::<FMA>((x[i] - mean) * inverse_deviation, gamma[i], beta[i]);
        }
    }
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
