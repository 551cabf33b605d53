//! Two to eight bits a component: extended RaBitQ.
//!
//! The code of a rotated residual `r` in `B` bits is a vector `y` of as many components, of which each is one of `2^B`
//! equally spaced values about zero: `-2^(B-1) + 1/2, ..., -1/2, 1/2, ..., 2^(B-1) - 1/2`. Its signs are those of `r`, so
//! that the [one-bit](super::one_bit) code is its first bit; the magnitudes are those of `t r`, rounded, for the scale `t`
//! that turns `y` least away from `r` (Gao et al., SIGMOD 2025). With
//!
//! ```text
//! f = |r|^2 / <y, r>,   a = <y, r> / (|y| |r|)
//! ```
//!
//! `f <y, q>` estimates `<r, q>` without bias over the rotations, as for one bit, where `f y` is `r` and an error orthogonal
//! to it of norm `|r| sqrt(1 - a^2) / a`. So where `q` is orthogonal to `r` and of norm 1 the estimate has the standard
//! error
//!
//! ```text
//! |r| sqrt(1 - a^2) / (a sqrt(D - 1))
//! ```
//!
//! Over 384 normal components `sqrt(1 - a^2) / a` is 0.75 in one bit, then 0.366, 0.194, 0.104, 0.055, 0.028, 0.014 and
//! 0.007: nearly half for each bit more.
//!
//! The paper finds the best scale among all those at which a magnitude changes, some `2^(B-1) D` of them, in 0.1 ms for four
//! bits and 2 ms for eight. [`SCALES`] of them, evenly over where the best ones lie, take 1.3 us, and leave errors that are
//! larger by 0.1% to 0.8%, in eight bits by 2%.

use crate::CodeBits;

/// Scales that are tried.
const SCALES: usize = 16;

/// The least and, as what it exceeds 1 by in units of the step, the largest scale that is tried, in units of that which takes
/// the largest component just to the end of the range. Of 300 vectors of 384 normal components the best scales are 1.22
/// to 2.26 for two bits, 1.00 to 1.54 for four, 0.94 to 1.01 for eight.
const LEAST_SCALE: f32 = 0.93;
const LARGEST_SCALE_STEPS: f32 = 3.4;

/// Running sums of an alignment, so that it comes out the same in registers of any width.
const LANES: usize = 16;

/// Is what a list keeps of one item beside its bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ManyBits {
    /// What the code's product with a query is multiplied by.
    pub(crate) factor: f32,
    /// Standard error of the estimate.
    pub(crate) error: f32,
}

/// Codes a rotated residual into `low`, the bits after the signs, and returns what goes with them.
///
/// `low` has as many planes of equal length as there are bits after the first, the highest first; bit `d % 8` of a plane's byte `d / 8`
/// is that of component `d`. A component counts from the lowest value up, so that a negative one has the bits of its
/// magnitude turned over. Bits past the last component are cleared.
pub(crate) fn encode(rotated: &[f32], bits: CodeBits, low: &mut [u8]) -> ManyBits {
    let largest = (1u8 << bits.after_the_first()) - 1;
    let magnitudes: Vec<f32> = rotated.iter().map(|x| x.abs()).collect();
    let scale = best_scale(&magnitudes, f32::from(largest));
    let magnitude = |x: f32| (scale * x).min(f32::from(largest)) as u8;
    let rows = low.len() / bits.after_the_first().max(1);
    let (mut product, mut squares, mut coded) = (0.0f64, 0.0f64, 0.0f64);
    low.fill(0);
    for (at, components) in rotated.chunks(8).enumerate() {
        let mut values = [0u8; 8];
        for (value, x) in values.iter_mut().zip(components) {
            let m = magnitude(x.abs());
            *value = if *x > 0.0 { m } else { largest - m };
            let (x, y) = (f64::from(x.abs()), f64::from(m) + 0.5);
            product += x * y;
            squares += x * x;
            coded += y * y;
        }
        let values = u64::from_le_bytes(values);
        for (plane, shift) in (0..bits.after_the_first()).rev().enumerate() {
            low[plane * rows + at] = lowest_bits(values >> shift);
        }
    }
    if product == 0.0 {
        // The item lies on the origin: there is nothing to estimate, and no error.
        return ManyBits {
            factor: 0.0,
            error: 0.0,
        };
    }
    let factor = squares / product;
    let degrees = (rotated.len() as f64 - 1.0).max(1.0);
    let squared = (factor * factor * coded - squares).max(0.0) / degrees;
    ManyBits {
        factor: factor as f32,
        error: squared.sqrt() as f32,
    }
}

