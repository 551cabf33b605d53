//! The store's contract on SQLite.

use std::path::Path;
use std::sync::Arc;

use rm_core::ItemId;

use super::connections::Lease;
use super::namespace_rows::StoredNamespace;
use super::reader::Reader;
use super::transaction::SqliteTransaction;
use super::view::SqliteView;
use super::{NamespaceSlot, SqliteStore, check};
use crate::namespace::{NamespaceId, check_name};
use crate::store::{VisitItem, VisitPacked, VisitVector};
use crate::view::ReadView;
use crate::{
    Applied, Changes, ChangesSince, Result, RoutingState, Store, StoredItem, Transaction,
    VectorCache, new_file,
};

impl Store for SqliteStore {
    fn in_namespace(&self, name: &str) -> Result<Arc<dyn Store>> {
        check_name(name)?;
        Ok(Arc::new(Self {
            connections: Arc::clone(&self.connections),
            namespace: Arc::from(name),
            number: NamespaceSlot::default(),
            import: None,
        }))
    }

    fn namespace(&self) -> &str {
        &self.namespace
    }

    fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        self.read(|reader| reader.namespaces())
    }

    fn begin(&self) -> Result<Box<dyn Transaction + '_>> {
        let writer = self.connections.writer();
        let transaction = SqliteTransaction::begin(writer, &self.namespace, &self.number)?;
        Ok(Box::new(transaction))
    }

    fn apply(&self, changes: &Changes) -> Result<Applied> {
        if changes.is_empty() {
            let revision = self.revision()?;
            return Ok(Applied {
                revision,
                ..Applied::default()
            });
        }
        let mut transaction = self.begin()?;
        let applied = transaction.apply(changes)?;
        transaction.commit()?;
        Ok(applied)
    }

    fn revision(&self) -> Result<u64> {
        self.read(|reader| reader.revision())
    }

    fn changes_since(&self, since: u64) -> Result<Option<ChangesSince>> {
        self.read(|reader| reader.changes_since(since))
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        self.read(|reader| reader.get(id))
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        self.read(|reader| reader.get_many(keys))
    }

    fn get_texts(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        self.read(|reader| reader.get_texts(keys))
    }

    fn texts_after(&self, after: ItemId, limit: usize) -> Result<Vec<StoredItem>> {
        self.read(|reader| reader.texts_after(after, limit))
    }

    fn for_each_text(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        self.read(|reader| reader.for_each_text(visit))
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        self.read(|reader| reader.key_of(id))
    }

    fn count(&self) -> Result<u64> {
        self.read(|reader| reader.count())
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        self.read(|reader| reader.ids())
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        self.read(|reader| reader.for_each_item(visit))
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        self.read(|reader| reader.for_each_vector(visit))
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        self.read(|reader| reader.read_vectors(keys, rows))
    }

    fn read_vectors_of(
        &self,
        model: Option<&str>,
        keys: &[ItemId],
        rows: &mut Vec<f32>,
    ) -> Result<()> {
        self.read(|reader| reader.read_vectors_of(model, keys, rows))
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        self.read(|reader| reader.for_each_packed(visit))
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        self.read(|reader| reader.changed_items())
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        self.read(|reader| reader.routing())
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|reader| reader.setting(key))
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        self.read(|reader| reader.settings())
    }

    fn cache_bytes(&self) -> Result<usize> {
        Ok(self.connections.cache_bytes())
    }

    fn set_cache_bytes(&self, bytes: usize) -> Result<()> {
        self.connections.set_cache_bytes(bytes);
        Ok(())
    }

    fn vector_cache(&self, dim: usize, items: usize) -> Option<VectorCache> {
        let folder = self.path().parent().unwrap_or(Path::new("/"));
        VectorCache::new_in(folder, dim, items).ok()
    }

    fn check(&self) -> Result<()> {
        check::check(&*self.connections.reader()?)
    }

    fn faults(&self) -> Result<Vec<String>> {
        check::faults(&*self.connections.reader()?)
    }

    fn view(&self, read: &mut ReadView<'_>) -> Result<()> {
        let lease = self.connections.reader()?;
        let _same_state = lease.begin_read()?;
        read(&SqliteView(&lease))
    }

    fn snapshot_to(&self, path: &Path) -> Result<()> {
        new_file::write_new(path, |unnamed| self.connections.copy_into(unnamed))
    }
}

impl SqliteStore {
    /// Reads over a connection that nobody else reads over meanwhile.
    fn read<T>(&self, read: impl FnOnce(Reader<'_>) -> Result<T>) -> Result<T> {
        let lease = self.connections.reader()?;
        let number = self.number(&lease)?;
        read(Reader::new(&lease, number))
    }

    /// Returns the number of this namespace.
    fn number(&self, lease: &Lease<'_>) -> Result<NamespaceId> {
        if self.namespace.is_empty() {
            return Ok(NamespaceId::DEFAULT);
        }
        if let Some(number) = self.number.get() {
            return Ok(number);
        }
        Ok(match StoredNamespace::named(lease, &self.namespace)? {
            Some(row) => {
                self.number.set(row.number);
                row.number
            }
            None => NamespaceId::EMPTY,
        })
    }
}
