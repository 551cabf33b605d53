//! What the generator yields.

use serde::Serialize;

use super::kind::Kind;
use super::topic::TopicId;

/// One thing to remember.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// "am-" and the index in nine digits or more; unique within a seed.
    pub id: String,
    /// What it is about; usable as a class label and as a drift domain.
    pub topic: TopicId,
    /// What sort of thing it records.
    pub kind: Kind,
    /// One to three sentences; a passage has about five.
    pub text: String,
}

/// A question whose answer is in one memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The question, in other words than the memory's.
    pub text: String,
    /// Id of the memory that answers it.
    pub gold: String,
    /// The answer in a few words.
    pub answer: String,
}

/// Writes the id of an index.
pub(super) fn memory_id(index: u64) -> String {
    format!("am-{index:09}")
}
