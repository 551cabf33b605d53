//! A memory that is to be added.

use rm_memory::{DuplicatePolicy, NewItem, OnDuplicate, RoutingMemory};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::arguments::time_to_live;
use crate::refusal::Refusal;

/// Most bytes of an id: it stands in every answer.
const LONGEST_ID_BYTES: usize = 256;

/// Is a memory that is to be added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMemory {
    /// What to remember: one fact, preference, decision or event, as a sentence that is understood by itself.
    pub(crate) text: String,
    /// Id to find it again by, such as "user-theme"; it must be new. Made up where none is given.
    pub(crate) id: Option<String>,
    /// What to filter by later, such as {"topic": "food", "source": "chat"}.
    pub(crate) metadata: Option<Map<String, Value>>,
    /// How much it matters, from 0 to 1 (0.5 where nothing is said).
    pub(crate) importance: Option<f32>,
    /// Forget it after so many seconds; it stays where nothing is said.
    pub(crate) ttl_seconds: Option<f64>,
    /// Keep it whatever its age and importance.
    pub(crate) pinned: Option<bool>,
}

/// Says what is done with a text that is known in nearly the same words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Known {
    /// It is added, and the answer names the memory that is near to it.
    #[default]
    Keep,
    /// It is not added.
    Skip,
}

impl Known {
    /// Returns what the memory does by it.
    pub(crate) fn policy(self) -> DuplicatePolicy {
        DuplicatePolicy::new(match self {
            Self::Keep => OnDuplicate::Keep,
            Self::Skip => OnDuplicate::Skip,
        })
    }
}

impl NewMemory {
    /// Makes an item of it, unless its id is taken: adding leaves alone what is there. Of two who add the same id at the same moment, the
    /// later one replaces the earlier one's.
    pub(crate) fn into_item(self, memory: &RoutingMemory) -> Result<NewItem, Refusal> {
        let mut item = NewItem::new(self.text).pinned(self.pinned.unwrap_or(false));
        if let Some(id) = self.id {
            if id.len() > LONGEST_ID_BYTES {
                let expected = format!("at most {LONGEST_ID_BYTES} bytes");
                return Err(Refusal::range("id", &expected, id.len()));
            }
            if memory.get(&id)?.is_some() {
                return Err(Refusal::new(format!(
                    "there is a memory with the id {id:?} already; update_memory changes it"
                )));
            }
            item = item.id(id);
        }
        if let Some(metadata) = self.metadata {
            item = item.metadata(metadata);
        }
        if let Some(importance) = self.importance {
            item = item.importance(share(importance)?);
        }
        if let Some(seconds) = self.ttl_seconds {
            item = item.ttl(time_to_live(seconds)?);
        }
        Ok(item)
    }
}

/// Reads an importance.
pub(crate) fn share(importance: f32) -> Result<f32, Refusal> {
    match (0.0..=1.0).contains(&importance) {
        true => Ok(importance),
        false => Err(Refusal::range("importance", "0 to 1", importance)),
    }
}
