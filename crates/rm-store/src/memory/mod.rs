//! A store in RAM.

mod contents;
mod tables;
mod transaction;
mod undo;

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rm_core::ItemId;

use self::contents::Contents;
use self::transaction::MemoryTransaction;
use crate::changes_since::ChangesSince;
use crate::namespace::{NamespaceId, check_name};
use crate::store::{VisitItem, VisitPacked, VisitVector};
use crate::{Error, Result, RoutingState, Store, StoredItem, Transaction, settings};

/// Keeps everything in RAM, under the same contract as the store on disk, and loses it when dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    namespace: String,
}

/// Is what the namespaces of one store share.
#[derive(Debug, Default)]
struct Shared {
    contents: RwLock<Contents>,
    /// Is held by whoever has the turn to write.
    turn: Mutex<()>,
}

impl Shared {
    // A thread that panicked while it wrote has dropped its transaction, which takes back what it did.

    fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of this namespace, and one that holds nothing where nothing was ever put into it.
    fn number(&self, contents: &Contents) -> NamespaceId {
        let row = contents.namespaces.get(self.namespace.as_str());
        match row {
            Some(row) => row.number,
            None if self.namespace.is_empty() => NamespaceId::DEFAULT,
            None => NamespaceId::EMPTY,
        }
    }
}

impl Store for MemoryStore {
    fn in_namespace(&self, name: &str) -> Result<Arc<dyn Store>> {
        check_name(name)?;
        Ok(Arc::new(Self {
            shared: Arc::clone(&self.shared),
            namespace: name.to_owned(),
        }))
    }

    fn namespace(&self) -> &str {
        &self.namespace
    }

    fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        let contents = self.shared.read();
        let counted = contents.namespaces.iter().map(|(name, row)| {
            let items = contents.items_of(row.number).count();
            (name.clone(), items as u64)
        });
        Ok(counted.filter(|(_, items)| *items > 0).collect())
    }

    fn begin(&self) -> Result<Box<dyn Transaction + '_>> {
        Ok(Box::new(MemoryTransaction::begin(
            &self.shared,
            &self.namespace,
        )))
    }

    fn revision(&self) -> Result<u64> {
        let contents = self.shared.read();
        let row = contents.namespaces.get(self.namespace.as_str());
        Ok(row.map_or(0, |row| row.revision))
    }

    fn changes_since(&self, since: u64) -> Result<Option<ChangesSince>> {
        let revision = self.revision()?;
        let contents = self.shared.read();
        let first = *self.number(&contents).revisions().start();
        let row = |at: u64| first + at.cast_signed();
        if since > revision {
            return Ok(None);
        }
        let records = contents.log.range(row(since)..=row(revision));
        let records: Vec<_> = records
            .filter(|(at, _)| **at > row(since))
            .map(|(_, record)| *record)
            .collect();
        // Where some were dropped, not all are there.
        let is_whole = records.len() as u64 == revision - since;
        Ok(is_whole.then(|| ChangesSince::of(revision, records)))
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        let contents = self.shared.read();
        let key = contents
            .keys
            .get(&(self.number(&contents), id.to_owned()))
            .copied();
        Ok(key.and_then(|key| contents.stored(key)))
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        let contents = self.shared.read();
        let number = self.number(&contents);
        let get = |key: &ItemId| {
            let held = number.holds(*key).then_some(*key);
            held.and_then(|key| contents.stored(key))
        };
        Ok(keys.iter().map(get).collect())
    }

    fn get_texts(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        let contents = self.shared.read();
        let number = self.number(&contents);
        let get = |key: &ItemId| {
            let held = number.holds(*key).then_some(*key);
            held.and_then(|key| contents.text(key))
        };
        Ok(keys.iter().map(get).collect())
    }

    fn texts_after(&self, after: ItemId, limit: usize) -> Result<Vec<StoredItem>> {
        let contents = self.shared.read();
        let items = contents.items_of(self.number(&contents));
        let later = items.map(|(key, _)| *key).filter(|key| *key > after);
        Ok(later
            .take(limit)
            .filter_map(|key| contents.text(key))
            .collect())
    }

    fn for_each_text(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        let contents = self.shared.read();
        for (&key, _) in contents.items_of(self.number(&contents)) {
            if let Some(stored) = contents.text(key)
                && visit(stored).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        let contents = self.shared.read();
        let key = (self.number(&contents), id.to_owned());
        Ok(contents.keys.get(&key).copied())
    }

    fn count(&self) -> Result<u64> {
        let contents = self.shared.read();
        Ok(contents.items_of(self.number(&contents)).count() as u64)
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        let contents = self.shared.read();
        let items = contents.items_of(self.number(&contents));
        Ok(items.map(|(&key, item)| (key, item.id.clone())).collect())
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        let contents = self.shared.read();
        for (&key, _) in contents.items_of(self.number(&contents)) {
            if let Some(stored) = contents.stored(key)
                && visit(stored).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        let contents = self.shared.read();
        for (&key, item) in contents.items_of(self.number(&contents)) {
            let centroid = contents.assignments.get(&key).copied();
            if visit(key, centroid, &item.vector).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        let contents = self.shared.read();
        let number = self.number(&contents);
        for &key in keys {
            let item = contents.items.get(&key).filter(|_| number.holds(key));
            let item = item.ok_or(Error::UnknownItem { key })?;
            rows.extend_from_slice(&item.vector);
        }
        Ok(())
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        let contents = self.shared.read();
        let number = self.number(&contents);
        for (row, list) in contents.packed.range(number.centroid_rows()) {
            if let Some(centroid) = number.centroid_at(*row)
                && visit(centroid, list).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        let packed_at = {
            let contents = self.shared.read();
            let header = contents.headers.get(&self.number(&contents));
            header.and_then(|header| header.packed_at)
        };
        let since = packed_at.map(|at| self.changes_since(at)).transpose()?;
        Ok(since.flatten().unwrap_or_default().items)
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        let contents = self.shared.read();
        Ok(contents.routing(self.number(&contents)))
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        let contents = self.shared.read();
        let key = settings::stored_key(self.number(&contents), key);
        Ok(contents.settings.get(&key).cloned())
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        let contents = self.shared.read();
        let settings = contents.settings.iter();
        Ok(settings
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }
}
