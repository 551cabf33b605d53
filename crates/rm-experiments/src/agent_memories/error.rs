//! What can be wrong with the grammar's data files.

/// An error in the word lists or patterns under `data/agent-memories/`.
///
/// The files are compiled into the binary, so a released build never returns one; they are checked
/// on every load because the lists are meant to be edited.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrammarError {
    /// A data file is not valid TOML or lacks a field.
    #[error("expected {file} to be a grammar file, got a TOML error; correct the file: {source}")]
    Parse {
        /// File name relative to `data/agent-memories/`.
        file: String,
        /// What the TOML reader said.
        source: Box<toml::de::Error>,
    },
    /// A list is empty or holds an item twice.
    #[error("expected list `{list}` to hold distinct items, got {found}; correct the list")]
    List {
        /// Name of the list, with its topic where it belongs to one.
        list: String,
        /// The offending item, or the word "none".
        found: String,
    },
    /// A template has an unclosed brace or names a slot that no list fills.
    #[error(
        "expected every slot of a template to name a list, got `{slot}` in \"{template}\"; add the \
         list or correct the name"
    )]
    Slot {
        /// The slot as written.
        slot: String,
        /// The template that holds it.
        template: String,
    },
    /// A pattern has no phrasing, question or key slot, or its question uses a slot that the
    /// statement does not always carry.
    #[error("expected a complete pattern, got \"{template}\": {reason}; complete the pattern")]
    Pattern {
        /// The template at fault, or the first phrasing.
        template: String,
        /// What is missing.
        reason: &'static str,
    },
    /// A topic has no pattern for a kind that is dealt to it.
    #[error("expected topic `{topic}` to have patterns of kind {kind}, got none; add one")]
    MissingKind {
        /// Topic name.
        topic: String,
        /// Kind name.
        kind: &'static str,
    },
}
