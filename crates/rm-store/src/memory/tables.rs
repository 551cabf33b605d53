//! The primitive writes in RAM.

use std::ops::RangeInclusive;

use rm_core::{CentroidId, ItemId};

use super::contents::{Contents, NamespaceRow};
use crate::apply::{Inserted, Tables};
use crate::changes_since::Logged;
use crate::namespace::NamespaceId;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Error, Item, Result, settings};

/// Writes to one namespace.
pub(super) struct MemoryTables<'c> {
    contents: &'c mut Contents,
    name: &'c str,
    row: NamespaceRow,
}

impl<'c> MemoryTables<'c> {
    pub(super) fn new(contents: &'c mut Contents, name: &'c str) -> Self {
        let row = match contents.namespaces.get(name) {
            Some(row) => *row,
            None if name.is_empty() => NamespaceRow::new(NamespaceId::DEFAULT),
            None => {
                let used = contents.namespaces.iter().map(|(_, row)| row.number);
                let largest = used.max().unwrap_or(NamespaceId::DEFAULT);
                // More namespaces than there are numbers do not fit into RAM.
                NamespaceRow::new(largest.next().unwrap_or(NamespaceId::EMPTY))
            }
        };
        Self {
            contents,
            name,
            row,
        }
    }

    fn rows_from(&self, k: u32) -> RangeInclusive<i64> {
        let number = self.row.number;
        number.centroid_row(CentroidId(k))..=*number.centroid_rows().end()
    }

    fn item_range(&self) -> RangeInclusive<ItemId> {
        let (first, last) = self.row.number.keys().into_inner();
        ItemId(first.cast_unsigned())..=ItemId(last.cast_unsigned())
    }

    fn log_row(&self, revision: u64) -> i64 {
        self.row.number.revisions().start() + revision.cast_signed()
    }
}

