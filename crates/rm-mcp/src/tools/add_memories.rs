//! `add_memories`: remembers many texts.

use std::collections::HashSet;

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use super::new_memory::{Known, NewMemory};
use super::outcome::Outcome;
use crate::answer::Room;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Most memories of one call.
const MOST: usize = 1_000;

/// Remembers many texts.
pub(crate) struct AddMemories;

/// Is what `add_memories` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The memories, 1,000 at most.
    memories: Vec<NewMemory>,
    /// With "skip", a text that is known in nearly the same words is not added; with "keep" all are (default), in one
    /// transaction.
    on_duplicate: Option<Known>,
    /// Namespace to add to, such as an agent or a project; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `add_memories` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// How many were added.
    added: usize,
    /// How many were not, because nearly the same is known.
    skipped: usize,
    /// What became of each, in order.
    results: Vec<Outcome>,
    /// How many of the last results are not listed, to keep the answer short; those memories are stored as well.
    results_left_out: usize,
}

impl MemoryTool for AddMemories {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "add_memories";
    const TITLE: &'static str = "Add memories";
    const DESCRIPTION: &'static str = "Remembers several facts, preferences, decisions or events at once, each as a memory of its \
        own. All are checked before the first is added.";
    const EFFECT: Effect = Effect::Adds;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let n_new = arguments.memories.len();
        if !(1..=MOST).contains(&n_new) {
            let expected = format!("1 to {MOST}");
            return Err(Refusal::range("memories", &expected, n_new));
        }
        let mut ids = HashSet::new();
        let named = arguments.memories.iter().filter_map(|new| new.id.as_ref());
        if let Some(twice) = named.into_iter().find(|id| !ids.insert(id.as_str())) {
            let why = format!("memories: two have the id {twice:?}; each needs one of its own");
            return Err(Refusal::new(why));
        }
        let memory = memories.named(arguments.namespace.as_deref())?;
        let new = arguments.memories.into_iter();
        let items = new.enumerate().map(|(at, new)| {
            new.into_item(&memory)
                .map_err(|why| Refusal::new(format!("memories[{at}]: {}", why.into_line())))
        });
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let outcomes: Vec<Outcome> = match arguments.on_duplicate.unwrap_or_default() {
            Known::Keep => {
                let ids = memory.add_batch(items)?.into_iter();
                let added = ids.map(|id| Outcome {
                    id,
                    added: true,
                    near: None,
                });
                added.collect()
            }
            Known::Skip => {
                let outcomes = memory.add_batch_unless_known(items, &Known::Skip.policy())?;
                outcomes.into_iter().map(Outcome::from).collect()
            }
        };
        let added = outcomes.iter().filter(|outcome| outcome.added).count();
        let skipped = outcomes.len() - added;
        let mut room = Room::of(memories.answer_tokens);
        let listed = outcomes
            .into_iter()
            .take_while(|outcome| room.take(outcome));
        let results: Vec<Outcome> = listed.collect();
        Ok(Answer {
            added,
            skipped,
            results_left_out: added + skipped - results.len(),
            results,
        })
    }
}
