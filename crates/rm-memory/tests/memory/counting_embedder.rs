//! An embedder that counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rm_embed::{Embeddings, Result};
use rm_memory::Embedder;

/// Passes texts on to another embedder and counts them.
pub(crate) struct CountingEmbedder {
    inner: Arc<dyn Embedder>,
    texts: AtomicUsize,
}

impl CountingEmbedder {
    pub(crate) fn new(inner: Arc<dyn Embedder>) -> Self {
        Self {
            inner,
            texts: AtomicUsize::new(0),
        }
    }

    /// Returns how many texts were embedded since the last time this was asked.
    pub(crate) fn take_count(&self) -> usize {
        self.texts.swap(0, Ordering::Relaxed)
    }
}

impl Embedder for CountingEmbedder {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.texts.fetch_add(1, Ordering::Relaxed);
        self.inner.embed(text)
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        self.texts.fetch_add(texts.len(), Ordering::Relaxed);
        self.inner.embed_batch(texts)
    }
}
