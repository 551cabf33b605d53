//! What a text is looked up by.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use sha2::{Digest, Sha256};

/// Bytes of a key on disk.
pub(crate) const KEY_BYTES: usize = 16;

/// The first 128 bits of the text's SHA-256: among 2^40 texts, two share a key with odds under 2^-48.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextKey(pub(crate) [u8; KEY_BYTES]);

impl TextKey {
    pub(crate) fn of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&digest[..KEY_BYTES]);
        Self(key)
    }
}

impl Hash for TextKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// A map from texts whose keys are hashed as they are: they are hashes already.
pub(crate) type KeyMap<V> = HashMap<TextKey, V, BuildHasherDefault<KeyHasher>>;

/// Takes the bits of a [`TextKey`] for its hash.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }
}
