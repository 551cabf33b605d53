//! all-MiniLM-L6-v2: a six-layer BERT encoder whose mean-pooled output is a sentence's vector.

mod batch;
mod config;
mod encoder;
mod layer;
mod model;
mod parameters;
mod precision;
mod tokenizer;
mod workspace;

pub(crate) use config::BertConfig;
pub use model::MiniLm;
pub use precision::Precision;
