//! `update_memory`: changes one memory.

use std::time::{SystemTime, UNIX_EPOCH};

use rm_memory::Update;
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::arguments::time_to_live;
use super::new_memory::share;
use crate::answer::{Cuttable as _, Item, Room};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Changes one memory.
pub(crate) struct UpdateMemory;

/// Is what `update_memory` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Id of the memory.
    id: String,
    /// What it says from now on.
    text: Option<String>,
    /// Entries of the metadata to set; others stay, and one that is set to null is taken away.
    metadata: Option<Map<String, Value>>,
    /// How much it matters, from 0 to 1.
    importance: Option<f32>,
    /// Forget it after so many seconds from now.
    ttl_seconds: Option<f64>,
    /// True: it has no time to live any more.
    keep_forever: Option<bool>,
    /// Whether to keep it whatever its age and importance.
    pinned: Option<bool>,
    /// Namespace it is in; the server's own where none is given.
    namespace: Option<String>,
}

impl Arguments {
    fn update(self, mut metadata: Map<String, Value>) -> Result<Update, Refusal> {
        let mut update = Update::new();
        if let Some(text) = self.text {
            update = update.text(text);
        }
        if let Some(changes) = self.metadata {
            for (key, value) in changes {
                match value {
                    Value::Null => metadata.remove(&key),
                    value => metadata.insert(key, value),
                };
            }
            update = update.metadata(metadata);
        }
        if let Some(importance) = self.importance {
            update = update.importance(share(importance)?);
        }
        if self.keep_forever == Some(true) {
            update = update.expires_at_ms(None);
        }
        if let Some(seconds) = self.ttl_seconds {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let then = now.unwrap_or_default() + time_to_live(seconds)?;
            let then_ms = i64::try_from(then.as_millis()).unwrap_or(i64::MAX);
            update = update.expires_at_ms(Some(then_ms));
        }
        if let Some(pinned) = self.pinned {
            update = update.pinned(pinned);
        }
        Ok(update)
    }

    fn changes_nothing(&self) -> bool {
        self.text.is_none()
            && self.metadata.is_none()
            && self.importance.is_none()
            && self.ttl_seconds.is_none()
            && self.keep_forever != Some(true)
            && self.pinned.is_none()
    }
}

impl MemoryTool for UpdateMemory {
    type Arguments = Arguments;
    type Answer = Item;

    const NAME: &'static str = "update_memory";
    const TITLE: &'static str = "Update a memory";
    const DESCRIPTION: &'static str = "Changes one memory: its text, metadata, importance or time to live. What is not named stays \
        as it is. Answers with the memory as it is now. Use it when a fact has changed, in place of adding another.";
    const EFFECT: Effect = Effect::Changes;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Item, Refusal> {
        if arguments.changes_nothing() {
            return Err(Refusal::new(
                "nothing to change; give text, metadata, importance, ttl_seconds, keep_forever or pinned",
            ));
        }
        let memory = memories.named(arguments.namespace.as_deref())?;
        let id = arguments.id.clone();
        let unknown = || Refusal::unknown(&id);
        let item = memory.get(&id)?.ok_or_else(unknown)?;
        memory.update(&id, arguments.update(item.metadata)?)?;
        let mut item = Item::from(memory.get(&id)?.ok_or_else(unknown)?);
        item.cut(Room::of(memories.answer_tokens).left());
        Ok(item)
    }
}
