//! An embedder without a model: every word is a fixed random direction, a text is the sum of its words.

use rm_embed::{Embeddings, Error, Result};
use rm_memory::Embedder;

/// Embeds a text as the normalised sum of one pseudo-random vector for each of its words.
///
/// Texts that share words are near to each other and all others are not; that is all it knows of meaning.
#[derive(Debug, Clone)]
pub(crate) struct HashedWords {
    dim: usize,
    fingerprint: String,
}

impl HashedWords {
    pub(crate) fn new(dim: usize) -> Self {
        Self {
            dim,
            fingerprint: format!("hashed-words-{dim}"),
        }
    }

    /// Calls itself something else and embeds the same.
    pub(crate) fn named(mut self, fingerprint: &str) -> Self {
        self.fingerprint = fingerprint.to_owned();
        self
    }
}

impl Embedder for HashedWords {
    fn dim(&self) -> usize {
        self.dim
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let mut sum = vec![0.0f32; self.dim];
        let mut words = 0;
        for word in text.split_whitespace() {
            let mut state = fnv_1a(word);
            sum.iter_mut().for_each(|x| *x += uniform(&mut state));
            words += 1;
        }
        if words == 0 {
            return Err(Error::EmptyText {
                index: 0,
                text: text.to_owned(),
            });
        }
        let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        Ok(sum.into_iter().map(|x| x / norm).collect())
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        let rows = texts
            .iter()
            .map(|text| self.embed(text))
            .collect::<Result<Vec<_>>>()?;
        Embeddings::from_rows(self.dim, rows.concat()).map_err(|data| Error::WrongDimension {
            expected: self.dim,
            got: data.len(),
        })
    }
}

/// Hashes a word (Fowler, Noll, Vo; 64 bits, variant 1a).
fn fnv_1a(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Draws the next number in [-1, 1) (Steele, Lea, Flood 2014, SplitMix64).
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}
