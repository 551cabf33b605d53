//! all-MiniLM-L6-v2: a six-layer BERT encoder whose mean-pooled output is a sentence's vector.

mod batch;
mod compute_device;
mod config;
mod encoder;
mod layer;
mod lazy;
mod longest_first;
mod model;
#[cfg(any(test, feature = "cuda"))]
mod padded_batch;
#[cfg(any(test, feature = "cuda"))]
mod padded_encoder;
mod parameters;
mod precision;
mod readout;
mod tokenizer;
mod workspace;

pub use compute_device::ComputeDevice;
pub(crate) use config::BertConfig;
pub use lazy::LazyMiniLm;
pub use model::MiniLm;
pub use precision::Precision;
pub use readout::{Pooling, Readout};
