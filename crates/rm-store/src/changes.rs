//! A set of changes that is applied whole or not at all.

use rm_core::{CentroidId, ItemId};

use crate::{CentroidUsage, Item, RoutingState, RoutingUpdate};

/// Collects changes for one [`Store::apply`](crate::Store::apply).
///
/// They take effect in the order in which they were added, so a later one sees the earlier ones. Whether every assigned
/// centroid exists is asked once, at the end: items may be moved before or after the codebook grows or shrinks.
///
/// ```
/// # use rm_store::{Changes, MemoryStore, Store};
/// let store = MemoryStore::new();
/// let mut changes = Changes::new();
/// changes.set("owner", "alice").delete("an id that is not there");
/// let applied = store.apply(&changes)?;
/// assert_eq!(applied.deleted, [None]);
/// # Ok::<(), rm_store::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    pub(crate) steps: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Put(Box<Item>, Option<CentroidId>),
    Restore(Box<Item>, Option<CentroidId>),
    Delete(String),
    DeleteKey(ItemId),
    Assign(ItemId, CentroidId),
    ReplaceRouting(RoutingState, Vec<(ItemId, CentroidId)>),
    UpdateRouting(RoutingUpdate),
    ClearRouting,
    AddUsage(Vec<(CentroidId, CentroidUsage)>),
    Clear,
    PackLists(Vec<(CentroidId, Vec<u8>)>),
    DropPacked,
    Set(String, String),
}

impl Changes {
    /// Starts with no changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `item`, or replaces the one with the same id, and assigns it to `centroid`.
    ///
    /// A replaced item keeps its key, its place in the order and its `created_at_ms`; text, metadata, vector, centroid and
    /// `updated_at_ms` are the new ones. The first vector a store receives fixes its dimension.
    pub fn put(&mut self, item: Item, centroid: Option<CentroidId>) -> &mut Self {
        self.push(Change::Put(Box::new(item), centroid))
    }

    /// Does as [`put`](Self::put), and takes `created_at_ms` as it is given where an item is replaced, too: for what comes back from
    /// an export.
    pub fn restore(&mut self, item: Item, centroid: Option<CentroidId>) -> &mut Self {
        self.push(Change::Restore(Box::new(item), centroid))
    }

    /// Deletes the item with the user's id `id`; an id that is not there is no error.
    pub fn delete(&mut self, id: impl Into<String>) -> &mut Self {
        self.push(Change::Delete(id.into()))
    }

    /// Deletes the item with the key `key`; a key that is not there is no error.
    pub fn delete_key(&mut self, key: ItemId) -> &mut Self {
        self.push(Change::DeleteKey(key))
    }

    /// Moves the item `key` to the list of `centroid`. Its vector is not rewritten.
    pub fn assign(&mut self, key: ItemId, centroid: CentroidId) -> &mut Self {
        self.push(Change::Assign(key, centroid))
    }

    /// Replaces the codebook and every assignment. Items that `assignments` does not name are left without a centroid.
    pub fn replace_routing(
        &mut self,
        state: RoutingState,
        assignments: Vec<(ItemId, CentroidId)>,
    ) -> &mut Self {
        self.push(Change::ReplaceRouting(state, assignments))
    }

    /// Changes some centroids of the codebook, and their number.
    pub fn update_routing(&mut self, update: RoutingUpdate) -> &mut Self {
        self.push(Change::UpdateRouting(update))
    }

    /// Removes the codebook and every assignment.
    pub fn clear_routing(&mut self) -> &mut Self {
        self.push(Change::ClearRouting)
    }

    /// Adds hits to what is stored of centroids' usage, and moves the time of their last use forward. Those that are not there are
    /// left out: what one process has counted does not matter once another has trained the codebook again.
    ///
    /// No change of the codebook: the revision stays.
    pub fn add_usage(&mut self, usage: Vec<(CentroidId, CentroidUsage)>) -> &mut Self {
        self.push(Change::AddUsage(usage))
    }

    /// Removes every item of the namespace, and its codebook. Settings stay.
    pub fn clear(&mut self) -> &mut Self {
        self.push(Change::Clear)
    }

    /// Stores packed lists over those of the same centroids. With those that stay they are the index as it is now: no item
    /// counts as changed any more.
    ///
    /// From then on the store notes which items change. Replacing or clearing the routing drops all packed lists, and a
    /// codebook that gets smaller those that it has no centroid for.
    pub fn pack_lists(&mut self, lists: Vec<(CentroidId, Vec<u8>)>) -> &mut Self {
        self.push(Change::PackLists(lists))
    }

    /// Drops all packed lists, and what was noted of changed items.
    pub fn drop_packed(&mut self) -> &mut Self {
        self.push(Change::DropPacked)
    }

    /// Stores `value` under the setting `key` of the namespace; see [`settings`](crate::settings) for keys with a meaning.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.push(Change::Set(key.into(), value.into()))
    }

    /// Returns whether there is nothing to apply.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn push(&mut self, change: Change) -> &mut Self {
        self.steps.push(change);
        self
    }
}

/// What an applied set of changes did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// One entry for each item put, in order.
    pub put: Vec<Put>,
    /// One entry for each deletion, in order: the key of the item deleted, or `None` when there was none.
    pub deleted: Vec<Option<ItemId>>,
    /// The revision of the namespace afterwards.
    pub revision: u64,
}

/// Where an item was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// Its key.
    pub key: ItemId,
    /// Whether an item with the same id existed and was replaced.
    pub replaced: bool,
}
