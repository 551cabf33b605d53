//! What an agent remembers, what it is asked, and what a search by hand answers.

use std::sync::{Arc, OnceLock};

use rm_core::dot;
use rm_memory::{Embedder, MemoryBuilder, MiniLm, ModelSource, RoutingMemory};

pub(crate) const MEMORIES: [&str; 24] = [
    "User prefers dark mode for all applications",
    "Meeting with Alice scheduled for March 15 at 2pm",
    "Project deadline is end of Q1 2026",
    "User is allergic to peanuts and shellfish",
    "The staging server listens on port 8443",
    "User's dog is called Biscuit and is nine years old",
    "The flight to Lisbon leaves on Friday at 06:40",
    "User drinks espresso without sugar",
    "The quarterly report goes to Karen before Monday",
    "User's daughter plays the cello",
    "The database is backed up every night at three",
    "User finds long meetings exhausting",
    "The spare key lies under the blue flower pot",
    "User is learning Portuguese for a journey in May",
    "Invoices of the printer company are wrong every month",
    "The tomato seedlings need water every second day",
    "User runs ten kilometres on Sunday mornings",
    "Bob from accounting is on leave until August",
    "User wants lengths and weights in metric units",
    "The dentist moved the appointment to the 9th of April",
    "User takes no phone calls before ten in the morning",
    "The team writes the new service in Rust",
    "User's favourite film is about a castle that walks",
    "The rent goes up by four percent in July",
];

/// Questions with the position of the memory that answers them.
pub(crate) const QUESTIONS: [(&str, usize); 6] = [
    ("what are the user's UI preferences?", 0),
    ("when do I see Alice?", 1),
    ("which food must be avoided?", 3),
    ("what is the name of the pet?", 5),
    ("when does the plane take off?", 6),
    ("what language is the new service written in?", 21),
];

/// Returns the real model, loaded once for all tests.
pub(crate) fn minilm() -> Arc<MiniLm> {
    static MODEL: OnceLock<Arc<MiniLm>> = OnceLock::new();
    let load = || match MiniLm::load(&ModelSource::from_env()) {
        Ok(model) => Arc::new(model),
        Err(error) => panic!("these tests need the model: {error}"),
    };
    MODEL.get_or_init(load).clone()
}

/// Starts a memory with the real model.
pub(crate) fn with_minilm() -> MemoryBuilder {
    RoutingMemory::builder().embedder(minilm())
}

/// Remembers [`MEMORIES`] under the ids `"0"`, `"1"`, and so on.
pub(crate) fn fill(memory: &RoutingMemory) -> rm_memory::Result<Vec<String>> {
    let items = MEMORIES.iter().enumerate();
    memory.add_batch(
        items.map(|(number, text)| rm_memory::NewItem::new(*text).id(number.to_string())),
    )
}

/// Compares a question with each text and returns positions and scores of those that reach `threshold`,
/// best first.
pub(crate) fn by_hand(
    embedder: &dyn Embedder,
    texts: &[&str],
    question: &str,
    threshold: f32,
) -> rm_embed::Result<Vec<(usize, f32)>> {
    let asked = embedder.embed(question)?;
    let scored = texts
        .iter()
        .enumerate()
        .map(|(number, text)| Ok((number, dot(&asked, &embedder.embed(text)?))))
        .collect::<rm_embed::Result<Vec<_>>>()?;
    let mut kept: Vec<(usize, f32)> = scored
        .into_iter()
        .filter(|(_, score)| *score >= threshold)
        .collect();
    kept.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(kept)
}
