//! Every view of the generator shows the same memories.

use proptest::prelude::*;
use rayon::prelude::*;
use rm_experiments::agent_memories::{AgentMemories, GrammarError, Memory, TopicId};

#[test]
fn threads_and_streams_agree() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(42)?;
    let streamed: Vec<Memory> = generator.memories(500..2_500).collect();
    let parallel: Vec<Memory> = (500..2_500u64)
        .into_par_iter()
        .map(|index| generator.memory(index))
        .collect();
    assert_eq!(streamed, parallel);
    Ok(())
}

#[test]
fn a_topic_is_the_whole_filtered() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(9)?;
    let topic = TopicId(17);
    let mut filtered: Vec<String> = generator
        .memories(0..40 * 100)
        .filter(|memory| memory.topic == topic)
        .map(|memory| memory.id)
        .collect();
    let mut dealt: Vec<String> = generator
        .memories_of_topic(topic, 0..100)
        .map(|memory| memory.id)
        .collect();
    filtered.sort_unstable();
    dealt.sort_unstable();
    assert_eq!(filtered, dealt);
    Ok(())
}

#[test]
fn an_unknown_topic_is_empty() -> Result<(), GrammarError> {
    let generator = AgentMemories::new(9)?;
    assert_eq!(generator.memories_of_topic(TopicId(40), 0..10).count(), 0);
    assert_eq!(generator.topic_name(TopicId(40)), "");
    Ok(())
}

#[test]
fn seeds_differ() -> Result<(), GrammarError> {
    let (one, other) = (AgentMemories::new(1)?, AgentMemories::new(2)?);
    let equal = (0..1_000)
        .filter(|&i| one.memory(i).text == other.memory(i).text)
        .count();
    assert_eq!(equal, 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_seed_and_index_give_the_same_text(seed: u64, index in 0u64..1 << 40) {
        let generator = AgentMemories::new(seed)?;
        let again = AgentMemories::new(seed)?;
        prop_assert_eq!(generator.memory(index), again.memory(index));
        prop_assert_eq!(generator.question(index, 3), again.question(index, 3));
        prop_assert_eq!(generator.forms(index), again.forms(index));
        prop_assert_eq!(generator.passage(index), again.passage(index));
    }

    #[test]
    fn gold_is_the_memory_asked_about(index in 0u64..1 << 40, variant in 0u64..20) {
        let generator = AgentMemories::new(42)?;
        prop_assert_eq!(generator.question(index, variant).gold, generator.memory(index).id);
    }
}
