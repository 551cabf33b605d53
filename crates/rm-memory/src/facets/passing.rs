//! The items that pass a filter.

use rm_core::{Allowed, ItemId};
use roaring::RoaringTreemap;

/// Is the set of items that pass a filter, to which a search is confined.
#[derive(Debug, Clone, PartialEq)]
pub struct Passing(RoaringTreemap);

impl Passing {
    pub(super) fn new(items: RoaringTreemap) -> Self {
        Self(items)
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() as usize
    }

    /// Returns whether nothing passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the items, the smallest [`ItemId`] first.
    pub fn iter(&self) -> impl Iterator<Item = ItemId> {
        self.0.iter().map(ItemId)
    }

    /// Takes items out, such as those that are past their time.
    pub fn retain(&mut self, mut keeps: impl FnMut(ItemId) -> bool) {
        let items = std::mem::take(&mut self.0).into_iter();
        self.0 = items.filter(|item| keeps(ItemId(*item))).collect();
    }
}

impl Allowed for Passing {
    fn allows(&self, item: ItemId) -> bool {
        self.0.contains(item.0)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn items(&self) -> Vec<ItemId> {
        self.iter().collect()
    }
}
