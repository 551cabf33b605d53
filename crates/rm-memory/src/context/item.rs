//! What a context is made of.

use crate::Found;

/// Is one item that may go into a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextItem<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its text, which goes in as it is.
    pub text: &'a str,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
}

impl<'a> From<&'a Found> for ContextItem<'a> {
    fn from(found: &'a Found) -> Self {
        Self {
            id: &found.id,
            text: &found.text,
            created_at_ms: found.created_at_ms,
        }
    }
}
