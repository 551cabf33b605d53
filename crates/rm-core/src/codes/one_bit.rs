//! One bit a component: RaBitQ.
//!
//! An item `x` in a list with origin `c` has the residual `r = x - c`. Under a random rotation the code keeps the sign
//! of each component of `r`, and beside it one number, the *factor*
//!
//! ```text
//! f = |r|^2 / (|r_1| + ... + |r_D|)
//! ```
//!
//! With `s` the vector of signs, `f <s, q>` estimates `<r, q>` for every `q`, without bias over the rotations, and
//! `<c, q> + f <s, q>` estimates `<x, q>` (Gao and Long, SIGMOD 2024, theorem 3.2, whose `<o_bar, o>` is
//! `|r| / (f sqrt D)` here). Where `q` is orthogonal to `r` and of norm 1 the estimate has the standard error
//!
//! ```text
//! f sqrt(1 - a^2) sqrt(D / (D - 1)),   a = |r| / (f sqrt D)
//! ```
//!
//! with `a` near 0.8 for every item, so that one bound of `sqrt(1 - a^2)` serves a whole list.

/// Is what a list keeps of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OneBit {
    /// What the signs' product with a query is multiplied by.
    pub(crate) factor: f32,
    /// `sqrt(1 - a^2) sqrt(D / (D - 1))`: the standard error over the factor.
    pub(crate) spread: f32,
}

/// Codes a rotated residual into `signs`, whose bit `d % 8` of byte `d / 8` is set where component `d` is positive.
///
/// `signs` has room for all components; bits beyond are cleared.
pub(crate) fn encode(rotated: &[f32], signs: &mut [u8]) -> OneBit {
    signs.fill(0);
    for (byte, components) in signs.iter_mut().zip(rotated.chunks(8)) {
        for (bit, x) in components.iter().enumerate() {
            *byte |= u8::from(*x > 0.0) << bit;
        }
    }
    let (mut sum, mut squares) = (0.0f64, 0.0f64);
    for x in rotated.iter().map(|x| f64::from(*x)) {
        sum += x.abs();
        squares += x * x;
    }
    if sum == 0.0 {
        // The item lies on the origin: there is nothing to estimate, and no error.
        return OneBit {
            factor: 0.0,
            spread: 0.0,
        };
    }
    let dim = rotated.len() as f64;
    let alignment = sum / (squares * dim).sqrt();
    let degrees = (dim - 1.0).max(1.0);
    OneBit {
        factor: (squares / sum) as f32,
        spread: ((1.0 - alignment * alignment).max(0.0) * dim / degrees).sqrt() as f32,
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_residual_worked_by_hand() {
        let mut signs = [0xff; 2];
        let coded = encode(&[3.0, -4.0, 0.0, 5.0], &mut signs);
        assert_eq!(signs, [0b1001, 0]);
        // |r|^2 = 50 and the magnitudes add up to 12; a^2 = 144 / (50 * 4).
        assert!((coded.factor - 50.0 / 12.0).abs() < 1e-6);
        assert!((coded.spread - (0.28f32 * 4.0 / 3.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn an_item_on_the_origin_has_no_error() {
        let mut signs = [0; 2];
        let coded = encode(&[0.0; 9], &mut signs);
        assert_eq!((coded.factor, coded.spread), (0.0, 0.0));
    }

    #[test]
    fn estimates_are_unbiased_and_as_far_off_as_they_say() {
        const DIM: usize = 128;
        const PAIRS: usize = 4_000;
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        // Uniform in the cube is not uniform in direction, but near enough at this dimension.
        let mut draw =
            || -> Vec<f32> { (0..DIM).map(|_| rng.random_range(-1.0f32..1.0)).collect() };
        let (mut sum, mut squares) = (0.0f64, 0.0f64);
        for _ in 0..PAIRS {
            let (residual, query) = (draw(), draw());
            let mut signs = [0; DIM / 8];
            let coded = encode(&residual, &mut signs);
            let is_set = |d: usize| signs[d / 8] >> (d % 8) & 1 == 1;
            let product: f32 = (0..DIM)
                .map(|d| if is_set(d) { query[d] } else { -query[d] })
                .sum();
            let exact: f32 = residual.iter().zip(&query).map(|(r, q)| r * q).sum();
            let norm = query.iter().map(|q| q * q).sum::<f32>().sqrt();
            // In standard errors, for the part of the query that is orthogonal to the residual, nearly all of it.
            let error =
                f64::from((coded.factor * product - exact) / (coded.factor * coded.spread * norm));
            sum += error;
            squares += error * error;
        }
        let (mean, deviation) = (sum / PAIRS as f64, (squares / PAIRS as f64).sqrt());
        // Four standard errors of a mean, and of a deviation, of 4,000 normal numbers.
        assert!(mean.abs() < 0.064, "{mean}");
        assert!((deviation - 1.0).abs() < 0.045, "{deviation}");
    }
}
