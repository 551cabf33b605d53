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

    /// What an export is written to takes no more.
    #[error("the export could not be written")]
    ExportWrite {
        /// The refusal.
        source: std::io::Error,
    },

    /// A line of an import cannot be taken.
    #[error(
        "line {line}: expected {expected}, got {got}; nothing from line {from} on was imported"
    )]
    ImportLine {
        /// Its number, from 1 on.
        line: u64,
        /// The first line that was not imported.
        from: u64,
        /// What can be there.
        expected: String,
        /// What came.
        got: String,
    },

    /// Lines of an import could not be embedded or stored.
    #[error("lines {from} to {to} could not be imported, nor was what comes after them")]
    ImportLines {
        /// The first of them, from 1 on.
        from: u64,
        /// The last of them.
        to: u64,
        /// What went wrong.
        source: Box<Error>,
    },

    /// The input of an import cannot be read.
    #[error("line {line} cannot be read")]
    ImportRead {
        /// Its number, from 1 on.
        line: u64,
        /// The refusal.
        source: std::io::Error,
    },

    /// An import has ended before everything came that its header announced.
    #[error(
        "expected {expected} items by line {line}, got {got}, which were imported; the input was cut short"
    )]
    ImportCutShort {
        /// The last line.
        line: u64,
        /// Number of items in the header.
        expected: u64,
        /// Number of items that came.
        got: u64,
    },

    /// The text of an item cannot be embedded by the model that a memory is to be moved to.
    #[error("item {id:?} cannot be embedded; change or delete it, and go on")]
    Reembed {
        /// The item.
        id: String,
        /// What the model says.
        source: rm_embed::Error,
    },

    /// Only a memory in a file can be moved to another model.
    #[error("a memory made by {from:?} is moved to {to:?} in its file; open it by its path")]
    ReembedNoFile {
        /// Fingerprint of the model that made the vectors.
        from: String,
        /// Fingerprint of the model that was to take over.
        to: String,
    },

    /// The store has the vector of an item, and not the item.
    #[error(
        "item {key} was found, and its text is not there; check the memory, and restore it from a copy"
    )]
    LostText {
        /// The store's number of the item.
        key: rm_core::ItemId,
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

impl Error {
    /// Is what an export fails with.
    pub(crate) fn export(source: std::io::Error) -> Self {
        Self::ExportWrite { source }
    }
}
