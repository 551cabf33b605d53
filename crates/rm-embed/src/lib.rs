//! Text to unit vectors: MiniLM on candle, where its weights come from, and a cache on disk.

mod embedder;
mod embeddings;
mod error;

pub use embedder::Embedder;
pub use embeddings::Embeddings;
pub use error::{Error, Result};
