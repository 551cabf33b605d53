//! `fetch`: as deep research in ChatGPT wants it, which knows this name and form alone.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::search::{title, url};
use crate::answer::{Cuttable as _, Item, Room, cost_of_text};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Reads what `search` has found.
pub(crate) struct Fetch;

/// Is what `fetch` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Id of a result of search.
    id: String,
}

/// Is what `fetch` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Its id.
    id: String,
    /// How the text begins.
    title: String,
    /// The text.
    text: String,
    /// What to cite it by.
    url: String,
    /// What was said about it, and created_at; truncated is true where the text was cut, and get_memory reads on.
    metadata: Map<String, Value>,
}

impl MemoryTool for Fetch {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "fetch";
    const TITLE: &'static str = "Fetch";
    const DESCRIPTION: &'static str = "Reads a memory that search has found, for hosts that know search and fetch alone; get_memory does the same.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = &memories.memory;
        let id = arguments.id;
        let item = memory.get(&id)?.ok_or_else(|| Refusal::unknown(&id))?;
        let (title, url) = (title(&item.text), url(memory.name(), &id));
        let mut item = Item::from(item);
        let besides = cost_of_text(&title) + cost_of_text(&url);
        let room = Room::of(memories.answer_tokens).left();
        item.cut(room.saturating_sub(besides));
        let mut metadata = item.metadata;
        metadata.insert("created_at".into(), item.created_at.into());
        if item.truncated {
            metadata.insert("truncated".into(), true.into());
        }
        Ok(Answer {
            id,
            title,
            text: item.text,
            url,
            metadata,
        })
    }
}