impl Tables for MemoryTables<'_> {
    fn setting(&self, key: &str) -> Result<Option<String>> {
        let key = settings::stored_key(self.row.number, key);
        Ok(self.contents.settings.get(&key).cloned())
    }

    fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        let key = settings::stored_key(self.row.number, key);
        self.contents.settings.insert(key, value.to_owned());
        Ok(())
    }

    fn find(&self, id: &str) -> Result<Option<(ItemId, i64)>> {
        let key = (self.row.number, id.to_owned());
        let key = self.contents.keys.get(&key).copied();
        let items = &self.contents.items;
        Ok(key.and_then(|key| items.get(&key).map(|item| (key, item.created_at_ms))))
    }

    fn has_item(&self, key: ItemId) -> Result<bool> {
        Ok(self.row.number.holds(key) && self.contents.items.get(&key).is_some())
    }

    fn insert_item(&mut self, item: &Item) -> Result<Inserted> {
        if let Some((key, created_at_ms)) = self.find(&item.id)? {
            return Ok(Inserted::Taken(key, created_at_ms));
        }
        self.row.last_key += 1;
        let key = ItemId(self.row.last_key.cast_unsigned());
        let name = (self.row.number, item.id.clone());
        self.contents.keys.insert(name, key);
        self.contents.items.insert(key, item.clone());
        Ok(Inserted::New(key))
    }

    fn replace_item(&mut self, key: ItemId, created_at_ms: i64, item: &Item) -> Result<()> {
        self.contents.items.insert(
            key,
            Item {
                created_at_ms,
                ..item.clone()
            },
        );
        Ok(())
    }

    fn delete_item(&mut self, key: ItemId) -> Result<bool> {
        if !self.has_item(key)? {
            return Ok(false);
        }
        let contents = &mut *self.contents;
        if let Some(item) = contents.items.get(&key) {
            let name = (self.row.number, item.id.clone());
            contents.keys.remove(&name);
        }
        contents.items.remove(&key);
        contents.assignments.remove(&key);
        Ok(true)
    }

    fn assign(&mut self, key: ItemId, centroid: Option<CentroidId>) -> Result<()> {
        match centroid {
            Some(centroid) => self.contents.assignments.insert(key, centroid),
            None => self.contents.assignments.remove(&key),
        }
        Ok(())
    }

    fn unassign_all(&mut self) -> Result<()> {
        let range = self.item_range();
        self.contents.assignments.remove_range(range);
        Ok(())
    }

    fn assigned_past(&self, k: u32) -> Result<Option<(ItemId, CentroidId)>> {
        let assignments = self.contents.assignments.range(self.item_range());
        let mut past = assignments.filter(|(_, centroid)| centroid.0 >= k);
        Ok(past.next().map(|(&key, &centroid)| (key, centroid)))
    }

    fn routing_header(&self) -> Result<Option<RoutingHeader>> {
        Ok(self.contents.headers.get(&self.row.number).cloned())
    }

    fn set_routing_header(&mut self, header: Option<&RoutingHeader>) -> Result<()> {
        let number = self.row.number;
        match header {
            Some(header) => self.contents.headers.insert(number, header.clone()),
            None => self.contents.headers.remove(&number),
        }
        Ok(())
    }

    fn put_centroid(&mut self, id: CentroidId, vector: &[f32], usage: CentroidUsage) -> Result<()> {
        let row = self.row.number.centroid_row(id);
        self.contents
            .centroids
            .insert(row, (vector.to_vec(), usage));
        Ok(())
    }

    fn truncate_centroids(&mut self, k: u32) -> Result<()> {
        let rows = self.rows_from(k);
        self.contents.centroids.remove_range(rows);
        Ok(())
    }

    fn centroid_count(&self) -> Result<u64> {
        let rows = self.row.number.centroid_rows();
        Ok(self.contents.centroids.range(rows).count() as u64)
    }

    fn add_usage(&mut self, id: CentroidId, added: CentroidUsage) -> Result<()> {
        let row = self.row.number.centroid_row(id);
        let Some((vector, usage)) = self.contents.centroids.get(&row).cloned() else {
            return Ok(());
        };
        let usage = CentroidUsage {
            last_used_ms: usage.last_used_ms.max(added.last_used_ms),
            hits: usage.hits.saturating_add(added.hits),
        };
        self.contents.centroids.insert(row, (vector, usage));
        Ok(())
    }

    fn put_packed(&mut self, id: CentroidId, list: &[u8]) -> Result<()> {
        let row = self.row.number.centroid_row(id);
        self.contents.packed.insert(row, list.to_vec());
        Ok(())
    }

    fn truncate_packed(&mut self, k: u32) -> Result<()> {
        let rows = self.rows_from(k);
        self.contents.packed.remove_range(rows);
        Ok(())
    }

    fn packed_past(&self, k: u32) -> Result<Option<CentroidId>> {
        let mut past = self.contents.packed.range(self.rows_from(k));
        let row = past.next().map(|(row, _)| *row);
        Ok(row.and_then(|row| self.row.number.centroid_at(row)))
    }

    fn clear_items(&mut self) -> Result<()> {
        let range = self.item_range();
        let contents = &mut *self.contents;
        let ids = contents.items.range(range.clone());
        let number = self.row.number;
        let names: Vec<_> = ids.map(|(_, item)| (number, item.id.clone())).collect();
        for name in &names {
            contents.keys.remove(name);
        }
        contents.items.remove_range(range.clone());
        contents.assignments.remove_range(range);
        Ok(())
    }

    fn revision(&self) -> Result<u64> {
        Ok(self.row.revision)
    }

    fn log(&mut self, revision: u64, record: Logged) -> Result<()> {
        self.row.revision = revision;
        let row = self.log_row(revision);
        self.contents.log.insert(row, record);
        Ok(())
    }

    fn shorten_log(&mut self, up_to: u64) -> Result<()> {
        let range = *self.row.number.revisions().start()..=self.log_row(up_to);
        self.contents.log.remove_range(range);
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if self.row.number == NamespaceId::EMPTY {
            return Err(Error::InvalidSetting {
                key: "namespace".into(),
                expected: "fewer namespaces",
                got: self.name.into(),
            });
        }
        self.contents
            .namespaces
            .insert(self.name.to_owned(), self.row);
        Ok(())
    }
}
