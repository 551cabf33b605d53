//! From texts to vectors, with progress.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use rm_core::Vectors;
use rm_embed::Embedder;

use super::Corpus;
use crate::suite::Context;

/// Holds the vectors of a corpus.
#[derive(Debug, Clone)]
pub struct EmbeddedCorpus {
    /// The texts.
    pub corpus: Corpus,
    /// One vector for each item.
    pub items: Vectors,
    /// One vector for each query.
    pub queries: Vectors,
}

/// Embeds items and queries of a corpus; what the cache on disk holds is not embedded again.
///
/// # Errors
/// When the model cannot be had or a text not be embedded.
pub fn embed(context: &Context<'_>, corpus: Corpus) -> Result<EmbeddedCorpus> {
    let name = corpus.dataset;
    let items: Vec<&str> = corpus.items.iter().map(String::as_str).collect();
    let items = embed_texts(context, &format!("embed {name}"), &items)?;
    let queries: Vec<&str> = corpus
        .queries
        .iter()
        .map(|query| query.text.as_str())
        .collect();
    let queries = embed_texts(context, &format!("embed queries of {name}"), &queries)?;
    Ok(EmbeddedCorpus {
        corpus,
        items,
        queries,
    })
}

/// Embeds texts, showing progress under `label`; what the cache on disk holds is not embedded again.
///
/// # Errors
/// When the model cannot be had or a text not be embedded.
pub fn embed_texts(context: &Context<'_>, label: &str, texts: &[&str]) -> Result<Vectors> {
    embed_with(context, context.embedder()?.as_ref(), label, texts)
}

/// Does what [`embed_texts`] does, with an embedder of the caller's.
///
/// # Errors
/// When a text cannot be embedded.
pub fn embed_with(
    context: &Context<'_>,
    embedder: &dyn Embedder,
    label: &str,
    texts: &[&str],
) -> Result<Vectors> {
    if texts.is_empty() {
        return Ok(Vectors::empty(embedder.dim())?);
    }
    let task = context.progress().task(label, texts.len() as u64, "texts");
    let vectors = embedder
        .embed_batch_with_progress(texts, &mut |progress| {
            task.set_free(progress.cached_texts as u64);
            task.set_done(progress.done_texts as u64);
        })
        .with_context(|| format!("cannot {label}"))?;
    Ok(Vectors::from_rows(embedder.dim(), vectors.into_vec())?)
}

impl EmbeddedCorpus {
    /// Does as [`prefix`](Self::prefix), without a copy where that is all there is.
    ///
    /// # Errors
    /// As [`prefix`](Self::prefix).
    pub fn first(&self, n_items: usize) -> Result<Cow<'_, Self>> {
        if n_items >= self.items.len() {
            return Ok(Cow::Borrowed(self));
        }
        self.prefix(n_items).map(Cow::Owned)
    }

    /// Keeps the first `n_items` items and the queries whose gold is among them.
    ///
    /// # Errors
    /// When the vectors do not match the texts.
    pub fn prefix(&self, n_items: usize) -> Result<Self> {
        let n_items = n_items.min(self.items.len());
        let kept: Vec<usize> = (0..self.queries.len())
            .filter(|&at| {
                self.corpus.queries[at]
                    .gold
                    .iter()
                    .all(|&gold| gold < n_items)
            })
            .collect();
        Ok(Self {
            corpus: self.corpus.prefix(n_items),
            items: self.items.prefix(n_items),
            queries: self.queries.gather(&kept),
        })
    }
}
