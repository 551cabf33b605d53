//! How many tokens texts have.

use anyhow::Result;
use rayon::prelude::*;
use rm_embed::{Embedder, MiniLm, ModelSource};

/// Counts word pieces with the model's own tokenizer.
///
/// The run's embedder hides its tokenizer behind the cache, so the model is loaded once more; the files are on
/// this machine by then.
#[derive(Debug)]
pub(super) struct TokenCounter {
    model: MiniLm,
}

/// Is the length of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextLength {
    /// Word pieces of the whole text, without special tokens.
    pub(super) tokens: usize,
    /// Whether the model reads only a part of them.
    pub(super) is_cut: bool,
}

impl TokenCounter {
    /// Loads the tokenizer.
    pub(super) fn load() -> Result<Self> {
        let model = MiniLm::load(&ModelSource::from_env())?;
        Ok(Self { model })
    }

    /// Measures texts, in their order.
    pub(super) fn lengths(&self, texts: &[&str]) -> Result<Vec<TextLength>> {
        let length = |text: &&str| -> Result<TextLength> {
            let tokens = self.model.count_tokens(text)?;
            // The model reads two special tokens besides the text's own.
            let read = self.model.token_ids(text)?.len() - 2;
            Ok(TextLength {
                tokens,
                is_cut: read < tokens,
            })
        };
        texts.par_iter().map(length).collect()
    }
}
