//! Text to unit vectors: MiniLM on candle, where its weights come from, and a cache on disk.

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
pub use minilm::MiniLm;
pub use progress::Progress;
pub use weights::{Attempt, Attempts, ModelSource};
