//! The contract that every store keeps.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use rm_core::{CentroidId, ItemId};

use crate::view::{ReadView, Unmoved};
use crate::{
    Applied, Changes, ChangesSince, Error, Packed, Result, RoutingState, StoredItem, VectorCache,
    copy, new_file, settings,
};

/// Receives one item after the other, and breaks when it has seen enough.
pub type VisitItem<'v> = dyn FnMut(StoredItem) -> ControlFlow<()> + 'v;

/// Receives key, centroid and vector of one item after the other, and breaks when it has seen enough.
pub type VisitVector<'v> = dyn FnMut(ItemId, Option<CentroidId>, &[f32]) -> ControlFlow<()> + 'v;

/// Receives one packed list after the other, with its centroid, and breaks when it has seen enough.
pub type VisitPacked<'v> = dyn FnMut(CentroidId, &[u8]) -> ControlFlow<()> + 'v;

/// Is a turn to write: from its beginning to its end nobody else changes the store, in this process or in another.
///
/// What is read from the store before the first [`apply`](Transaction::apply) is what the changes will meet; between that and
/// [`commit`](Transaction::commit) the thread must not read from the store. Dropped without a commit, it leaves the store as it was.
pub trait Transaction {
    /// Applies `changes` whole or not at all.
    ///
    /// # Errors
    /// - [`Error::Dimension`](crate::Error::Dimension), [`Error::InvalidVector`](crate::Error::InvalidVector),
    ///   [`Error::InvalidImportance`](crate::Error::InvalidImportance), [`Error::MetadataTooDeep`](crate::Error::MetadataTooDeep): an
    ///   item or centroid that must not be stored;
    /// - [`Error::UnknownItem`](crate::Error::UnknownItem): a moved item that is not there;
    /// - [`Error::UnknownCentroid`](crate::Error::UnknownCentroid): an item would be left with a centroid that is not there;
    /// - [`Error::InvalidRouting`](crate::Error::InvalidRouting): a codebook whose parts do not fit;
    /// - [`Error::DiskFull`](crate::Error::DiskFull), [`Error::ReadOnly`](crate::Error::ReadOnly).
    ///
    /// After an error nothing may be committed.
    fn apply(&mut self, changes: &Changes) -> Result<Applied>;

    /// Makes the changes final. When it has returned `Ok`, they are as durable as the store promises.
    ///
    /// # Errors
    /// [`Error::DiskFull`](crate::Error::DiskFull), [`Error::Busy`](crate::Error::Busy), [`Error::Sqlite`](crate::Error::Sqlite);
    /// nothing has changed then.
    fn commit(self: Box<Self>) -> Result<()>;
}

/// Keeps items, codebook, assignments and settings of one namespace, and gives access to the others.
///
/// Threads share a store: they read side by side, and write one after the other. All changes go through
/// [`apply`](Store::apply) or a [`Transaction`], which are atomic: when they return an error, nothing has changed. Items are always
/// walked in the order in which their ids were first added.
///
/// # Errors
/// Any method of a store on disk fails with [`Error::Busy`](crate::Error::Busy), [`Error::Damaged`](crate::Error::Damaged)
/// (a row no longer matches its checksum), or [`Error::Sqlite`](crate::Error::Sqlite). Further errors are named at the methods.
pub trait Store: Send + Sync {
    /// Returns the namespace of this name in the same store; the empty name is that of the default one. It is made by the first
    /// change in it.
    ///
    /// # Errors
    /// [`Error::NamespaceName`](crate::Error::NamespaceName).
    fn in_namespace(&self, name: &str) -> Result<Arc<dyn Store>>;

    /// Returns the name of the namespace.
    fn namespace(&self) -> &str;

    /// Returns the name of every namespace that has items, with their number, ordered by name.
    fn namespaces(&self) -> Result<Vec<(String, u64)>>;

    /// Waits for its turn to write, and begins.
    fn begin(&self) -> Result<Box<dyn Transaction + '_>>;

    /// Applies `changes` whole or not at all. When it has returned `Ok`, they are as durable as the store promises.
    ///
    /// # Errors
    /// As [`Transaction::apply`] and [`Transaction::commit`].
    fn apply(&self, changes: &Changes) -> Result<Applied> {
        let mut transaction = self.begin()?;
        let applied = transaction.apply(changes)?;
        transaction.commit()?;
        Ok(applied)
    }

    /// Returns a number that grows with every change of items, assignments or codebook in this namespace, whoever made it; 0 before
    /// the first.
    fn revision(&self) -> Result<u64>;

    /// Returns what has changed in this namespace since it had the revision `since`, or `None` where that is not known any more.
    fn changes_since(&self, since: u64) -> Result<Option<ChangesSince>>;

    /// Returns the item with the user's id `id`.
    fn get(&self, id: &str) -> Result<Option<StoredItem>>;

    /// Returns the items with these keys, in the order of `keys`; `None` stands for a key that is not there.
    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>>;

    /// Returns the key of the item with the user's id `id`, without reading the item.
    fn key_of(&self, id: &str) -> Result<Option<ItemId>>;

    /// Returns whether an item with the user's id `id` is there.
    fn contains(&self, id: &str) -> Result<bool> {
        Ok(self.key_of(id)?.is_some())
    }

    /// Returns the number of items.
    fn count(&self) -> Result<u64>;

    /// Returns the key and the user's id of every item, in insertion order.
    fn ids(&self) -> Result<Vec<(ItemId, String)>>;

    /// Visits every item in insertion order, until `visit` breaks.
    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()>;

