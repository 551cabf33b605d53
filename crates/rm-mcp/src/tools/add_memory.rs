//! `add_memory`: remembers one text.

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::new_memory::{Known, NewMemory};
use super::outcome::Outcome;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Remembers one text.
pub(crate) struct AddMemory;

/// Is what `add_memory` takes: a [`NewMemory`], and what is done where it is known.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// What to remember: one fact, preference, decision or event, as a sentence that is understood by itself.
    text: String,
    /// Id to find it again by, such as "user-theme"; it must be new. Made up where none is given.
    id: Option<String>,
    /// What to filter by later, such as {"topic": "food", "source": "chat"}.
    metadata: Option<Map<String, Value>>,
    /// How much it matters, from 0 to 1 (0.5 where nothing is said).
    importance: Option<f32>,
    /// Forget it after so many seconds; it stays where nothing is said.
    ttl_seconds: Option<f64>,
    /// Keep it whatever its age and importance.
    pinned: Option<bool>,
    /// Where the same is known in nearly the same words: "keep" adds it all the same (default), "skip" does not. Either way the answer
    /// names the memory that is there.
    on_duplicate: Option<Known>,
    /// Namespace to add to, such as an agent or a project; the server's own where none is given.
    namespace: Option<String>,
}

impl MemoryTool for AddMemory {
    type Arguments = Arguments;
    type Answer = Outcome;

    const NAME: &'static str = "add_memory";
    const TITLE: &'static str = "Add a memory";
    const DESCRIPTION: &'static str = "Remembers one fact, preference, decision or event for later conversations. When this \
        has returned, it is stored on disk and the next search finds it. The answer names a memory that says nearly the same, if \
        there is one: update that in place of keeping both where they are about the same thing.";
    const EFFECT: Effect = Effect::Adds;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Outcome, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let known = arguments.on_duplicate.unwrap_or_default();
        let new = NewMemory {
            text: arguments.text,
            id: arguments.id,
            metadata: arguments.metadata,
            importance: arguments.importance,
            ttl_seconds: arguments.ttl_seconds,
            pinned: arguments.pinned,
        };
        let item = new.into_item(&memory)?;
        Ok(memory.add_unless_known(item, &known.policy())?.into())
    }
}
