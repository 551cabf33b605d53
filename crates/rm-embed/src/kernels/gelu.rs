//! The exact (erf) GELU.

use pulp::{Simd, WithSimd};

use super::dispatch::Isa;

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

/// Computes `x Phi(x)`, to 1e-7 of `max(1, |x|)`.
#[inline(always)]
pub(crate) fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let bounded = simd.max_f32s(x, simd.splat_f32s(-SATURATION));
    let bounded = simd.min_f32s(bounded, simd.splat_f32s(SATURATION));
    let square = simd.mul_f32s(bounded, bounded);
    let odd = simd.mul_f32s(bounded, horner(simd, &P, square));
    let odd = simd.div_f32s(odd, horner(simd, &Q, square));
    simd.mul_f32s(x, simd.add_f32s(simd.splat_f32s(0.5), odd))
}

/// Replaces the first `width` numbers of every row by their GELU; rows begin `stride` apart.
pub(crate) fn gelu_rows(isa: Isa, rows: &mut [f32], stride: usize, width: usize) {
    isa.run(GeluRows {
        rows,
        stride,
        width,
    });
}

struct GeluRows<'a> {
    rows: &'a mut [f32],
    stride: usize,
    width: usize,
}

impl WithSimd for GeluRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for row in self.rows.chunks_mut(self.stride) {
            for x in S::as_mut_simd_f32s(&mut row[..self.width]).0 {
                *x = gelu(simd, *x);
            }
        }
    }
}

#[inline(always)]
fn horner<S: Simd>(simd: S, coefficients: &[f32; 6], x: S::f32s) -> S::f32s {
    let [c0, c1, c2, c3, c4, c5] = *coefficients;
    let mut sum = simd.splat_f32s(c5);
    for c in [c4, c3, c2, c1, c0] {
        sum = simd.mul_add_e_f32s(sum, x, simd.splat_f32s(c));
    }
    sum
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{Isa, gelu_rows};

    #[test]
    fn agrees_with_candles_gelu_erf() {
        let inputs: Vec<f32> = (-40_000..40_000).map(|step| step as f32 * 5e-4).collect();
        let expected = Tensor::new(inputs.as_slice(), &Device::Cpu)
            .and_then(|t| t.gelu_erf()?.to_vec1::<f32>())
            .expect("candle computes gelu");
        for isa in Isa::available() {
            let mut got = inputs.clone();
            gelu_rows(isa, &mut got, 64, 64);
            for ((x, got), expected) in inputs.iter().zip(&got).zip(&expected) {
                let error = (got - expected).abs() / x.abs().max(1.0);
                assert!(error < 3e-7, "gelu({x}) = {got}, candle says {expected}");
            }
        }
    }

    #[test]
    fn leaves_alone_what_lies_between_rows() {
        let mut rows = vec![1.0; 2 * 64];
        gelu_rows(Isa::detect(), &mut rows, 64, 32);
        for row in rows.chunks(64) {
            // gelu(1) = Phi(1)
            assert!(row[..32].iter().all(|x| (x - 0.841_344_8).abs() < 1e-6));
            assert!(row[32..].iter().all(|x| *x == 1.0));
        }
    }
}
