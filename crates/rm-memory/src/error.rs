//! What can go wrong with a memory.

use std::io;
use std::path::PathBuf;

/// The result of every fallible call in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says why a call failed; the memory is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text has nothing to remember or to search for.
    #[error("expected {what} with at least one visible character, got an empty one")]
    EmptyText {
        /// What the text was for.
        what: &'static str,
    },

    /// An item cannot have this id.
    #[error("expected an item id with at least one character, got an empty one")]
    EmptyId,

    /// No item has this id.
    #[error("no item has the id {id:?}")]
    UnknownItem {
        /// The id that came.
        id: String,
    },

    /// An embedder broke its contract.
    #[error("embedder {fingerprint:?} gave {got} vectors for {expected} texts")]
    VectorCount {
        /// Fingerprint of the embedder.
        fingerprint: String,
        /// Number of texts.
        expected: usize,
        /// Number of vectors.
        got: usize,
    },

    /// Another memory has this file open.
    #[error("{path} is open already, here or in another process; close that memory first", path = path.display())]
    InUse {
        /// The database.
        path: PathBuf,
    },

    /// The file that keeps others off a database cannot be made or locked.
    #[error("cannot lock {path}: {source}; check that its folder can be written to", path = path.display())]
    Lock {
        /// The database.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// Tokens could not be counted.
    #[error("tokens cannot be counted: {0}")]
    TokenCounter(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The codebook, the index or a vector was used wrongly.
    #[error(transparent)]
    Core(#[from] rm_core::Error),

    /// The text could not be embedded.
    #[error(transparent)]
    Embed(#[from] rm_embed::Error),

    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] rm_store::Error),
}
