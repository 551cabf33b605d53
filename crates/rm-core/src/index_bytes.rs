//! How many bytes an index holds in memory, by part.

use crate::Index;
use crate::usage::UsageCell;

/// Counts the bytes that an [`Index`] holds, room for more included.
///
/// The Python original claims 768x by setting 2 bytes of code against 1,536 of vector, and keeps the vectors
/// in RAM all the same; so does an index, and says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexBytes {
    /// Centroids, also in the rounded form that large codebooks have, with what is kept of their use.
    pub centroids: usize,
    /// The items' vectors.
    pub vectors: usize,
    /// The items' codes.
    pub codes: usize,
    /// The items' ids, in the lists and in second lists.
    pub ids: usize,
    /// The tables that find an item's places by its id.
    pub places: usize,
    /// What each list takes, however many items it holds.
    pub lists: usize,
}

impl IndexBytes {
    pub(crate) fn of(index: &Index) -> Self {
        let lists = index.lists.bytes();
        let spill = index.spill.as_ref().map(|spill| spill.bytes());
        let spill = spill.unwrap_or_default();
        Self {
            centroids: index.codebook.bytes() + index.usage.capacity() * size_of::<UsageCell>(),
            vectors: lists.vectors,
            codes: lists.codes + spill.codes,
            ids: lists.ids + spill.ids,
            places: lists.places + spill.places,
            lists: lists.heads + spill.heads,
        }
    }

    /// Returns the sum of all parts.
    #[must_use]
    pub fn total(&self) -> usize {
        let Self {
            centroids,
            vectors,
            codes,
            ids,
            places,
            lists,
        } = self;
        centroids + vectors + codes + ids + places + lists
    }
}
