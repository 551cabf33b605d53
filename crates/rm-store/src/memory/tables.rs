//! The primitive writes in RAM.

use rm_core::{CentroidId, ItemId};

use super::MemoryStore;
use crate::apply::Tables;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Item, Result};

impl Tables for MemoryStore {
    fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(self.settings.get(key).cloned())
    }

    fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        self.settings.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn find(&self, id: &str) -> Result<Option<(ItemId, i64)>> {
        let key = self.keys.get(id).copied();
        Ok(key.and_then(|key| self.items.get(&key).map(|item| (key, item.created_at_ms))))
    }

    fn has_item(&self, key: ItemId) -> Result<bool> {
        Ok(self.items.get(&key).is_some())
    }

    fn insert_item(&mut self, item: &Item) -> Result<ItemId> {
        self.last_key += 1;
        let key = ItemId(self.last_key);
        self.keys.insert(item.id.clone(), key);
        self.items.insert(key, item.clone());
        Ok(key)
    }

    fn replace_item(&mut self, key: ItemId, created_at_ms: i64, item: &Item) -> Result<()> {
        self.items.insert(
            key,
            Item {
                created_at_ms,
                ..item.clone()
            },
        );
        Ok(())
    }

    fn delete_item(&mut self, key: ItemId) -> Result<bool> {
        let Some(id) = self.items.get(&key).map(|item| item.id.clone()) else {
            return Ok(false);
        };
        self.items.remove(&key);
        self.keys.remove(&id);
        self.assignments.remove(&key);
        Ok(true)
    }

    fn assign(&mut self, key: ItemId, centroid: Option<CentroidId>) -> Result<()> {
        match centroid {
            Some(centroid) => self.assignments.insert(key, centroid),
            None => self.assignments.remove(&key),
        }
        Ok(())
    }

    fn unassign_all(&mut self) -> Result<()> {
        self.assignments.clear();
        Ok(())
    }

    fn assigned_past(&self, k: u32) -> Result<Option<(ItemId, CentroidId)>> {
        let mut assignments = self
            .assignments
            .iter()
            .map(|(&key, &centroid)| (key, centroid));
        Ok(assignments.find(|(_, centroid)| centroid.0 >= k))
    }

    fn routing_header(&self) -> Result<Option<RoutingHeader>> {
        Ok(self.header.get(&()).cloned())
    }

    fn set_routing_header(&mut self, header: Option<&RoutingHeader>) -> Result<()> {
        match header {
            Some(header) => self.header.insert((), header.clone()),
            None => self.header.clear(),
        }
        Ok(())
    }

    fn put_centroid(&mut self, id: CentroidId, vector: &[f32], usage: CentroidUsage) -> Result<()> {
        self.centroids.insert(id, (vector.to_vec(), usage));
        Ok(())
    }

    fn truncate_centroids(&mut self, k: u32) -> Result<()> {
        self.centroids.truncate(&CentroidId(k));
        Ok(())
    }

    fn centroid_count(&self) -> Result<u64> {
        Ok(self.centroids.len() as u64)
    }

    fn has_packed(&self) -> Result<bool> {
        Ok(self.packed.len() > 0)
    }

    fn put_packed(&mut self, id: CentroidId, list: &[u8]) -> Result<()> {
        self.packed.insert(id, list.to_vec());
        Ok(())
    }

    fn truncate_packed(&mut self, k: u32) -> Result<()> {
        self.packed.truncate(&CentroidId(k));
        Ok(())
    }

    fn packed_past(&self, k: u32) -> Result<Option<CentroidId>> {
        let mut packed = self.packed.iter().map(|(id, _)| *id);
        Ok(packed.find(|id| id.0 >= k))
    }

    fn mark_changed(&mut self, key: ItemId) -> Result<()> {
        self.changed.insert(key, ());
        Ok(())
    }

    fn clear_changed(&mut self) -> Result<()> {
        self.changed.clear();
        Ok(())
    }
}
