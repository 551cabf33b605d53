//! The bytes of a segment's header and of its key records.

use sha2::{Digest, Sha256};

use super::key::{KEY_BYTES, TextKey};

/// Bytes of a header.
pub(crate) const HEADER_BYTES: usize = 32;
/// Bytes of a key record.
pub(crate) const RECORD_BYTES: usize = KEY_BYTES + 8;

const MAGIC: [u8; 8] = *b"rm-embed";
const VERSION: u32 = 1;
const MODEL_BYTES: usize = 12;

/// Says which model's vectors a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    dim: u32,
    model: [u8; MODEL_BYTES],
}

impl Header {
    pub(crate) fn new(fingerprint: &str, dim: u32) -> Self {
        let mut model = [0; MODEL_BYTES];
        model.copy_from_slice(&Sha256::digest(fingerprint.as_bytes())[..MODEL_BYTES]);
        Self { dim, model }
    }

    /// Lays out magic, version, dimension, model and checksum: 8 + 4 + 4 + 12 + 4 bytes.
    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.dim.to_le_bytes());
        bytes[16..28].copy_from_slice(&self.model);
        let checksum = crc32fast::hash(&bytes[..28]);
        bytes[28..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Says what a foreign header is, for an error message.
    pub(crate) fn describe(bytes: &[u8]) -> String {
        if bytes.len() < HEADER_BYTES || bytes[..8] != MAGIC {
            return "a file of another kind".to_owned();
        }
        let number = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let model: String = bytes[16..28]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!(
            "format {}, {} components, model {model}",
            number(8),
            number(12)
        )
    }
}

/// The key of one vector, and what its bytes must sum to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRecord {
    pub(crate) key: TextKey,
    pub(crate) vector_crc: u32,
}

impl KeyRecord {
    pub(crate) fn to_bytes(self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[..KEY_BYTES].copy_from_slice(&self.key.0);
        bytes[KEY_BYTES..KEY_BYTES + 4].copy_from_slice(&self.vector_crc.to_le_bytes());
        let checksum = crc32fast::hash(&bytes[..KEY_BYTES + 4]);
        bytes[KEY_BYTES + 4..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads a record; `None` when its checksum does not fit.
    pub(crate) fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk::<KEY_BYTES>()?;
        let (vector_crc, checksum) = rest.split_first_chunk::<4>()?;
        let record = Self {
            key: TextKey(*key),
            vector_crc: u32::from_le_bytes(*vector_crc),
        };
        // A run of zeros, which a power cut can leave, has a checksum that is not zero.
        (crc32fast::hash(&bytes[..KEY_BYTES + 4]).to_le_bytes() == checksum).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyRecord, RECORD_BYTES, TextKey};

    #[test]
    fn a_record_survives_the_disk_and_no_flipped_bit_does() {
        let record = KeyRecord {
            key: TextKey::of("tea"),
            vector_crc: 0x1234_5678,
        };
        let bytes = record.to_bytes();
        assert_eq!(KeyRecord::from_bytes(&bytes), Some(record));
        for bit in 0..RECORD_BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(KeyRecord::from_bytes(&flipped), None, "bit {bit}");
        }
        assert_eq!(KeyRecord::from_bytes(&[0; RECORD_BYTES]), None);
    }
}
