//! What all tools work on.

use rm_memory::RoutingMemory;

use crate::refusal::Refusal;

/// Tokens that an answer has at most where nothing is said: what hosts take without a warning.
pub const DEFAULT_ANSWER_TOKENS: usize = 10_000;

/// Holds what all tools work on.
#[derive(Debug, Clone)]
pub(crate) struct Memories {
    /// The namespace that is meant where a call names none.
    pub(crate) memory: RoutingMemory,
    /// Tokens that an answer has at most, structured content and text together.
    pub(crate) answer_tokens: usize,
}

impl Memories {
    /// Returns the memory of a namespace.
    pub(crate) fn named(&self, namespace: Option<&str>) -> Result<RoutingMemory, Refusal> {
        match namespace {
            None => Ok(self.memory.clone()),
            Some(name) => Ok(self.memory.namespace(name)?),
        }
    }
}
