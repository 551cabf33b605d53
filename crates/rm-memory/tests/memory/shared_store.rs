//! A store that a test can look into while a memory holds it, and that fails when told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rm_core::ItemId;
use rm_store::{
    Applied, Changes, ChangesSince, Error, MemoryStore, Result, RoutingState, Snapshot, Store,
    StoredItem, Transaction, VisitItem, VisitPacked, VisitVector,
};

/// Is one of several handles on the same store in RAM.
#[derive(Clone, Default)]
pub(crate) struct SharedStore(Arc<Inner>);

#[derive(Default)]
struct Inner {
    store: MemoryStore,
    plan: Mutex<Plan>,
}

#[derive(Default)]
struct Plan {
    /// Transactions to let through before those that fail, and how many fail.
    failures: Option<(usize, usize)>,
    applied: usize,
}

impl SharedStore {
    /// Lets `after` more transactions through, then fails `count` of them as a full disk does.
    pub(crate) fn fail(&self, after: usize, count: usize) {
        self.plan().failures = Some((after, count));
    }

    /// Fails no more.
    pub(crate) fn heal(&self) {
        self.plan().failures = None;
    }

    /// Returns how many transactions were taken.
    pub(crate) fn applied(&self) -> usize {
        self.plan().applied
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::of(&self.0.store)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is a transaction that fails when the plan says so.
struct Planned<'s> {
    store: &'s SharedStore,
    inner: Box<dyn Transaction + 's>,
}

impl Transaction for Planned<'_> {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        self.inner.apply(changes)
    }

    fn commit(self: Box<Self>) -> Result<()> {
        let mut plan = self.store.plan();
        match &mut plan.failures {
            Some((0, 0)) | None => {}
            Some((0, count)) => {
                *count -= 1;
                return Err(Error::DiskFull {
                    path: "a disk that is full for this test".into(),
                });
            }
            Some((after, _)) => *after -= 1,
        }
        plan.applied += 1;
        drop(plan);
        self.inner.commit()
    }
}

impl Store for SharedStore {
    fn in_namespace(&self, name: &str) -> Result<Arc<dyn Store>> {
        self.0.store.in_namespace(name)
    }

    fn namespace(&self) -> &str {
        self.0.store.namespace()
    }

    fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        self.0.store.namespaces()
    }

    fn begin(&self) -> Result<Box<dyn Transaction + '_>> {
        Ok(Box::new(Planned {
            store: self,
            inner: self.0.store.begin()?,
        }))
    }

    fn revision(&self) -> Result<u64> {
        self.0.store.revision()
    }

    fn changes_since(&self, since: u64) -> Result<Option<ChangesSince>> {
        self.0.store.changes_since(since)
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        self.0.store.get(id)
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        self.0.store.get_many(keys)
    }

    fn get_texts(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        self.0.store.get_texts(keys)
    }

    fn texts_after(&self, after: ItemId, limit: usize) -> Result<Vec<StoredItem>> {
        self.0.store.texts_after(after, limit)
    }

    fn for_each_text(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        self.0.store.for_each_text(visit)
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        self.0.store.key_of(id)
    }

    fn count(&self) -> Result<u64> {
        self.0.store.count()
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        self.0.store.ids()
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        self.0.store.for_each_item(visit)
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        self.0.store.for_each_vector(visit)
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        self.0.store.read_vectors(keys, rows)
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        self.0.store.for_each_packed(visit)
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        self.0.store.changed_items()
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        self.0.store.routing()
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.0.store.setting(key)
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        self.0.store.settings()
    }

    fn check(&self) -> Result<()> {
        self.0.store.check()
    }
}
