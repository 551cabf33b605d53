//! `get_memories`: goes through the memories page by page.

use rm_memory::Cursor;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arguments::{filter, number};
use super::page::page;
use crate::answer::{Item, Room};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Memories of a page where nothing is said.
const USUAL: usize = 20;

/// Most memories of a page.
const MOST: usize = 100;

/// Goes through the memories page by page.
pub(crate) struct GetMemories;

/// Is what `get_memories` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Only what passes, such as {"topic": "food"} or {"stars": {"gte": 4}}; eq ne in nin gt gte lt lte contains, joined by AND, OR,
    /// NOT. A memory's own fields are #id, #created_at, #updated_at and #importance.
    filter: Option<Map<String, Value>>,
    /// How many at most, 1 to 100 (default 20).
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u64>,
    /// Where to go on: next_cursor of the page before.
    cursor: Option<String>,
    /// Namespace to list; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `get_memories` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The memories, in the order in which they were added.
    memories: Vec<Item>,
    /// Where the next page begins; null where there is no more. A page can be shorter than the limit, to keep the answer
    /// short.
    next_cursor: Option<String>,
}

impl MemoryTool for GetMemories {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "get_memories";
    const TITLE: &'static str = "List memories";
    const DESCRIPTION: &'static str = "Lists memories in the order in which they were added, all or those that pass a filter, page \
        by page. To find what answers a question, search_memories is better.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let filter = filter(arguments.filter)?;
        let limit = number("limit", arguments.limit, USUAL, MOST)?;
        let from = arguments.cursor.map(|cursor| cursor.parse::<Cursor>());
        let from = from.transpose()?;
        let room = Room::of(memories.answer_tokens);
        let (items, next) = page(&memory, filter.as_ref(), from, limit, room)?;
        Ok(Answer {
            memories: items,
            next_cursor: next.map(|next| next.to_string()),
        })
    }
}
