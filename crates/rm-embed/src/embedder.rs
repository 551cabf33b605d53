//! What every source of vectors can do.

use crate::{Embeddings, Result};

/// Turns text into unit vectors of one fixed dimension.
///
/// The same text always gives the same vector (to the last few bits of `f32`), alone or in a batch.
pub trait Embedder: Send + Sync {
    /// Returns the number of components of every vector.
    fn dim(&self) -> usize;

    /// Returns a short string that differs whenever vectors of the two models must not be mixed.
    fn fingerprint(&self) -> &str;

    /// Embeds one text into a unit vector of [`dim`](Self::dim) components.
    ///
    /// # Errors
    /// When the model cannot run on this text.
    fn embed(&self, text: &str) -> Result<Vec<f32>>;

    /// Embeds many texts, in their order; an empty slice gives an empty block.
    ///
    /// # Errors
    /// When the model cannot run on one of the texts.
    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings>;
}
