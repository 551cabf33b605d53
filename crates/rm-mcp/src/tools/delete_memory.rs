//! `delete_memory`: forgets one memory.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Forgets one memory.
pub(crate) struct DeleteMemory;

/// Is what `delete_memory` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Id of the memory.
    id: String,
    /// Namespace it is in; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `delete_memory` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Id of the memory that is gone.
    deleted: String,
}

impl MemoryTool for DeleteMemory {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "delete_memory";
    const TITLE: &'static str = "Delete a memory";
    const DESCRIPTION: &'static str =
        "Forgets one memory for good: its text and vector are overwritten in the file.";
    const EFFECT: Effect = Effect::Changes;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        match memory.delete(&arguments.id)? {
            true => Ok(Answer {
                deleted: arguments.id,
            }),
            false => Err(Refusal::unknown(&arguments.id)),
        }
    }
}
