//! What the model's files must be, to the byte where bytes decide the result.

use sha2::{Digest, Sha256};

use super::checksums::{TOKENIZER_SHA256, WEIGHTS_SHA256};
use crate::minilm::BertConfig;

/// The model's name on the hub.
pub(crate) const HUB_MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";
/// More than any copy of the configuration has.
const MAX_CONFIG_BYTES: u64 = 64 * 1024;

/// One of the model's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelFile {
    Weights,
    Tokenizer,
    Config,
}

impl ModelFile {
    /// All of them, the smallest first: a wrong folder is found out before 87 MiB are read.
    pub(crate) const ALL: [Self; 3] = [Self::Config, Self::Tokenizer, Self::Weights];

    /// Returns the file's name, the same in every source.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Weights => "model.safetensors",
            Self::Tokenizer => "tokenizer.json",
            Self::Config => "config.json",
        }
    }

    /// Returns the most bytes that the right file can have, so that nothing longer is ever read.
    pub(crate) fn max_bytes(self) -> u64 {
        match self {
            Self::Weights => 90_868_376,
            Self::Tokenizer => 466_247,
            Self::Config => MAX_CONFIG_BYTES,
        }
    }

    /// Says in a few words what is wrong with the contents, if anything is.
    pub(crate) fn check(self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Self::Weights => check_sha256(bytes, WEIGHTS_SHA256),
            Self::Tokenizer => check_sha256(bytes, TOKENIZER_SHA256),
            Self::Config => BertConfig::check(bytes).map(drop),
        }
    }
}

fn check_sha256(bytes: &[u8], expected: &str) -> Result<(), String> {
    let found = sha256(bytes);
    if found == expected {
        Ok(())
    } else {
        Err(format!(
            "expected sha256 {expected}, found {found} ({} bytes)",
            bytes.len()
        ))
    }
}

/// Returns the checksum of some bytes in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{ModelFile, check_sha256};

    #[test]
    fn knows_the_checksum_of_a_published_test_vector() {
        // FIPS 180-2, appendix B.1
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(check_sha256(b"abc", abc), Ok(()));
    }

    #[test]
    fn says_both_checksums_when_they_differ() {
        let problem = ModelFile::Tokenizer
            .check(b"abc")
            .expect_err("not the tokenizer");
        assert!(problem.contains("expected sha256 be50c362"), "{problem}");
        assert!(problem.contains("found ba7816bf"), "{problem}");
    }
}
