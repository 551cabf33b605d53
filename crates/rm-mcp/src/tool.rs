//! What a tool is.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::cost;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::schema;

/// Is one tool: what it takes, what it answers, and how it gets from one to the other.
pub(crate) trait MemoryTool {
    /// What it takes.
    type Arguments: DeserializeOwned + JsonSchema;

    /// What it answers.
    type Answer: Serialize + JsonSchema;

    /// What it is called.
    const NAME: &'static str;

    /// What people see.
    const TITLE: &'static str;

    /// What a model reads before it chooses the tool.
    const DESCRIPTION: &'static str;

    /// What it does to the memory.
    const EFFECT: Effect;

    /// Does what is asked for; takes as long as that takes.
    fn call(memories: &Memories, arguments: Self::Arguments) -> Result<Self::Answer, Refusal>;
}

/// Says what a tool does to the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads.
    Reads,
    /// It adds, and leaves alone what is there.
    Adds,
    /// It changes or removes what is there; once more with the same arguments changes nothing more.
    Changes,
}

impl Effect {
    /// Returns all four hints. The world of a memory is closed: no tool reaches beyond it.
    fn hints(self) -> ToolAnnotations {
        ToolAnnotations::new()
            .read_only(self == Self::Reads)
            .destructive(self == Self::Changes)
            .idempotent(self != Self::Adds)
            .open_world(false)
    }
}

/// Is a tool among others.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What is told of it.
    pub(crate) tool: Tool,
    /// What it does to the memory.
    pub(crate) effect: Effect,
    call: fn(&Memories, JsonObject) -> Result<Value, Refusal>,
}

impl Entry {
    /// Takes a tool in.
    pub(crate) fn of<T: MemoryTool>() -> Self {
        let mut hints = T::EFFECT.hints();
        hints.title = Some(T::TITLE.to_owned());
        let mut tool = Tool::new(
            T::NAME,
            T::DESCRIPTION,
            schema::of_arguments::<T::Arguments>(),
        );
        tool.title = Some(T::TITLE.to_owned());
        tool.output_schema = Some(schema::of_answer::<T::Answer>());
        tool.annotations = Some(hints);
        Self {
            tool,
            effect: T::EFFECT,
            call: call::<T>,
        }
    }

    /// Calls the tool: the answer as structured content and as text, or in one line why there is none.
    pub(crate) fn result(&self, memories: &Memories, arguments: JsonObject) -> CallToolResult {
        match (self.call)(memories, arguments) {
            Ok(answer) => CallToolResult::structured(answer),
            Err(refusal) => CallToolResult::error(vec![ContentBlock::text(refusal.into_line())]),
        }
    }
}

fn call<T: MemoryTool>(memories: &Memories, arguments: JsonObject) -> Result<Value, Refusal> {
    let arguments = serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        Refusal::new(format!(
            "arguments of {}: {error}; see its input schema",
            T::NAME
        ))
    })?;
    let answer = T::call(memories, arguments)?;
    let answer = serde_json::to_value(answer)
        .map_err(|error| Refusal::new(format!("the answer is no JSON: {error}")))?;
    // Tools keep within the budget themselves; what no cut has made short enough ends here.
    let tokens = cost(&answer);
    if tokens > memories.answer_tokens {
        return Err(Refusal::new(format!(
            "the answer would have some {tokens} tokens, and {} are allowed; ask for less",
            memories.answer_tokens
        )));
    }
    Ok(answer)
}
