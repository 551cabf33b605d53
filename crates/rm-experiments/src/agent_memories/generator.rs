//! The generator itself.

use std::ops::Range;

use super::compose;
use super::conversation::{Conversation, ConversationSize};
use super::dice::{Dice, Stream};
use super::error::GrammarError;
use super::fact::Dealer;
use super::forms::Forms;
use super::memory::{Memory, Question, memory_id};
use super::topic::TopicId;

/// A seeded source of memories with random access: every method is a pure function of the seed and
/// its arguments, so calls may come in any order and from any number of threads.
///
/// Cloning is cheap; clones share the compiled grammar.
///
/// ```
/// # use rm_experiments::agent_memories::AgentMemories;
/// # fn main() -> Result<(), rm_experiments::agent_memories::GrammarError> {
/// let generator = AgentMemories::new(42)?;
/// for memory in generator.memories(0..3) {
///     println!("{} [{}] {}", memory.id, generator.topic_name(memory.topic), memory.text);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AgentMemories {
    dealer: Dealer,
}

impl AgentMemories {
    /// Compiles the grammar, a matter of milliseconds, for one seed.
    ///
    /// # Errors
    /// [`GrammarError`] where a data file was edited and is at fault.
    pub fn new(seed: u64) -> Result<Self, GrammarError> {
        Ok(Self {
            dealer: Dealer::new(seed)?,
        })
    }

    /// Returns the memory of an index, in a few microseconds.
    pub fn memory(&self, index: u64) -> Memory {
        let fact = self.dealer.fact(index);
        let dice = &mut Dice::new(self.dealer.seed, Stream::Memory, index, 0);
        Memory {
            id: memory_id(index),
            topic: fact.topic_id,
            kind: fact.pattern.kind,
            text: compose::memory(&fact, &self.dealer, dice),
        }
    }

    /// Iterates over the memories of a range of indices.
    pub fn memories(&self, range: Range<u64>) -> impl Iterator<Item = Memory> + '_ {
        range.map(|index| self.memory(index))
    }

    /// Iterates over the memories of one topic, counted within it; the `nth` of a topic is the same
    /// memory, with the same id, that [`memory`](Self::memory) returns at its index.
    ///
    /// A topic that [`topics`](Self::topics) does not list has no memories.
    pub fn memories_of_topic(
        &self,
        topic: TopicId,
        range: Range<u64>,
    ) -> impl Iterator<Item = Memory> + '_ {
        let known = usize::from(topic.0) < self.dealer.grammar.topics.len();
        let range = if known { range } else { 0..0 };
        range.map(move |nth| self.memory(self.dealer.index_in_topic(topic, nth)))
    }

    /// Returns a question that the memory of an index answers, in other words than the memory's.
    ///
    /// Variants differ in phrasing; a pattern has three to six, after which they come again with other
    /// synonyms.
    pub fn question(&self, index: u64, variant: u64) -> Question {
        let fact = self.dealer.fact(index);
        let dice = &mut Dice::new(self.dealer.seed, Stream::Question, index, variant);
        Question {
            text: compose::question(&fact, variant, &self.dealer, dice),
            gold: memory_id(index),
            answer: compose::answer(&fact, &self.dealer, dice),
        }
    }

    /// Returns a text of about sixty words that states the fact of the memory of the same index, and
    /// carries its id, so that [`question`](Self::question) serves both.
    pub fn passage(&self, index: u64) -> Memory {
        let fact = self.dealer.fact(index);
        let dice = &mut Dice::new(self.dealer.seed, Stream::Passage, index, 0);
        Memory {
            id: memory_id(index),
            topic: fact.topic_id,
            kind: fact.pattern.kind,
            text: compose::passage(&fact, &self.dealer, dice),
        }
    }

    /// Returns the memory of an index with a richer form and two shorter ones.
    pub fn forms(&self, index: u64) -> Forms {
        let plain = self.memory(index).text;
        Forms::write(&self.dealer.fact(index), index, plain, &self.dealer)
    }

    /// Returns the `number`th conversation: two people over some months, and questions about what
    /// they said.
    pub fn conversation(&self, number: u64, size: ConversationSize) -> Conversation {
        Conversation::write(&self.dealer, number, size)
    }

    /// Returns the seed.
    pub fn seed(&self) -> u64 {
        self.dealer.seed
    }

    /// Iterates over the topics.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = TopicId> + use<> {
        (0..self.dealer.grammar.topics.len() as u16).map(TopicId)
    }

    /// Returns the name of a topic, one word; empty for a topic that [`topics`](Self::topics) does
    /// not list.
    pub fn topic_name(&self, topic: TopicId) -> &str {
        self.dealer
            .grammar
            .topics
            .get(usize::from(topic.0))
            .map_or("", |topic| &topic.name)
    }

    /// Returns how many indices, from 0, are sure to stand for different facts. Past it the facts
    /// come again in another order, in other wording mostly.
    pub fn capacity(&self) -> u64 {
        self.dealer.capacity()
    }
}
