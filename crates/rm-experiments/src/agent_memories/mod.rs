//! `agent-memories`: generated text with the shape of what people want an agent to remember.
//!
//! A bare clone has no data set beside it, so this module makes one: a seeded grammar over forty
//! topics and seven kinds of note that yields millions of distinct memories, and for any of them
//! questions in other words with their gold ids, longer and shorter forms, passages and whole
//! conversations.
//!
//! Every memory is a function of `(seed, index)`: nothing is stored, so streaming, subsets and
//! parallel generation all agree. The index is dealt through seeded decks to a topic, a kind and a
//! pattern, and what is left of it is sent through a seeded permutation and read in mixed radix as
//! the pattern's *key slots* (who, what, when, where). Two indices therefore never state the same
//! fact; wording, openings and added detail are drawn afterwards, from a stream of their own.
//!
//! The grammar and its word lists are data, in `data/agent-memories/`; its format is described in
//! the README there.
//!
//! ```
//! use rm_experiments::agent_memories::AgentMemories;
//!
//! # fn main() -> Result<(), rm_experiments::agent_memories::GrammarError> {
//! let generator = AgentMemories::new(42)?;
//! let memory = generator.memory(7);
//! let question = generator.question(7, 0);
//! assert_eq!(question.gold, memory.id);
//! # Ok(())
//! # }
//! ```

mod calendar;
mod compose;
mod conversation;
mod deck;
mod dice;
mod domain;
mod error;
mod fact;
mod forms;
mod generator;
mod grammar;
mod kind;
mod lexicon;
mod memory;
mod pattern;
mod people;
mod permutation;
mod sentence;
mod source;
mod template;
mod topic;
mod vocabulary;

pub use conversation::{
    Conversation, ConversationQuestion, ConversationSize, QuestionCategory, Session, Turn,
};
pub use error::GrammarError;
pub use forms::Forms;
pub use generator::AgentMemories;
pub use kind::Kind;
pub use memory::{Memory, Question};
pub use topic::TopicId;
