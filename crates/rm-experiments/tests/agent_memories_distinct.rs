//! A million memories are a million different texts, in shares that are known beforehand.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use rm_experiments::agent_memories::{AgentMemories, GrammarError, Kind};

const MILLION: u64 = 1_000_000;

#[test]
fn a_million_memories_are_distinct() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let mut seen = HashSet::with_capacity(MILLION as usize);
    let mut words = 0;
    for memory in generator.memories(0..MILLION) {
        words += memory.text.split_whitespace().count();
        assert!(
            seen.insert(hash(&memory.text)),
            "{} repeats a text: {}",
            memory.id,
            memory.text
        );
    }
    let mean_words = words as f64 / MILLION as f64;
    assert!(
        (14.0..24.0).contains(&mean_words),
        "expected notes of usual length, got {mean_words}"
    );
    Ok(())
}

#[test]
fn facts_last_well_beyond_a_million() -> Result<(), GrammarError> {
    assert!(AgentMemories::new(42)?.capacity() > 100 * MILLION);
    Ok(())
}

#[test]
fn topics_and_kinds_come_in_exact_shares() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let topics = generator.topics().len() as u64;
    assert_eq!(topics, 40);
    let mut counts = HashMap::new();
    for memory in generator.memories(0..topics * 50) {
        *counts.entry((memory.topic, memory.kind)).or_insert(0) += 1;
    }
    for topic in generator.topics() {
        let of_topic = Kind::ALL.map(|kind| counts.get(&(topic, kind)).copied().unwrap_or(0));
        assert_eq!(
            of_topic,
            [10, 7, 6, 6, 8, 6, 7],
            "{}",
            generator.topic_name(topic)
        );
    }
    Ok(())
}

#[test]
fn few_questions_could_mean_two_memories() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let asked = 100_000;
    let texts: HashSet<u64> = (0..asked)
        .map(|index| hash(&generator.question(index, 0).text))
        .collect();
    let repeated = asked - texts.len() as u64;
    assert!(
        repeated * 1000 < asked,
        "{repeated} of {asked} questions are asked twice"
    );
    Ok(())
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
