//! What lists hold of their items for the scan.

/// Says what the lists of an [`Index`](crate::Index) hold of their items beside the vectors.
///
/// ```
/// use rm_core::{Codebook, Coding, Index, ItemId, Retriever};
///
/// let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
/// let mut index = Index::new(codebook).with_coding(Coding::one_bit(42));
/// index.add(ItemId(1), &[0.9, 0.1])?;
/// index.add(ItemId(2), &[0.1, 0.9])?;
/// let found = Retriever::default().query(&index, &[1.0, 0.0])?;
/// assert_eq!(found.hits[0].item, ItemId(1));
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Coding {
    /// Nothing: a scan computes every product. Exact, and fast enough for small memories.
    #[default]
    Exact,
    /// One bit a component and one number, `dim / 8 + 4` bytes an item (RaBitQ; Gao and Long, SIGMOD 2024): a scan
    /// estimates every product and computes those that may matter.
    ///
    /// An item is missed where its estimate is off by more than
    /// [`Retriever::rerank_errors`](crate::Retriever::rerank_errors) standard errors.
    OneBit {
        /// Draws the rotation under which vectors are coded.
        seed: u64,
        /// Whether an item has a second code, in the list of another centroid, `dim / 8 + 4` bytes for the code and some
        /// 25 for its id and place (SOAR; Sun et al., NeurIPS 2023): half as many codes are then scanned for a wanted
        /// recall, and more exact scores computed. It pays where codes come from main memory and not from a cache.
        spill: bool,
    },
}

impl Coding {
    /// Codes in one bit a component, each item in its own list alone.
    #[must_use]
    pub fn one_bit(seed: u64) -> Self {
        Self::OneBit { seed, spill: false }
    }

    /// Returns whether items stand in a second list.
    pub(crate) fn spills(self) -> bool {
        matches!(self, Self::OneBit { spill: true, .. })
    }
}
