//! The embedding model, built when the first experiment asks for it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, anyhow};
use rm_embed::Embedder;

use crate::full_error::InFull;

/// Makes the embedder; called at most once.
type Build = Box<dyn FnOnce() -> Result<Arc<dyn Embedder>> + Send>;

/// Holds an embedder that is built on first use, so that a run which needs none fetches no model.
pub struct LazyEmbedder {
    state: Mutex<State>,
}

enum State {
    Waiting(Build),
    Ready(Arc<dyn Embedder>),
    Failed(String),
}

impl LazyEmbedder {
    /// Takes the function that will make the embedder.
    #[must_use]
    pub fn new(build: Build) -> Self {
        Self {
            state: Mutex::new(State::Waiting(build)),
        }
    }

    /// Returns the embedder; the first call builds it, and a failure is remembered rather than
    /// tried again.
    ///
    /// # Errors
    /// When the embedder could not be built.
    pub fn get(&self) -> Result<Arc<dyn Embedder>> {
        // A panic while building leaves `Failed` behind, so a poisoned lock still holds a state
        // that is whole.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let unfinished = State::Failed("it was interrupted while it was being built".to_owned());
        let next = match std::mem::replace(&mut *state, unfinished) {
            State::Waiting(build) => match build() {
                Ok(embedder) => State::Ready(embedder),
                Err(error) => State::Failed(InFull(&error).to_string()),
            },
            settled => settled,
        };
        let result = match &next {
            State::Ready(embedder) => Ok(Arc::clone(embedder)),
            State::Failed(message) => {
                Err(anyhow!("the embedding model is not available: {message}"))
            }
            State::Waiting(_) => Err(anyhow!("the embedding model was not built")),
        };
        *state = next;
        result
    }
}

impl fmt::Debug for LazyEmbedder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LazyEmbedder")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rm_embed::Embeddings;

    use super::*;

    struct Constant;

    impl Embedder for Constant {
        fn dim(&self) -> usize {
            2
        }

        fn fingerprint(&self) -> &str {
            "constant"
        }

        fn embed(&self, _text: &str) -> rm_embed::Result<Vec<f32>> {
            Ok(vec![1.0, 0.0])
        }

        fn embed_batch(&self, texts: &[&str]) -> rm_embed::Result<Embeddings> {
            let rows = [1.0, 0.0].repeat(texts.len());
            Embeddings::from_rows(2, rows).map_err(|rows| {
                rm_embed::Error::Model(format!("{} numbers are no rows of two", rows.len()))
            })
        }
    }

    #[test]
    fn it_is_built_once_and_shared() -> Result<()> {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let lazy = LazyEmbedder::new(Box::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(Arc::new(Constant))
        }));
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        let (first, second) = (lazy.get()?, lazy.get()?);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(first.embed_batch(&["a", "b"])?.len(), 2);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_failure_is_reported_each_time_and_tried_once() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let lazy = LazyEmbedder::new(Box::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Err(anyhow!("no network"))
        }));
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        for _ in 0..3 {
            let message = lazy
                .get()
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(message.ends_with("no network"), "{message}");
        }
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
