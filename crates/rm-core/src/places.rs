//! Where each item is: a hash table of places that asks the lists for the ids.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::lists::InvertedList;
use crate::{CentroidId, ItemId};

/// Says where an item is: which list, and at which position of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) centroid: CentroidId,
    pub(crate) position: u32,
}

/// Finds the place of an item.
///
/// Holds places alone, 9 bytes each, between 7/8 and 7/16 of them in use: the id of a place stands in its list, so every
/// look-up is handed the lists, which must hold each item at its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    table: HashTable<Place>,
}

impl Places {
    /// Makes room for `additional` further items.
    pub(crate) fn reserve(&mut self, additional: usize, lists: &[InvertedList]) {
        self.table
            .reserve(additional, |place| hash(id_at(*place, lists)));
    }

    /// Returns the number of items.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Returns the place of an item.
    pub(crate) fn get(&self, item: ItemId, lists: &[InvertedList]) -> Option<Place> {
        let is_item = |place: &Place| id_at(*place, lists) == item;
        self.table.find(hash(item), is_item).copied()
    }

    /// Notes the place of an item that is at that place already and was not noted before.
    pub(crate) fn insert(&mut self, item: ItemId, place: Place, lists: &[InvertedList]) {
        let hasher = |place: &Place| hash(id_at(*place, lists));
        self.table.insert_unique(hash(item), place, hasher);
    }

    /// Does as [`insert`](Self::insert) for an item that may be noted already, and returns whether it was not.
    pub(crate) fn insert_new(
        &mut self,
        item: ItemId,
        place: Place,
        lists: &[InvertedList],
    ) -> bool {
        let is_item = |place: &Place| id_at(*place, lists) == item;
        let hasher = |place: &Place| hash(id_at(*place, lists));
        match self.table.entry(hash(item), is_item, hasher) {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                vacant.insert(place);
                true
            }
        }
    }

    /// Forgets an item that is still at its place, and returns that.
    pub(crate) fn remove(&mut self, item: ItemId, lists: &[InvertedList]) -> Option<Place> {
        let is_item = |place: &Place| id_at(*place, lists) == item;
        let entry = self.table.find_entry(hash(item), is_item).ok()?;
        Some(entry.remove().0)
    }

    /// Notes that the item at `from` is about to be at `to`.
    pub(crate) fn relocate(&mut self, item: ItemId, from: Place, to: Place) {
        if let Some(place) = self.table.find_mut(hash(item), |place| *place == from) {
            *place = to;
        }
    }

    /// Returns the bytes that are held.
    pub(crate) fn bytes(&self) -> usize {
        self.table.allocation_size()
    }
}

fn id_at(place: Place, lists: &[InvertedList]) -> ItemId {
    lists[place.centroid.index()].ids()[place.position as usize]
}

/// Mixes the bits of an id, so that ids in a row do not crowd the table (the finalizer of SplitMix64; Steele, Lea and
/// Flood, 2014).
pub(crate) fn hash(item: ItemId) -> u64 {
    let mut bits = item.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
