//! `memory_stats`: sums up the memory.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::answer::Room;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Sums up the memory.
pub(crate) struct MemoryStats;

/// Is what `memory_stats` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Namespace to sum up; the server's own where none is given.
    namespace: Option<String>,
}

/// Is what `memory_stats` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The namespace that this is about; empty for the one without a name.
    namespace: String,
    /// Memories in it.
    items: usize,
    /// Buckets that a search chooses from.
    buckets: usize,
    /// Questions answered since it was made.
    queries: u64,
    /// Bytes in RAM that a search needs.
    resident_bytes: usize,
    /// Components of each vector.
    dim: usize,
    /// The namespaces of the file that have memories, by name.
    namespaces: Vec<Namespace>,
    /// How many of the last namespaces are not listed, to keep the answer short.
    namespaces_left_out: usize,
}

/// Is one namespace.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Namespace {
    /// Its name; empty for the one without.
    name: String,
    /// Memories in it.
    items: u64,
}

impl MemoryTool for MemoryStats {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "memory_stats";
    const TITLE: &'static str = "Memory statistics";
    const DESCRIPTION: &'static str =
        "Tells how many memories there are, in which namespaces, and what they take.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = memories.named(arguments.namespace.as_deref())?;
        let all = memory.namespaces()?;
        let n_all = all.len();
        let mut room = Room::of(memories.answer_tokens);
        let all = all
            .into_iter()
            .map(|(name, items)| Namespace { name, items });
        let namespaces: Vec<Namespace> = all.take_while(|it| room.take(it)).collect();
        let stats = memory.stats();
        Ok(Answer {
            namespace: memory.name().to_owned(),
            items: memory.count(None)?,
            buckets: stats.k,
            queries: stats.queries,
            resident_bytes: stats.resident.total(),
            dim: stats.dim,
            namespaces_left_out: n_all - namespaces.len(),
            namespaces,
        })
    }
}