/// Returns the lowest bit of each of eight bytes, that of the first byte lowest.
fn lowest_bits(bytes: u64) -> u8 {
    // Byte i is multiplied to bit 56 + i by one of the factor's bits, and by the others to places that differ.
    let product = (bytes & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080);
    (product >> 56) as u8
}

/// Returns the scale with which rounded magnitudes, of at most `largest`, are turned least away from what they are.
fn best_scale(magnitudes: &[f32], largest: f32) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has just been found to have AVX2.
            return unsafe { best_scale_avx2(magnitudes, largest) };
        }
    }
    best_scale_portable(magnitudes, largest)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn best_scale_avx2(magnitudes: &[f32], largest: f32) -> f32 {
    best_scale_portable(magnitudes, largest)
}

/// Is the body of every variant; each sum is a chain of single operations, so they agree bit for bit.
#[inline(always)]
fn best_scale_portable(magnitudes: &[f32], largest: f32) -> f32 {
    let widest = magnitudes.iter().fold(0.0f32, |most, x| most.max(*x));
    let to_the_end = (largest + 1.0) / widest;
    let most = 1.0 + LARGEST_SCALE_STEPS / (largest + 1.0);
    let (mut best, mut best_alignment) = (to_the_end, f32::NEG_INFINITY);
    for n in 0..SCALES {
        let share = n as f32 / (SCALES - 1) as f32;
        let scale = to_the_end * (LEAST_SCALE + share * (most - LEAST_SCALE));
        let alignment = alignment(magnitudes, scale, largest);
        if alignment > best_alignment {
            (best, best_alignment) = (scale, alignment);
        }
    }
    best
}

