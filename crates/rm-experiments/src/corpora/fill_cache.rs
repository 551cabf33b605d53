//! From a stream of texts to vectors on disk, without holding either.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use rm_embed::Embedder;

use super::Texts;
use crate::output::text::grouped;
use crate::suite::Progress;

/// Texts that are held, with their vectors, at one time.
const TEXTS_AT_ONCE: usize = 8_192;

/// Counts texts that have their vector on disk; clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    done: Arc<AtomicU64>,
}

impl Tally {
    /// Returns how many texts have their vector, fresh or not.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    fn set(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }
}

/// Reads as many further texts as are held at one time; none at the end.
///
/// # Errors
/// When a text cannot be read.
pub fn next_chunk(texts: &mut Texts) -> Result<Vec<String>> {
    texts.by_ref().take(TEXTS_AT_ONCE).collect()
}

/// Has `embedder`, which keeps what it computes, embed `total` texts, and drops the vectors.
///
/// # Errors
/// When a text cannot be read or embedded, or its vector not be kept; what was embedded before stays kept.
pub fn fill_cache(
    embedder: &dyn Embedder,
    mut texts: Texts,
    total: u64,
    label: &str,
    progress: &Progress,
    tally: &Tally,
) -> Result<()> {
    let task = progress.task(label, total, "texts");
    let before = tally.done();
    let (mut done, mut cached) = (0, 0);
    loop {
        let chunk = next_chunk(&mut texts)?;
        if chunk.is_empty() {
            return Ok(());
        }
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        let mut cached_here = 0;
        embedder
            .embed_batch_with_progress(&chunk, &mut |so_far| {
                cached_here = so_far.cached_texts as u64;
                let done = done + so_far.done_texts as u64;
                tally.set(before + done);
                task.set_free(cached + cached_here);
                task.set_done(done);
            })
            .with_context(|| {
                let first = grouped(done + 1);
                format!("cannot {label}, in the batch that begins with text {first}")
            })?;
        done += chunk.len() as u64;
        cached += cached_here;
    }
}
