//! What lists hold of their items for the scan.

use crate::CodeBits;

/// Says what the lists of an [`Index`](crate::Index) hold of their items for the scan, beside the vectors or in place of them.
///
/// ```
/// use rm_core::{CodeBits, Codebook, Coding, Index, ItemId, Retriever};
///
/// let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
/// let coding = Coding::rabitq(CodeBits::new(4)?, 42);
/// let mut index = Index::new(codebook).with_coding(coding);
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
    /// Some bits a component and a few numbers (RaBitQ; Gao and Long, SIGMOD 2024; of more than one bit Gao, Gou, Xu, Yang,
    /// Long and Wong, SIGMOD 2025): a scan estimates every product and computes those that may matter.
    ///
    /// The first bit of each component and two numbers, `dim / 8 + 8` bytes an item, are laid out for the scan of all items.
    /// Further bits, `(bits - 1) dim / 8 + 8` bytes an item, are looked at for those alone that may matter by their first,
    /// and leave fewer whose vector is read: each halves the error. They pay where vectors are
    /// [not in memory](crate::Index::with_vectors_in).
    ///
    /// An item is missed where an estimate is off by more than
    /// [`Retriever::rerank_errors`](crate::Retriever::rerank_errors) standard errors.
    RaBitQ {
        /// Bits a component.
        bits: CodeBits,
        /// Draws the rotation under which vectors are coded.
        seed: u64,
        /// Whether an item has a second code, in the list of another centroid, as many bytes again and some 25 for its id and
        /// place (SOAR; Sun et al., NeurIPS 2023): half as many codes are then scanned for a wanted recall, and more exact
        /// scores computed. It pays where codes come from main memory and not from a cache.
        spill: bool,
    },
}

impl Coding {
    /// Codes in one bit a component, each item in its own list alone.
    #[must_use]
    pub const fn one_bit(seed: u64) -> Self {
        Self::rabitq(CodeBits::ONE, seed)
    }

    /// Codes in some bits a component, each item in its own list alone.
    #[must_use]
    pub const fn rabitq(bits: CodeBits, seed: u64) -> Self {
        Self::RaBitQ {
            bits,
            seed,
            spill: false,
        }
    }

    /// Returns whether items stand in a second list.
    pub(crate) fn spills(self) -> bool {
        matches!(self, Self::RaBitQ { spill: true, .. })
    }
}
