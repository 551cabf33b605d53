//! Which items a search may find.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

use crate::ItemId;

/// Is a set of items to which a search is confined, such as those that pass a filter.
///
/// [`Retriever::query_among`](crate::Retriever::query_among) asks [`allows`](Self::allows) of every item in the lists that it
/// scans, so it should take some nanoseconds: a bitmap or a hash table, not a filter that is worked out anew.
///
/// ```
/// use std::ops::Range;
///
/// use rm_core::{Allowed, ItemId};
///
/// struct Between(Range<u64>);
///
/// impl Allowed for Between {
///     fn allows(&self, item: ItemId) -> bool {
///         self.0.contains(&item.0)
///     }
///
///     fn count(&self) -> usize {
///         self.items().len()
///     }
///
///     fn items(&self) -> Vec<ItemId> {
///         self.0.clone().map(ItemId).collect()
///     }
/// }
///
/// assert!(Between(3..7).allows(ItemId(3)));
/// assert_eq!(Between(3..7).count(), 4);
/// ```
pub trait Allowed {
    /// Returns whether an item may be found.
    fn allows(&self, item: ItemId) -> bool;

    /// Returns the number of items that may be found; items that no index holds may count.
    fn count(&self) -> usize;

    /// Lists the items that may be found; asked where they are few.
    fn items(&self) -> Vec<ItemId>;
}

impl<S: BuildHasher> Allowed for HashSet<ItemId, S> {
    fn allows(&self, item: ItemId) -> bool {
        self.contains(&item)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn items(&self) -> Vec<ItemId> {
        self.iter().copied().collect()
    }
}

impl Allowed for BTreeSet<ItemId> {
    fn allows(&self, item: ItemId) -> bool {
        self.contains(&item)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn items(&self) -> Vec<ItemId> {
        self.iter().copied().collect()
    }
}

/// Says which items a scan takes in; asked of every item, so each kind has code of its own.
pub(crate) trait Admits: Copy {
    /// Returns whether an item is taken in.
    fn admits(self, item: ItemId) -> bool;

    /// Returns how many of `items` are taken in.
    fn count_in(self, items: &[ItemId]) -> usize;
}

/// Takes in every item; costs nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Everything;

impl Admits for Everything {
    fn admits(self, _: ItemId) -> bool {
        true
    }

    fn count_in(self, items: &[ItemId]) -> usize {
        items.len()
    }
}

/// Takes in what is allowed.
#[derive(Debug)]
pub(crate) struct Only<'a, A: ?Sized>(pub(crate) &'a A);

impl<A: ?Sized> Clone for Only<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: ?Sized> Copy for Only<'_, A> {}

impl<A: Allowed + ?Sized> Admits for Only<'_, A> {
    fn admits(self, item: ItemId) -> bool {
        self.0.allows(item)
    }

    fn count_in(self, items: &[ItemId]) -> usize {
        items.iter().filter(|item| self.0.allows(**item)).count()
    }
}
