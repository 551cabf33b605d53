//! `get_memory`: reads one memory.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::answer::{Cuttable as _, Item, Room};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Reads one memory.
pub(crate) struct GetMemory;

/// Is what `get_memory` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Id of the memory.
    id: String,
    /// Character of the text to begin at (default 0); next_offset of an answer reads on in a long text.
    offset: Option<u64>,
    /// Namespace it is in; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `get_memory` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The memory.
    #[serde(flatten)]
    item: Item,
    /// Where the text goes on, where it was cut; absent where this is its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<usize>,
}

impl MemoryTool for GetMemory {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "get_memory";
    const TITLE: &'static str = "Get a memory";
    const DESCRIPTION: &'static str = "Reads one memory by its id. A text that is too long for one answer comes in parts: call \
        again with next_offset as offset.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let item = memory.get(&arguments.id)?;
        let mut item = Item::from(item.ok_or_else(|| Refusal::unknown(&arguments.id))?);
        let offset = usize::try_from(arguments.offset.unwrap_or(0)).unwrap_or(usize::MAX);
        let characters = item.text.chars().count();
        if offset > characters {
            let expected = format!("at most {characters}, the length of the text");
            return Err(Refusal::range("offset", &expected, offset));
        }
        item.skip(offset);
        item.cut(Room::of(memories.answer_tokens).left());
        let next = offset.saturating_add(item.text.chars().count());
        Ok(Answer {
            next_offset: item.truncated.then_some(next),
            item,
        })
    }
}
