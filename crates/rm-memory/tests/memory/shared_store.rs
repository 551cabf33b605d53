//! A store that a test can look into while a memory holds it, and that fails when told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rm_core::ItemId;
use rm_store::{
    Applied, Changes, Error, MemoryStore, Result, RoutingState, Snapshot, Store, StoredItem,
    VisitItem, VisitPacked, VisitVector,
};

/// Is one of several handles on the same store in RAM.
#[derive(Clone, Default)]
pub(crate) struct SharedStore(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    store: MemoryStore,
    /// Changes to let through before those that fail, and how many fail.
    failures: Option<(usize, usize)>,
    applied: usize,
}

impl SharedStore {
    /// Lets `after` more changes through, then fails `count` of them as a full disk does.
    pub(crate) fn fail(&self, after: usize, count: usize) {
        self.inner().failures = Some((after, count));
    }

    /// Fails no more.
    pub(crate) fn heal(&self) {
        self.inner().failures = None;
    }

    /// Returns how many changes were taken.
    pub(crate) fn applied(&self) -> usize {
        self.inner().applied
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::of(&self.inner().store)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for SharedStore {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        let mut inner = self.inner();
        match &mut inner.failures {
            Some((0, 0)) | None => {}
            Some((0, count)) => {
                *count -= 1;
                return Err(Error::DiskFull {
                    path: "a disk that is full for this test".into(),
                });
            }
            Some((after, _)) => *after -= 1,
        }
        inner.applied += 1;
        inner.store.apply(changes)
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        self.inner().store.get(id)
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        self.inner().store.get_many(keys)
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        self.inner().store.key_of(id)
    }

    fn count(&self) -> Result<u64> {
        self.inner().store.count()
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        self.inner().store.ids()
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        self.inner().store.for_each_item(visit)
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        self.inner().store.for_each_vector(visit)
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        self.inner().store.read_vectors(keys, rows)
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        self.inner().store.for_each_packed(visit)
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        self.inner().store.changed_items()
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        self.inner().store.routing()
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.inner().store.setting(key)
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        self.inner().store.settings()
    }

    fn check(&self) -> Result<()> {
        self.inner().store.check()
    }
}
