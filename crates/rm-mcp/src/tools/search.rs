//! `search`: as deep research in ChatGPT wants it, which knows this name and form alone.

use rm_memory::Query;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::answer::Room;
use crate::memories::Memories;
use crate::refusal::Refusal;
use crate::tool::{Effect, MemoryTool};

/// Results.
const RESULTS: usize = 10;

/// Characters of a title.
const TITLE_CHARACTERS: usize = 80;

/// Finds ids.
pub(crate) struct Search;

/// Is what `search` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// What to find, in any words.
    query: String,
}

/// Is what `search` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// What was found, best first.
    results: Vec<Hit>,
}

/// Is one result.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hit {
    /// What fetch takes.
    id: String,
    /// How the text begins.
    title: String,
    /// What to cite it by.
    url: String,
}

impl MemoryTool for Search {
    type Arguments = Arguments;
    type Answer = Answer;

    const NAME: &'static str = "search";
    const TITLE: &'static str = "Search";
    const DESCRIPTION: &'static str = "Finds memories, and returns id, title and URL of each, for hosts that know search and fetch alone; \
        search_memories returns texts and scores, and can do more.";
    const EFFECT: Effect = Effect::Reads;

    fn call(memories: &Memories, arguments: Arguments) -> Result<Answer, Refusal> {
        let memory = &memories.memory;
        let found = memory.search(Query::text(arguments.query).top_k(RESULTS))?;
        let mut room = Room::of(memories.answer_tokens);
        let hits = found.into_iter().map(|found| Hit {
            title: title(&found.text),
            url: url(memory.name(), &found.id),
            id: found.id,
        });
        let results = hits.take_while(|hit| room.take(hit)).collect();
        Ok(Answer { results })
    }
}

/// Returns the first line of a text, cut where it is long.
pub(crate) fn title(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let mut characters = line.chars();
    let mut title: String = characters.by_ref().take(TITLE_CHARACTERS).collect();
    if characters.next().is_some() {
        title.push('…');
    }
    title
}

/// Returns what a memory is cited by. Nothing is there to be opened: it names an id, and a namespace where there is one.
pub(crate) fn url(namespace: &str, id: &str) -> String {
    let id = encoded(id);
    match namespace {
        "" => format!("rmem://memory/{id}"),
        name => format!("rmem://memory/{id}?namespace={}", encoded(name)),
    }
}

/// Writes as %41 what may not stand in a URL as it is.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(title("\n  Green tea \nin the morning"), "Green tea");
        assert_eq!(title(&"ab".repeat(50)).chars().count(), 81);
        assert_eq!(title(""), "");
    }

    #[test]
    fn urls_take_any_id() {
        assert_eq!(url("", "ui-theme"), "rmem://memory/ui-theme");
        let expected = "rmem://memory/a%20b%3F?namespace=acme%2Fsupport";
        assert_eq!(url("acme/support", "a b?"), expected);
    }
}
