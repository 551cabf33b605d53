//! The exponential of a non-positive number, branch-free.

use super::lanes::mul_add;

/// Below this the result is under the smallest normal `f32`.
const SMALLEST: f32 = -87.0;
/// 1.5 x 2^23: adding it leaves the nearest integer in the low bits of the sum.
const ROUNDER: f32 = 12_582_912.0;
/// `ln 2` in two parts, the first short enough that its multiples up to 2^7 are exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
const EXPONENT_BITS: u32 = 23;
const EXPONENT_BIAS: u32 = 127;

/// Computes `e^x` for `x <= 0`, to two units in the last place; anything below -87 counts as -87.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `2^n` is made in the exponent bits, and `e^r` is its
/// Taylor series to degree 7, whose remainder there is 5e-9.
#[inline(always)]
pub(crate) fn exp_non_positive<const FMA: bool>(x: f32) -> f32 {
    let x = if x > SMALLEST { x } else { SMALLEST };
    let rounded = mul_add::<FMA>(x, std::f32::consts::LOG2_E, ROUNDER);
    let n = rounded - ROUNDER;
    let r = mul_add::<FMA>(n, -LN2_LOW, mul_add::<FMA>(n, -LN2_HIGH, x));
    let mut series = 1.0 / 5040.0;
    for coefficient in [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        series = mul_add::<FMA>(series, r, coefficient);
    }
    let two_to_n =
        (rounded.to_bits() << EXPONENT_BITS).wrapping_add(EXPONENT_BIAS << EXPONENT_BITS);
    series * f32::from_bits(two_to_n)
}

#[cfg(test)]
mod tests {
    use super::exp_non_positive;

    #[test]
    fn agrees_with_the_exponential_in_double_precision() {
        for step in 0..=870_000 {
            let x = -(step as f32) * 1e-4;
            let exact = f64::from(x).exp();
            for got in [exp_non_positive::<true>(x), exp_non_positive::<false>(x)] {
                let relative = (f64::from(got) - exact).abs() / exact;
                assert!(relative < 3e-7, "exp({x}) = {got:e}, expected {exact:e}");
            }
        }
    }

    #[test]
    fn is_one_at_zero_and_vanishes_far_below() {
        assert_eq!(exp_non_positive::<false>(0.0), 1.0);
        assert!(exp_non_positive::<false>(f32::NEG_INFINITY) < 2e-38);
        assert!(exp_non_positive::<false>(-1e30) < 2e-38);
    }
}
