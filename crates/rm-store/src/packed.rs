//! An index as it was packed, so that opening a memory reads no vectors.

use rm_core::ItemId;

/// The lists of an index, packed, and what has changed since.
///
/// A store neither makes nor reads them: whoever packs them knows what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    /// The bytes of each centroid's list, in the order of the centroids up to the last that is packed; none for one that is
    /// not.
    pub lists: Vec<Vec<u8>>,
    /// Items that were put, moved or deleted since, in the order of their keys: what the lists say of them no longer
    /// holds.
    pub changed: Vec<ItemId>,
}
