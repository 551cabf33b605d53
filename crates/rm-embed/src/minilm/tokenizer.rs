//! WordPiece: from text to token ids.

use tokenizers::Tokenizer;

use super::config::MAX_TOKENS;
use crate::{Error, Result};

/// Characters of a refused text that its error shows.
const SHOWN_CHARS: usize = 40;

/// Splits text into word pieces of BERT's uncased vocabulary.
#[derive(Debug)]
pub(crate) struct WordPiece {
    tokenizer: Tokenizer,
    cls: u32,
    sep: u32,
}

impl WordPiece {
    /// Reads a `tokenizer.json`; the truncation and padding that it asks for are switched off.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(refused)?;
        tokenizer.with_truncation(None).map_err(refused)?;
        tokenizer.with_padding(None);
        let special = |token: &str| {
            tokenizer
                .token_to_id(token)
                .ok_or_else(|| Error::Tokenizer(format!("expected a vocabulary with {token}")))
        };
        let (cls, sep) = (special("[CLS]")?, special("[SEP]")?);
        Ok(Self {
            tokenizer,
            cls,
            sep,
        })
    }

    /// Returns what the model reads: `[CLS]`, at most 254 word pieces, `[SEP]`.
    pub(crate) fn model_input(&self, index: usize, text: &str) -> Result<Vec<u32>> {
        let pieces = self.pieces(text)?;
        if pieces.is_empty() {
            return Err(Error::EmptyText {
                index,
                text: text.chars().take(SHOWN_CHARS).collect(),
            });
        }
        let kept = &pieces[..pieces.len().min(MAX_TOKENS - 2)];
        Ok([&[self.cls], kept, &[self.sep]].concat())
    }

    /// Returns the word pieces of the whole text, without special tokens.
    pub(crate) fn pieces(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(refused)?;
        Ok(encoding.get_ids().to_vec())
    }
}

fn refused(error: tokenizers::Error) -> Error {
    Error::Tokenizer(error.to_string())
}
