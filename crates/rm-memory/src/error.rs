//! What can go wrong with a memory.

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

    /// A filter means nothing.
    #[error("filter at {at}: expected {expected}, got {got}")]
    InvalidFilter {
        /// The place in the filter, such as `AND[1].stars.gte`.
        at: String,
        /// What can be there.
        expected: String,
        /// What came.
        got: String,
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

    /// A text is no place in a listing.
    #[error("expected the cursor that a page of items came with, got {got:?}")]
    InvalidCursor {
        /// What came.
        got: String,
    },

    /// Something was begun and not ended, which can only be where a thread panicked.
    #[error("{what} was interrupted; try again")]
    Interrupted {
        /// What was.
        what: &'static str,
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
