//! The exact (erf) GELU, fused with the bias of the product before it.

use super::dispatch::{Isa, Kernel};
use super::lanes::{chunks, chunks_mut, mul_add};

/// Beyond this the normal distribution function is 0 or 1 to within 1.1e-8.
const SATURATION: f32 = 5.6;
/// `(Phi(x) - 1/2) / x = P(x^2) / Q(x^2)` on `[-5.6, 5.6]`: our own weighted minimax fit of the two
/// degree-5 polynomials, lowest power first. All coefficients are positive, so nothing cancels.
const P: [f32; 6] = [
    0.398_942_17,
    3.493_207e-2,
    4.743_956_5e-3,
    1.798_462_5e-4,
    6.427_261e-6,
    2.189_401_5e-8,
];
const Q: [f32; 6] = [
    1.0,
    0.254_226_86,
    2.926_512e-2,
    1.946_727_5e-3,
    7.718_086e-5,
    1.178_113_8e-6,
];

/// Replaces every row `x` of `rows` by `gelu(x + bias)`.
///
/// `rows` is row-major `(n_rows, bias.len())`; the width is a multiple of the lane count.
pub(crate) fn add_bias_gelu(isa: Isa, rows: &mut [f32], bias: &[f32]) {
    isa.run(AddBiasGelu { rows, bias });
}

struct AddBiasGelu<'a> {
    rows: &'a mut [f32],
    bias: &'a [f32],
}

impl Kernel for AddBiasGelu<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for row in self.rows.chunks_exact_mut(self.bias.len()) {
            for (x, bias) in chunks_mut(row).iter_mut().zip(chunks(self.bias)) {
                for (x, &bias) in x.iter_mut().zip(bias) {
                    *x = gelu::<FMA>(*x + bias);
                }
            }
        }
    }
}

/// Computes `x Phi(x)`, to 1e-7 of `max(1, |x|)`.
#[inline(always)]
fn gelu<const FMA: bool>(x: f32) -> f32 {
    let bounded = x.clamp(-SATURATION, SATURATION);
    let square = bounded * bounded;
    let odd = bounded * horner::<FMA>(&P, square) / horner::<FMA>(&Q, square);
    x * (0.5 + odd)
}

#[inline(always)]
fn horner<const FMA: bool>(coefficients: &[f32; 6], x: f32) -> f32 {
    let [c0, c1, c2, c3, c4, c5] = *coefficients;
    let mut sum = c5;
    for c in [c4, c3, c2, c1, c0] {
        sum = mul_add::<FMA>(sum, x, c);
    }
    sum
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{Isa, add_bias_gelu};

    const WIDTH: usize = 32;

    #[test]
    fn agrees_with_candles_gelu_erf() {
        let inputs: Vec<f32> = (-40_000..40_000).map(|step| step as f32 * 5e-4).collect();
        let bias = vec![0.0; WIDTH];
        let expected = Tensor::new(inputs.as_slice(), &Device::Cpu)
            .and_then(|t| t.gelu_erf()?.to_vec1::<f32>())
            .expect("candle computes gelu");
        for isa in [Isa::detect(), Isa::Portable] {
            let mut got = inputs.clone();
            add_bias_gelu(isa, &mut got, &bias);
            for ((x, got), expected) in inputs.iter().zip(&got).zip(&expected) {
                let error = (got - expected).abs() / x.abs().max(1.0);
                assert!(error < 3e-7, "gelu({x}) = {got}, candle says {expected}");
            }
        }
    }

    #[test]
    fn adds_the_bias_first() {
        let mut rows = vec![0.25; 2 * WIDTH];
        let bias: Vec<f32> = (0..WIDTH)
            .map(|i| if i == 3 { 0.75 } else { -0.25 })
            .collect();
        add_bias_gelu(Isa::detect(), &mut rows, &bias);
        for row in rows.chunks(WIDTH) {
            // gelu(1) = Phi(1) and gelu(0) = 0
            assert!((row[3] - 0.841_344_8).abs() < 1e-6);
            assert_eq!(row[4], 0.0);
        }
    }
}
