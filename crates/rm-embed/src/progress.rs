//! How far a long batch has come.

/// Says how many texts of a batch have their vector.
///
/// Given to the closure of [`embed_batch_with_progress`](crate::Embedder::embed_batch_with_progress)
/// after every group of texts; drawing it is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Texts that have their vector.
    pub done_texts: usize,
    /// Texts of the whole batch.
    pub total_texts: usize,
    /// Of the done texts, those that came out of a cache and cost no computation.
    pub cached_texts: usize,
}