/// Returns `<y, r> / |y|` for magnitudes at a scale.
#[inline(always)]
fn alignment(magnitudes: &[f32], scale: f32, largest: f32) -> f32 {
    let (mut products, mut squares) = ([0.0f32; LANES], [0.0f32; LANES]);
    let (blocks, rest) = magnitudes.as_chunks::<LANES>();
    let mut add = |lane: usize, x: f32| {
        let y = (scale * x).min(largest).floor() + 0.5;
        products[lane] += x * y;
        squares[lane] += y * y;
    };
    for block in blocks {
        (0..LANES).for_each(|lane| add(lane, block[lane]));
    }
    rest.iter().enumerate().for_each(|(lane, x)| add(lane, *x));
    products.iter().sum::<f32>() / squares.iter().sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::codes::one_bit;

    /// Returns the vector `y` that a code stands for.
    fn decoded(rotated: &[f32], bits: CodeBits, low: &[u8]) -> Vec<f32> {
        let rows = low.len() / bits.after_the_first();
        let value = |d: usize| {
            let top = u32::from(rotated[d] > 0.0);
            let planes = low.chunks_exact(rows);
            planes.fold(top, |value, plane| {
                2 * value + u32::from(plane[d / 8] >> (d % 8) & 1)
            })
        };
        let middle = (f32::from(bits.get()).exp2() - 1.0) / 2.0;
        (0..rotated.len())
            .map(|d| value(d) as f32 - middle)
            .collect()
    }

    fn coded(rotated: &[f32], bits: CodeBits) -> (ManyBits, Vec<u8>) {
        let mut low = vec![0xff; bits.after_the_first() * rotated.len().div_ceil(8)];
        (encode(rotated, bits, &mut low), low)
    }

    fn all_bits() -> impl Iterator<Item = CodeBits> {
        (2..=8).map(|bits| CodeBits::new(bits).expect("2 to 8"))
    }

    #[test]
    fn a_residual_worked_by_hand() -> crate::Result<()> {
        // Its own direction is one of the code's: 3.5, -1.5, 0.5 and -2.5, in units of 2.
        let residual = [7.0, -3.0, 1.0, -5.0];
        let three = CodeBits::new(3)?;
        let (many, low) = coded(&residual, three);
        assert_eq!(decoded(&residual, three, &low), [3.5, -1.5, 0.5, -2.5]);
        // Magnitudes 3, 1, 0 and 2, of which the second and the fourth are turned over: 3, 2, 0 and 1.
        assert_eq!(low, [0b0011, 0b1001]);
        assert!((many.factor - 2.0).abs() < 1e-6, "{many:?}");
        assert!(many.error < 1e-3, "{many:?}");
        Ok(())
    }

    #[test]
    fn an_item_on_the_origin_has_no_error() {
        for bits in all_bits() {
            let (many, _) = coded(&[0.0; 9], bits);
            assert_eq!((many.factor, many.error), (0.0, 0.0));
        }
    }

    #[test]
    fn the_scale_is_nearly_the_best_of_all() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        // Sums of twelve uniform numbers are as good as normal.
        let mut draw = || (0..12).map(|_| rng.random_range(-0.5f32..0.5)).sum::<f32>();
        for bits in all_bits() {
            let largest = f32::from((1u8 << bits.after_the_first()) - 1);
            let (mut ours, mut best) = (0.0f64, 0.0f64);
            for _ in 0..20 {
                let magnitudes: Vec<f32> = (0..384).map(|_| draw().abs()).collect();
                let norm = magnitudes.iter().map(|x| x * x).sum::<f32>().sqrt();
                let spread = |scale| {
                    let a = f64::from(alignment(&magnitudes, scale, largest) / norm);
                    (1.0 - a * a).max(0.0).sqrt() / a
                };
                ours += spread(best_scale(&magnitudes, largest));
                // A magnitude changes where the scale takes a component to a whole number.
                let scales = magnitudes
                    .iter()
                    .flat_map(|x| (1..=largest as u32).map(move |whole| whole as f32 / x));
                // One in thirteen, for the sake of time: neighbours differ in one component.
                best += scales.step_by(13).map(spread).fold(f64::INFINITY, f64::min);
            }
            assert!(ours < 1.03 * best, "{bits} bits: {ours} for {best}");
        }
    }

    #[test]
    fn estimates_are_unbiased_and_as_far_off_as_they_say() {
        const DIM: usize = 128;
        const PAIRS: usize = 4_000;
        for bits in all_bits() {
            let mut rng = ChaCha8Rng::seed_from_u64(7);
            let mut draw =
                || -> Vec<f32> { (0..DIM).map(|_| rng.random_range(-1.0f32..1.0)).collect() };
            let (mut sum, mut squares) = (0.0f64, 0.0f64);
            for _ in 0..PAIRS {
                let (residual, query) = (draw(), draw());
                let (many, low) = coded(&residual, bits);
                let product = |a: &[f32], b: &[f32]| -> f64 {
                    let products = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y));
                    products.sum()
                };
                let code = decoded(&residual, bits, &low);
                let estimate = f64::from(many.factor) * product(&code, &query);
                let norm = product(&query, &query).sqrt();
                let error =
                    (estimate - product(&residual, &query)) / (f64::from(many.error) * norm);
                sum += error;
                squares += error * error;
            }
            let (mean, deviation) = (sum / PAIRS as f64, (squares / PAIRS as f64).sqrt());
            // Four standard errors of a mean, and of a deviation, of 4,000 normal numbers.
            assert!(mean.abs() < 0.064, "{bits} bits: {mean}");
            assert!((deviation - 1.0).abs() < 0.045, "{bits} bits: {deviation}");
        }
    }

    #[test]
    fn each_bit_nearly_halves_the_error() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let residual: Vec<f32> = (0..384).map(|_| rng.random_range(-1.0f32..1.0)).collect();
        let mut signs = [0; 48];
        let one_bit = one_bit::encode(&residual, &mut signs);
        let mut before = one_bit.factor * one_bit.spread;
        for bits in all_bits() {
            let error = coded(&residual, bits).0.error;
            assert!(error < 0.6 * before, "{bits} bits: {error} after {before}");
            before = error;
        }
    }

    proptest! {
        #[test]
        fn every_variant_chooses_the_same_scale(
            magnitudes in prop::collection::vec(0.0f32..1.0, 1..100), bits in 2u8..=8,
        ) {
            let largest = f32::from((1u8 << (bits - 1)) - 1);
            let portable = best_scale_portable(&magnitudes, largest);
            prop_assert_eq!(best_scale(&magnitudes, largest).to_bits(), portable.to_bits());
        }

        #[test]
        fn eight_bytes_give_their_lowest_bits_in_order(bytes in any::<[u8; 8]>()) {
            let expected = bytes.iter().rev().fold(0u8, |bits, byte| bits << 1 | byte & 1);
            prop_assert_eq!(lowest_bits(u64::from_le_bytes(bytes)), expected);
        }
    }
}
