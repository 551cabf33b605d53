//! `delete_all_memories`: forgets everything, once that is confirmed.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arguments::filter;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Forgets everything, once that is confirmed.
pub(crate) struct DeleteAllMemories;

/// Is what `delete_all_memories` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Must be true, after the user has agreed. Without it nothing is deleted, and the answer says how many memories would be.
    confirm: Option<bool>,
    /// Delete only what passes, such as {"source": "chat"}; everything where none is given.
    filter: Option<Map<String, Value>>,
    /// Namespace to empty; the server's own where none is given. Others are left alone.
    namespace: Option<String>,
}

/// Is what `delete_all_memories` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// How many memories are gone.
    deleted: usize,
}

impl MemoryTool for DeleteAllMemories {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "delete_all_memories";
    const TITLE: &'static str = "Delete all memories";
    const DESCRIPTION: &'static str = "Forgets all memories of a namespace, or all that pass a filter, for good. Ask the user first, \
        and say so with confirm: true.";
    const EFFECT: Effect = Effect::Changes;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        // A filter that means nothing must not become one that lets everything pass.
        let filter = filter(arguments.filter)?;
        if arguments.confirm != Some(true) {
            let memories = match memory.count(filter.as_ref())? {
                1 => "1 memory".to_owned(),
                count => format!("{count} memories"),
            };
            return Err(Refusal::new(format!(
                "this would delete {memories} for good; ask the user, and call again with confirm: true"
            )));
        }
        let deleted = match &filter {
            None => memory.clear()?,
            Some(filter) => memory.delete_matching(filter)?,
        };
        Ok(Answer { deleted })
    }
}
