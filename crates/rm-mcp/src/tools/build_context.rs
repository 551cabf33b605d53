//! `build_context`: one text for a language model, of what answers a question best.

use rm_memory::{ContextFormat, ContextOrder, Query};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arguments::{filter, min_score, number};
use crate::answer::{Room, cost_of_text};
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Tokens of a text where nothing is said.
const USUAL: usize = 1_000;

/// Most tokens that can be asked for; an answer has room for fewer.
const MOST: usize = 1_000_000;

/// Makes one text of what answers a question best.
pub(crate) struct BuildContext;

/// Is what `build_context` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// What to find, in any words: a question, or what it is about.
    query: String,
    /// Tokens that the text may have (default 1,000); no more than an answer has room for.
    #[schemars(range(min = 1))]
    max_tokens: Option<u64>,
    /// Score below which nothing counts, -1 to 1 (default 0.3).
    min_score: Option<f32>,
    /// Only what passes, such as {"topic": "food"} or {"stars": {"gte": 4}}.
    filter: Option<Map<String, Value>>,
    /// Put before each memory the day on which it was added.
    dates: Option<bool>,
    /// The oldest first, in place of the best.
    oldest_first: Option<bool>,
    /// Namespace to search; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `build_context` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The text: a list of memories; empty where nothing was found.
    text: String,
    /// Tokens of the text, estimated on the high side.
    tokens: usize,
    /// Tokens that it might have had.
    max_tokens: usize,
    /// The ids of the memories in it, in its order, as far as there is room for them.
    used: Vec<String>,
    /// Whether the only memory in it was cut.
    truncated: bool,
    /// How many memories were found and had no room.
    left_out: usize,
}

impl MemoryTool for BuildContext {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "build_context";
    const TITLE: &'static str = "Build a context";
    const DESCRIPTION: &'static str = "Puts the memories that answer a question best into one text within a budget of tokens, ready to \
        be read or passed on.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let wanted = number("max_tokens", arguments.max_tokens, USUAL, MOST)?;
        // A third stays for the ids.
        let mut room = Room::of(memories.answer_tokens);
        let max_tokens = wanted.min(room.left() / 3);
        let mut query = Query::text(arguments.query);
        if let Some(score) = arguments.min_score {
            query = query.threshold(min_score(score)?);
        }
        if let Some(filter) = filter(arguments.filter)? {
            query = query.filter(filter);
        }
        let format = ContextFormat::new()
            .dates(arguments.dates.unwrap_or(false))
            .order(match arguments.oldest_first {
                Some(true) => ContextOrder::OldestFirst,
                _ => ContextOrder::BestFirst,
            });
        let tokens = |text: &str| cost_of_text(text).div_ceil(2);
        let context = memory.build_context_with(query, max_tokens, &tokens, &format)?;
        room.take_tokens(cost_of_text(&context.text));
        let used = context.used.into_iter();
        Ok(Answer {
            text: context.text,
            tokens: context.tokens,
            max_tokens,
            used: used.take_while(|id| room.take(id)).collect(),
            truncated: context.truncated,
            left_out: context.left_out.len(),
        })
    }
}
