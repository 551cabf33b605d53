//! The two kinds of text an experiment works on, in one form: items, and queries with their gold items.
//!
//! Real text is what [`datasets`](crate::datasets) reads, generated text what
//! [`agent_memories`](crate::agent_memories) makes. [`resolve`] decides between them as `--data` says.

mod corpus;
mod dataset;
mod embed;
mod fill_cache;
mod generated;
mod real;
mod resolve;
mod sample;
mod texts;

pub use corpus::{Corpus, CorpusQuery, CorpusSize};
pub use dataset::Dataset;
pub use embed::{EmbeddedCorpus, embed, embed_texts, embed_with};
pub use fill_cache::{Tally, fill_cache, next_chunk};
pub use resolve::{Resolved, resolve, resolve_for, resolve_nested};
pub(crate) use sample::shuffled;
pub use texts::{DatasetTexts, EndlessText, Texts};
