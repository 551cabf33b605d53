//! A store in RAM.

mod tables;
mod undo;

use rm_core::{CentroidId, ItemId};

use self::undo::UndoMap;
use crate::routing::RoutingHeader;
use crate::store::{VisitItem, VisitPacked, VisitVector};
use crate::{
    Applied, CentroidUsage, Changes, Error, Item, Result, RoutingState, Store, StoredItem, apply,
};

/// Keeps everything in RAM, under the same contract as the store on disk, and loses it when dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    items: UndoMap<ItemId, Item>,
    keys: UndoMap<String, ItemId>,
    last_key: u64,
    assignments: UndoMap<ItemId, CentroidId>,
    settings: UndoMap<String, String>,
    header: UndoMap<(), RoutingHeader>,
    centroids: UndoMap<CentroidId, (Vec<f32>, CentroidUsage)>,
    packed: UndoMap<CentroidId, Vec<u8>>,
    changed: UndoMap<ItemId, ()>,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn stored(&self, key: ItemId) -> Option<StoredItem> {
        let item = self.items.get(&key)?.clone();
        Some(StoredItem {
            key,
            centroid: self.assignments.get(&key).copied(),
            item,
        })
    }

    fn commit(&mut self) {
        self.items.commit();
        self.keys.commit();
        self.assignments.commit();
        self.settings.commit();
        self.header.commit();
        self.centroids.commit();
        self.packed.commit();
        self.changed.commit();
    }

    fn roll_back(&mut self) {
        self.items.roll_back();
        self.keys.roll_back();
        self.assignments.roll_back();
        self.settings.roll_back();
        self.header.roll_back();
        self.centroids.roll_back();
        self.packed.roll_back();
        self.changed.roll_back();
    }
}

impl Store for MemoryStore {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        let last_key = self.last_key;
        let applied = apply::apply(self, changes);
        if applied.is_ok() {
            self.commit();
        } else {
            self.roll_back();
            self.last_key = last_key;
        }
        applied
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        Ok(self.keys.get(id).and_then(|&key| self.stored(key)))
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        Ok(keys.iter().map(|&key| self.stored(key)).collect())
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        Ok(self.keys.get(id).copied())
    }

    fn count(&self) -> Result<u64> {
        Ok(self.items.len() as u64)
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        Ok(self
            .items
            .iter()
            .map(|(&key, item)| (key, item.id.clone()))
            .collect())
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        for (&key, item) in self.items.iter() {
            let centroid = self.assignments.get(&key).copied();
            if visit(StoredItem {
                key,
                centroid,
                item: item.clone(),
            })
            .is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        for (&key, item) in self.items.iter() {
            if visit(key, self.assignments.get(&key).copied(), &item.vector).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        for &key in keys {
            let item = self.items.get(&key).ok_or(Error::UnknownItem { key })?;
            rows.extend_from_slice(&item.vector);
        }
        Ok(())
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        for (centroid, list) in self.packed.iter() {
            if visit(*centroid, list).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        Ok(self.changed.iter().map(|(key, ())| *key).collect())
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        Ok(self.header.get(&()).map(|header| RoutingState {
            dim: header.dim,
            centroids: self
                .centroids
                .values()
                .flat_map(|(vector, _)| vector)
                .copied()
                .collect(),
            usage: self.centroids.values().map(|(_, usage)| *usage).collect(),
            trained_on: header.trained_on,
            seed: header.seed,
            k_rule: header.k_rule.clone(),
        }))
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(self.settings.get(key).cloned())
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        Ok(self
            .settings
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }
}
