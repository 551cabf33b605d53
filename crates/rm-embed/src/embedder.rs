//! What every source of vectors can do.

use crate::{Embeddings, Error, Progress, Result};

/// Texts that go to the model between two reports of progress.
const TEXTS_PER_REPORT: usize = 512;

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
    /// When the text is empty, or the model cannot run on it.
    fn embed(&self, text: &str) -> Result<Vec<f32>>;

    /// Embeds many texts, in their order; an empty slice gives an empty block.
    ///
    /// # Errors
    /// When one of the texts is empty, or the model cannot run on it.
    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings>;

    /// Embeds many texts as [`embed_batch`](Self::embed_batch) does, and tells `report` how far it has
    /// come, from `done_texts = 0` to `done_texts = total_texts`, some five hundred texts apart.
    ///
    /// # Errors
    /// As for [`embed_batch`](Self::embed_batch); an index in the error counts from the start of `texts`.
    fn embed_batch_with_progress(
        &self,
        texts: &[&str],
        report: &mut dyn FnMut(Progress),
    ) -> Result<Embeddings> {
        let mut progress = Progress {
            done_texts: 0,
            total_texts: texts.len(),
            cached_texts: 0,
        };
        report(progress);
        let mut data = Vec::with_capacity(texts.len() * self.dim());
        for group in texts.chunks(TEXTS_PER_REPORT) {
            let vectors = self
                .embed_batch(group)
                .map_err(|error| error.shifted(progress.done_texts))?;
            data.extend_from_slice(vectors.as_slice());
            progress.done_texts += group.len();
            report(progress);
        }
        Embeddings::checked(self.dim(), data)
    }

    /// Counts the tokens of the whole text as the model's own tokenizer splits it, whatever the model reads of it, and
    /// without special tokens.
    ///
    /// An embedder that wraps another has to pass this on. Costs one run of the tokenizer and none of the model.
    ///
    /// ```no_run
    /// use rm_embed::{Embedder, MiniLm, ModelSource};
    ///
    /// let model = MiniLm::load(&ModelSource::from_env())?;
    /// assert_eq!(model.count_tokens("green tea")?, 2);
    /// # Ok::<(), rm_embed::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoTokenizer`] where the embedder has none, which is so unless it says otherwise, and
    /// [`Error::Tokenizer`] when the tokenizer refuses the text.
    fn count_tokens(&self, _text: &str) -> Result<usize> {
        Err(Error::NoTokenizer {
            fingerprint: self.fingerprint().to_owned(),
        })
    }
}