    /// Does as [`get_many`](Store::get_many) without vectors and assignments: those of the returned items are empty.
    fn get_texts(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>>;

    /// Returns the first `limit` items after the one with the key `after`, in insertion order, without vectors and
    /// assignments; `ItemId(0)` comes before all.
    fn texts_after(&self, after: ItemId, limit: usize) -> Result<Vec<StoredItem>>;

    /// Does as [`for_each_item`](Store::for_each_item) without vectors and assignments: those of the visited items are empty.
    fn for_each_text(&self, visit: &mut VisitItem<'_>) -> Result<()>;

    /// Visits key, centroid and vector of every item in insertion order, until `visit` breaks, and reads neither texts nor
    /// metadata: this is how a memory is loaded.
    ///
    /// When every vector has been visited, the number of vectors has been held against the number of items.
    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()>;

    /// Appends the vectors of the items with these keys to `rows`, in the order of `keys`.
    ///
    /// # Errors
    /// [`Error::UnknownItem`](crate::Error::UnknownItem) for a key that is not there.
    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()>;

    /// Does as [`read_vectors`](Store::read_vectors) while the vectors are those of a model, which is named by the setting
    /// [`MODEL_FINGERPRINT`](settings::MODEL_FINGERPRINT).
    ///
    /// # Errors
    /// As [`read_vectors`](Store::read_vectors), and [`Error::ModelMismatch`](crate::Error::ModelMismatch) where another process has
    /// moved the store to another model.
    fn read_vectors_of(
        &self,
        model: Option<&str>,
        keys: &[ItemId],
        rows: &mut Vec<f32>,
    ) -> Result<()> {
        self.read_vectors(keys, rows)?;
        // Asked afterwards, so that it was not before.
        settings::check_same_model(model, self.setting(settings::MODEL_FINGERPRINT)?)
    }

    /// Visits the packed lists in the order of their centroids, until `visit` breaks.
    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()>;

    /// Returns the items that were put, moved or deleted since lists were packed, in the order of their keys: what the
    /// lists say of them no longer holds. Empty where no lists are packed.
    fn changed_items(&self) -> Result<Vec<ItemId>>;

    /// Returns the packed lists all at once, or `None` when there are none.
    fn packed(&self) -> Result<Option<Packed>> {
        let mut lists = Vec::new();
        self.for_each_packed(&mut |centroid, list| {
            lists.resize(centroid.index(), Vec::new());
            lists.push(list.to_vec());
            ControlFlow::Continue(())
        })?;
        if lists.is_empty() {
            return Ok(None);
        }
        let changed = self.changed_items()?;
        Ok(Some(Packed { lists, changed }))
    }

    /// Returns the codebook, or `None` when there is none yet.
    fn routing(&self) -> Result<Option<RoutingState>>;

    /// Returns the setting `key` of this namespace; see [`settings`](crate::settings) for those that all share.
    fn setting(&self, key: &str) -> Result<Option<String>>;

    /// Returns every setting of every namespace as key and value, ordered by key.
    fn settings(&self) -> Result<Vec<(String, String)>>;

    /// Returns how many bytes of what is on disk the store holds in RAM at most, to read them sooner; 0 for a store that is
    /// in RAM altogether.
    fn cache_bytes(&self) -> Result<usize> {
        Ok(0)
    }

    /// Sets how many bytes [`cache_bytes`](Store::cache_bytes) may be; a store in RAM takes no notice.
    ///
    /// What is worth caching is what leads to a vector and not the vectors themselves: some 4 bytes an item, and as many
    /// again for what passes through.
    fn set_cache_bytes(&self, _bytes: usize) -> Result<()> {
        Ok(())
    }

    /// Makes an empty cache for vectors of `dim` components of some `items` items, in a file beside the store's own; `None` for a
    /// store in RAM, and where no file can be made.
    fn vector_cache(&self, _dim: usize, _items: usize) -> Option<VectorCache> {
        None
    }

    /// Verifies everything that is stored, in all namespaces, which reads all of it.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) with the first fault found.
    fn check(&self) -> Result<()>;

    /// Does as [`check`](Store::check) and goes on after a fault; returns what was found, nothing where all is well. At most
    /// 1,000 faults are told.
    fn faults(&self) -> Result<Vec<String>> {
        match self.check() {
            Ok(()) => Ok(Vec::new()),
            Err(Error::Damaged { what, .. }) => Ok(vec![what]),
            Err(other) => Err(other),
        }
    }

    /// Looks at one state of all namespaces: what others write meanwhile is not seen.
    ///
    /// A store on disk lets them write; one in RAM has them wait, so that `read` must not write to it.
    ///
    /// # Errors
    /// Those of `read`.
    fn view(&self, read: &mut ReadView<'_>) -> Result<()> {
        let _turn = self.begin()?;
        read(&Unmoved(self))
    }

    /// Copies all namespaces, as they are at one moment, into a new file, which is there whole or not at all.
    ///
    /// Others may write meanwhile, as [`view`](Store::view) says. The copy is whatever a [`SqliteStore`](crate::SqliteStore) opens,
    /// without a log beside it.
    ///
    /// # Errors
    /// [`Error::SnapshotExists`](crate::Error::SnapshotExists), [`Error::MissingFolder`](crate::Error::MissingFolder),
    /// [`Error::DiskFull`](crate::Error::DiskFull), [`Error::Io`](crate::Error::Io).
    fn snapshot_to(&self, path: &Path) -> Result<()> {
        self.view(&mut |view| {
            let own = settings::own_keys(&self.settings()?);
            new_file::write_new(path, |unnamed| copy::into_file(view, unnamed, &own))
        })
    }
}
