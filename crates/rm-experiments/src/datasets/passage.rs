//! A text with an id.

/// Holds one passage to be remembered: an id that labels refer to, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The id that relevance labels refer to.
    pub id: String,
    /// The text.
    pub text: String,
}
