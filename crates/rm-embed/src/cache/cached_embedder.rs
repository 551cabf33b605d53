//! An embedder that asks the cache before the model.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::embedding_cache::EmbeddingCache;
use super::key::{KeyMap, TextKey};
use crate::{Embedder, Embeddings, Error, Progress, Result};

/// Texts that are embedded between two appends: what a kill can cost.
const TEXTS_PER_APPEND: usize = 1024;

/// Wraps an embedder so that no text is ever embedded twice, over all runs that share a folder.
///
/// Vectors are kept in half precision, and given out as they are kept whether they are fresh or not;
/// they differ from the wrapped embedder's by a cosine of at most 5e-7. Batches are appended
/// every 1,024 texts, so a run that is killed goes on where it was.
///
/// ```no_run
/// use std::path::Path;
/// use rm_embed::{CachedEmbedder, Embedder, MiniLm, ModelSource};
///
/// let model = MiniLm::load(&ModelSource::from_env())?;
/// let model = CachedEmbedder::open(model, Path::new("data/embeddings"))?;
/// let texts = ["green tea", "black tea"];
/// let vectors = model.embed_batch_with_progress(&texts, &mut |progress| {
///     eprintln!("{} of {}", progress.done_texts, progress.total_texts);
/// })?;
/// assert_eq!(vectors.len(), 2);
/// # Ok::<(), rm_embed::Error>(())
/// ```
#[derive(Debug)]
pub struct CachedEmbedder<E> {
    embedder: E,
    cache: Mutex<EmbeddingCache>,
}

impl<E: Embedder> CachedEmbedder<E> {
    /// Opens the embedder's cache under `folder`, which may serve any number of models.
    ///
    /// # Errors
    /// As for [`EmbeddingCache::open`].
    pub fn open(embedder: E, folder: &Path) -> Result<Self> {
        let cache = EmbeddingCache::open(folder, embedder.fingerprint(), embedder.dim())?;
        Ok(Self {
            embedder,
            cache: Mutex::new(cache),
        })
    }

    /// Returns the wrapped embedder.
    pub fn inner(&self) -> &E {
        &self.embedder
    }

    /// Returns the number of texts whose vector is kept.
    pub fn n_cached(&self) -> usize {
        self.cache().len()
    }

    fn cache(&self) -> MutexGuard<'_, EmbeddingCache> {
        // A panic elsewhere cannot leave the index ahead of the files: it is updated last.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Embeds the texts at `indices`, keeps the vectors, and writes them into their rows.
    fn embed_fresh(
        &self,
        texts: &[&str],
        keys: &[TextKey],
        indices: &[usize],
        rows: &mut [f32],
    ) -> Result<()> {
        let group: Vec<&str> = indices.iter().map(|&i| texts[i]).collect();
        let group_keys: Vec<TextKey> = indices.iter().map(|&i| keys[i]).collect();
        let vectors = self
            .embedder
            .embed_batch(&group)
            .map_err(|error| match error {
                Error::EmptyText { index, text } => Error::EmptyText {
                    index: indices.get(index).copied().unwrap_or(index),
                    text,
                },
                other => other,
            })?;
        let kept = self.cache().append(&group_keys, &vectors)?;
        let dim = self.dim();
        for (&i, vector) in indices.iter().zip(kept.chunks_exact(dim)) {
            rows[i * dim..(i + 1) * dim].copy_from_slice(vector);
        }
        Ok(())
    }
}

impl<E: Embedder> Embedder for CachedEmbedder<E> {
    fn dim(&self) -> usize {
        self.embedder.dim()
    }

    fn fingerprint(&self) -> &str {
        self.embedder.fingerprint()
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        self.embed_batch(&[text]).map(Embeddings::into_vec)
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        self.embed_batch_with_progress(texts, &mut |_| {})
    }

    fn embed_batch_with_progress(
        &self,
        texts: &[&str],
        report: &mut dyn FnMut(Progress),
    ) -> Result<Embeddings> {
        let keys: Vec<TextKey> = texts.par_iter().map(|text| TextKey::of(text)).collect();
        let mut rows = vec![0.0; texts.len() * self.dim()];
        let missing = self.cache().read(&keys, &mut rows)?;
        let (fresh, repeated) = first_occurrences(&keys, &missing);
        let known = texts.len() - missing.len();
        let mut progress = Progress {
            done_texts: known,
            total_texts: texts.len(),
            cached_texts: known,
        };
        report(progress);
        for indices in fresh.chunks(TEXTS_PER_APPEND) {
            self.embed_fresh(texts, &keys, indices, &mut rows)?;
            progress.done_texts += indices.len();
            report(progress);
        }
        if !repeated.is_empty() {
            let dim = self.dim();
            for &(i, first) in &repeated {
                rows.copy_within(first * dim..(first + 1) * dim, i * dim);
            }
            progress.done_texts += repeated.len();
            report(progress);
        }
        Embeddings::checked(self.dim(), rows)
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        self.embedder.count_tokens(text)
    }
}

/// Parts texts that are met for the first time from repetitions, which go with their first index.
fn first_occurrences(keys: &[TextKey], indices: &[usize]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let mut first_of = KeyMap::default();
    let (mut fresh, mut repeated) = (Vec::new(), Vec::new());
    for &i in indices {
        let first = *first_of.entry(keys[i]).or_insert(i);
        if first == i {
            fresh.push(i);
        } else {
            repeated.push((i, first));
        }
    }
    (fresh, repeated)
}
