//! A seeded permutation of `0..size` with random access.
//!
//! A balanced Feistel network over the smallest even number of bits that covers the range; values
//! that fall outside are sent through again (cycle walking) until one lands inside. Since the network
//! permutes the covering range, the walk permutes the range itself. Black and Rogaway, "Ciphers
//! with Arbitrary Finite Domains", 2002.

const ROUNDS: u64 = 6;

/// A bijection of `0..size` onto itself, chosen by a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permutation {
    size: u64,
    half_bits: u32,
    key: u64,
}

impl Permutation {
    pub(super) fn new(size: u64, key: u64) -> Self {
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        Self {
            size,
            half_bits: bits.div_ceil(2).clamp(1, 32),
            key,
        }
    }

    /// Returns the image of `value`, which must lie in `0..size`.
    pub(super) fn apply(&self, value: u64) -> u64 {
        let mut walked = self.forward(value);
        while walked >= self.size {
            walked = self.forward(walked);
        }
        walked
    }

    /// Returns the value that [`apply`](Self::apply) sends to `image`.
    pub(super) fn invert(&self, image: u64) -> u64 {
        let mut walked = self.backward(image);
        while walked >= self.size {
            walked = self.backward(walked);
        }
        walked
    }

    fn forward(&self, value: u64) -> u64 {
        let (mut left, mut right) = self.split(value);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        self.join(left, right)
    }

    fn backward(&self, value: u64) -> u64 {
        let (mut left, mut right) = self.split(value);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        self.join(left, right)
    }

    fn round(&self, round: u64, half: u64) -> u64 {
        mix(self.key, (round << 32) ^ half) & self.mask()
    }

    fn split(&self, value: u64) -> (u64, u64) {
        (value >> self.half_bits, value & self.mask())
    }

    fn join(&self, left: u64, right: u64) -> u64 {
        (left << self.half_bits) | right
    }

    fn mask(&self) -> u64 {
        (1 << self.half_bits) - 1
    }
}

/// Mixes two words into one with the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(b.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_ranges_are_permuted_whole() {
        for size in 1..=300 {
            let permutation = Permutation::new(size, 9);
            let mut images: Vec<u64> = (0..size).map(|v| permutation.apply(v)).collect();
            images.sort_unstable();
            assert_eq!(images, (0..size).collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn invert_undoes_apply(size in 1u64..(1 << 62), key: u64, at in 0.0f64..1.0) {
            let value = ((size as f64 * at) as u64).min(size - 1);
            let permutation = Permutation::new(size, key);
            let image = permutation.apply(value);
            prop_assert!(image < size);
            prop_assert_eq!(permutation.invert(image), value);
        }
    }
}
