//! The items that a search has met already.

use hashbrown::HashTable;

use crate::ItemId;
use crate::places::hash;

/// Holds some hundred items for the time of one search: its hash is cheap and no secret, since nobody chooses what is met.
#[derive(Debug, Default)]
pub(crate) struct Met(HashTable<ItemId>);

impl Met {
    /// Adds an item, and returns whether it is new.
    pub(crate) fn insert(&mut self, item: ItemId) -> bool {
        let vacant = self
            .0
            .entry(hash(item), |met| *met == item, |met| hash(*met));
        match vacant {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(item);
                true
            }
        }
    }
}
