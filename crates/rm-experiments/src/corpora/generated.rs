//! Items and queries from the generator.

use std::collections::HashMap;

use anyhow::{Result, bail};

use super::Dataset;
use super::corpus::{Corpus, CorpusQuery, CorpusSize};
use super::sample::shuffled;
use crate::agent_memories::{AgentMemories, Conversation, ConversationSize};

/// Generates `dataset`: the first `n_items` texts of the seed, and questions about some of them.
pub(super) fn load(dataset: Dataset, size: CorpusSize, seed: u64) -> Result<Corpus> {
    let generator = AgentMemories::new(seed)?;
    match dataset {
        Dataset::AgentMemories | Dataset::AgentPassages => {
            let items = (0..size.n_items).map(|at| item(&generator, dataset, at));
            let items = items.collect();
            single(&generator, dataset, items, size)
        }
        Dataset::AgentConversations => conversations(&generator, size),
        real => bail!("{real} is a real data set, expected a generated one"),
    }
}

/// Returns the text of one item of a data set whose items stand alone.
pub(super) fn item(generator: &AgentMemories, dataset: Dataset, at: usize) -> String {
    let memory = match dataset {
        Dataset::AgentPassages => generator.passage(at as u64),
        _ => generator.memory(at as u64),
    };
    memory.text
}

/// Returns the question about one such item.
pub(super) fn question(generator: &AgentMemories, at: usize) -> String {
    generator.question(at as u64, 0).text
}

/// Asks one question about each of some items, drawn by the seed.
fn single(
    generator: &AgentMemories,
    dataset: Dataset,
    items: Vec<String>,
    size: CorpusSize,
) -> Result<Corpus> {
    let asked = shuffled(items.len(), generator.seed(), 2)
        .into_iter()
        .take(size.n_queries);
    let ask = |at: usize| CorpusQuery {
        text: question(generator, at),
        gold: vec![at],
    };
    let queries = asked.map(ask).collect();
    Corpus {
        dataset,
        items,
        queries,
    }
    .checked()
}

/// Pools the turns of as many conversations as are needed.
fn conversations(generator: &AgentMemories, size: CorpusSize) -> Result<Corpus> {
    let mut items = Vec::new();
    let mut all = Vec::new();
    let mut number = 0;
    while items.len() < size.n_items {
        let conversation = generator.conversation(number, ConversationSize::default());
        collect(&conversation, &mut items, &mut all);
        number += 1;
    }
    items.truncate(size.n_items);
    all.retain(|query: &CorpusQuery| query.gold.iter().all(|&at| at < items.len()));
    let asked = shuffled(all.len(), generator.seed(), 2)
        .into_iter()
        .take(size.n_queries);
    let queries = asked.map(|at| all[at].clone()).collect();
    Corpus {
        dataset: Dataset::AgentConversations,
        items,
        queries,
    }
    .checked()
}

/// Returns the texts of a conversation's turns.
pub(super) fn turns(conversation: &Conversation) -> Vec<String> {
    let sessions = conversation.sessions.iter();
    let turns = sessions.flat_map(|session| &session.turns);
    turns
        .map(|turn| format!("{}: {}", turn.speaker, turn.text))
        .collect()
}

fn collect(conversation: &Conversation, items: &mut Vec<String>, queries: &mut Vec<CorpusQuery>) {
    let sessions = conversation.sessions.iter();
    let ids = sessions
        .flat_map(|session| &session.turns)
        .map(|turn| turn.id.as_str());
    let positions: HashMap<&str, usize> = ids.zip(items.len()..).collect();
    items.extend(turns(conversation));
    for question in &conversation.questions {
        let evidence = question.evidence.iter();
        let gold: Vec<usize> = evidence
            .filter_map(|id| positions.get(id.as_str()).copied())
            .collect();
        if !gold.is_empty() {
            queries.push(CorpusQuery {
                text: question.question.clone(),
                gold,
            });
        }
    }
}
