//! What can go wrong between a text and its vector.

use std::io;
use std::path::PathBuf;

use crate::weights::Attempts;

/// The result of every fallible call in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says what failed on the way from text to vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text has nothing that the model could read.
    #[error(
        "text {index} of the batch has no tokens: expected at least one word or sign, got {text:?}; \
         leave empty texts out before embedding"
    )]
    EmptyText {
        /// Where the text stands in the batch; 0 for a single text.
        index: usize,
        /// The first characters of the text.
        text: String,
    },
    /// The tokenizer refused its file or a text.
    #[error("tokenizer failed: {0}")]
    Tokenizer(String),
    /// An embedder cannot count tokens.
    #[error("embedder {fingerprint:?} has no tokenizer; count tokens with another one")]
    NoTokenizer {
        /// Fingerprint of the embedder.
        fingerprint: String,
    },
    /// The model's own computation failed.
    #[error("model computation failed: {0}")]
    Model(String),
    /// No source could give the model's files.
    #[error("the model was not found; tried, in order:\n{attempts}\n{advice}")]
    ModelNotFound {
        /// Every source that was tried and what happened there.
        attempts: Attempts,
        /// What to do about it.
        advice: String,
    },
    /// A file of the embedding cache could not be read or written.
    #[error("embedding cache {}: {source}", path.display())]
    CacheIo {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of the embedding cache belongs to another model or format.
    #[error(
        "embedding cache {} is not ours: expected {expected}, found {found}; \
         choose another cache folder, or delete this one to have its texts embedded again",
        path.display()
    )]
    CacheForeign {
        /// The file.
        path: PathBuf,
        /// What its header should say.
        expected: String,
        /// What its header says.
        found: String,
    },
    /// A vector does not have the dimension that was agreed on.
    #[error("vector of the wrong dimension: expected {expected} components, got {got}")]
    WrongDimension {
        /// Components that every vector has here.
        expected: usize,
        /// Components of this one.
        got: usize,
    },
}

impl Error {
    /// Counts the index of a text from the start of a batch that has `offset` texts before this one.
    pub(crate) fn shifted(self, offset: usize) -> Self {
        match self {
            Self::EmptyText { index, text } => Self::EmptyText {
                index: index + offset,
                text,
            },
            other => other,
        }
    }
}
