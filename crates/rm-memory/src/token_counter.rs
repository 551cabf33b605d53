//! How long a text is to the model that will read it.

use rm_embed::Embedder;

use crate::Result;

/// Counts the tokens of a text, special ones excluded.
///
/// Any closure from a text to a number is one; whoever brings the tokenizer of the language model that will read a
/// context, which is rarely that of the embedder, brings it so.
///
/// ```
/// use rm_memory::TokenCounter;
///
/// let words = |text: &str| text.split_whitespace().count();
/// assert_eq!(words.count_tokens("green tea")?, 2);
/// # Ok::<(), rm_memory::Error>(())
/// ```
pub trait TokenCounter {
    /// Counts the tokens of the whole text; the same text always has as many.
    ///
    /// # Errors
    /// When the tokenizer refuses the text; [`Error::TokenCounter`](crate::Error::TokenCounter) takes any error.
    fn count_tokens(&self, text: &str) -> Result<usize>;
}

impl<F: Fn(&str) -> usize> TokenCounter for F {
    fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(self(text))
    }
}

/// Counts tokens with the tokenizer of an embedder.
///
/// ```no_run
/// use rm_memory::{EmbedderTokens, MiniLm, ModelSource, TokenCounter};
///
/// let model = MiniLm::load(&ModelSource::from_env())?;
/// assert_eq!(EmbedderTokens(&model).count_tokens("green tea")?, 2);
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct EmbedderTokens<'a>(pub &'a dyn Embedder);

impl TokenCounter for EmbedderTokens<'_> {
    /// Counts as [`Embedder::count_tokens`] does, and fails where the embedder has no tokenizer.
    fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(self.0.count_tokens(text)?)
    }
}

impl std::fmt::Debug for EmbedderTokens<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EmbedderTokens")
            .field(&self.0.fingerprint())
            .finish()
    }
}
