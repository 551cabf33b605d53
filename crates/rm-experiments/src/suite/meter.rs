//! What the model was really asked to do, as against what a cache knew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rm_embed::{Embedder, Embeddings, MiniLm, Result};

/// Counts what a model has embedded; clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    texts: AtomicU64,
    tokens: AtomicU64,
    micros: AtomicU64,
}

impl Meter {
    /// Returns the number of texts embedded.
    #[must_use]
    pub fn texts(&self) -> u64 {
        self.counts.texts.load(Ordering::Relaxed)
    }

    /// Returns the number of tokens that the model read, the two special ones of each text included.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.counts.tokens.load(Ordering::Relaxed)
    }

    /// Returns the time that embedding took, without reading texts and keeping vectors.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_micros(self.counts.micros.load(Ordering::Relaxed))
    }

    fn add(&self, texts: usize, tokens: u64, elapsed: Duration) {
        self.counts.texts.fetch_add(texts as u64, Ordering::Relaxed);
        self.counts.tokens.fetch_add(tokens, Ordering::Relaxed);
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.counts.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// Wraps the model so that a meter counts its work; to be put behind the cache.
#[derive(Debug)]
pub struct MeteredModel {
    model: MiniLm,
    meter: Meter,
}

impl MeteredModel {
    /// Joins the two.
    #[must_use]
    pub fn new(model: MiniLm, meter: Meter) -> Self {
        Self { model, meter }
    }
}

impl Embedder for MeteredModel {
    fn dim(&self) -> usize {
        self.model.dim()
    }

    fn fingerprint(&self) -> &str {
        self.model.fingerprint()
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_batch(&[text]).map(Embeddings::into_vec)
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        let started = Instant::now();
        let (vectors, n_tokens) = self.model.embed_batch_counted(texts)?;
        self.meter
            .add(texts.len(), n_tokens as u64, started.elapsed());
        Ok(vectors)
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        self.model.count_tokens(text)
    }
}
