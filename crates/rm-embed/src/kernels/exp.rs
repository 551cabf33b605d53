//! The exponential of a non-positive number, branch-free.

use pulp::Simd;

/// Below this the result is under the smallest normal `f32`.
const SMALLEST: f32 = -87.0;
/// 1.5 x 2^23: adding it leaves the nearest integer in the low bits of the sum.
const ROUNDER: f32 = 12_582_912.0;
/// `ln 2` in two parts, the first short enough that its multiples up to 2^7 are exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
const EXPONENT_BITS: u32 = 23;
const EXPONENT_BIAS: u32 = 127;
/// Taylor's coefficients of `e^r`, highest power first.
const SERIES: [f32; 8] = [
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// Computes `e^x` for `x <= 0`, to two units in the last place; anything below -87 counts as -87.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `2^n` is made in the exponent bits, and `e^r` is its
/// Taylor series to degree 7, whose remainder there is 5e-9.
#[inline(always)]
pub(crate) fn exp_non_positive<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |x| simd.splat_f32s(x);
    let x = simd.max_f32s(x, splat(SMALLEST));
    let rounded = simd.mul_add_e_f32s(x, splat(std::f32::consts::LOG2_E), splat(ROUNDER));
    let n = simd.sub_f32s(rounded, splat(ROUNDER));
    let r = simd.mul_add_e_f32s(n, splat(-LN2_HIGH), x);
    let r = simd.mul_add_e_f32s(n, splat(-LN2_LOW), r);
    let mut series = splat(SERIES[0]);
    for coefficient in &SERIES[1..] {
        series = simd.mul_add_e_f32s(series, r, splat(*coefficient));
    }
    let n = simd.wrapping_dyn_shl_u32s(
        simd.transmute_u32s_f32s(rounded),
        simd.splat_u32s(EXPONENT_BITS),
    );
    let two_to_n = simd.add_u32s(n, simd.splat_u32s(EXPONENT_BIAS << EXPONENT_BITS));
    simd.mul_f32s(series, simd.transmute_f32s_u32s(two_to_n))
}

#[cfg(test)]
mod tests {
    use pulp::{Simd, WithSimd};

    use super::super::dispatch::Isa;
    use super::exp_non_positive;

    struct Exponentiate<'a>(&'a mut [f32]);

    impl WithSimd for Exponentiate<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for x in S::as_mut_simd_f32s(self.0).0 {
                *x = exp_non_positive(simd, *x);
            }
        }
    }

    fn exponentials(isa: Isa, mut x: Vec<f32>) -> Vec<f32> {
        isa.run(Exponentiate(&mut x));
        x
    }

    #[test]
    fn agrees_with_the_exponential_in_double_precision() {
        let inputs: Vec<f32> = (0..870_000).map(|step| -(step as f32) * 1e-4).collect();
        for isa in Isa::available() {
            let got = exponentials(isa, inputs.clone());
            for (x, got) in inputs.iter().zip(got) {
                let exact = f64::from(*x).exp();
                let relative = (f64::from(got) - exact).abs() / exact;
                assert!(relative < 3e-7, "exp({x}) = {got:e}, expected {exact:e}");
            }
        }
    }

    #[test]
    fn is_one_at_zero_and_vanishes_far_below() {
        for isa in Isa::available() {
            let mut inputs = vec![f32::NEG_INFINITY; 16];
            inputs[0] = 0.0;
            inputs[1] = -1e30;
            let got = exponentials(isa, inputs);
            assert_eq!(got[0], 1.0);
            assert!(got[1..].iter().all(|x| *x < 2e-38), "{got:?}");
        }
    }
}
