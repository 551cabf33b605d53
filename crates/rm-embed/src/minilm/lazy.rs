//! The model, loaded when it is first needed.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::config::HIDDEN;
use super::model::{self, MiniLm};
use crate::{Embedder, Embeddings, Error, ModelSource, Result};

/// Is all-MiniLM-L6-v2 in single precision, loaded by the first text or by [`load_ahead`](Self::load_ahead), whichever comes sooner.
///
/// What it is called and how long its vectors are is known without its files, so a memory opens, lists and deletes before the
/// model is there, or without it. A program that will need it loads it on a thread of its own while it does something else.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use rm_embed::{Embedder, LazyMiniLm, ModelSource};
///
/// let model = Arc::new(LazyMiniLm::new(ModelSource::from_env()));
/// let loading = Arc::clone(&model);
/// std::thread::spawn(move || loading.load_ahead());
/// assert_eq!(model.dim(), 384);
/// let vector = model.embed("the user prefers dark mode")?;
/// # Ok::<(), rm_embed::Error>(())
/// ```
#[derive(Debug)]
pub struct LazyMiniLm {
    source: ModelSource,
    fingerprint: String,
    model: OnceLock<MiniLm>,
    /// Is held by whoever loads the model, so that one does at a time; holds what went wrong ahead of the first text.
    loading: Mutex<Option<Error>>,
}

impl LazyMiniLm {
    /// Says where the model will come from.
    #[must_use]
    pub fn new(source: ModelSource) -> Self {
        Self {
            source,
            fingerprint: model::default_fingerprint(),
            model: OnceLock::new(),
            loading: Mutex::new(None),
        }
    }

    /// Loads the model unless it is there, and returns it; whoever comes meanwhile waits.
    ///
    /// # Errors
    /// As [`MiniLm::load`]; the next call tries again then.
    pub fn load(&self) -> Result<&MiniLm> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let mut failed = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        match failed.take() {
            Some(error) => Err(error),
            None => self.load_now(),
        }
    }

    /// Loads the model unless it is there, before a text asks for it; what goes wrong is told to the first that does.
    pub fn load_ahead(&self) {
        let mut failed = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        *failed = self.load_now().err();
    }

    /// Loads the model unless it is there, for whoever has the turn to.
    fn load_now(&self) -> Result<&MiniLm> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let model = MiniLm::load(&self.source)?;
        Ok(self.model.get_or_init(|| model))
    }
}

impl Embedder for LazyMiniLm {
    fn dim(&self) -> usize {
        HIDDEN
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.load()?.embed(text)
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        self.load()?.embed_batch(texts)
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        self.load()?.count_tokens(text)
    }
}
