//! Random choices for one text.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What the choices are for; each use of one index draws from a stream of its own, so that adding
/// a question never changes a memory.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Stream {
    Memory = 1,
    Question = 2,
    Forms = 3,
    Passage = 4,
    Conversation = 5,
}

/// A ChaCha8 stream addressed by seed, use, index and variant.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream, index: u64, variant: u64) -> Self {
        let mut key = [0u8; 32];
        let words = [seed, stream as u64, index, variant];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Draws from `0..n` by multiply and shift; the bias is below `n / 2^64`.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Draws a position in a collection of `len` items.
    pub(super) fn position(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Draws one item of a list; the lists of a loaded grammar are never empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.position(items.len())]
    }

    /// Says yes `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
