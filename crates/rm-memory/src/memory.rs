//! The memory itself: what it holds, and how it is opened and closed.

use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rm_core::{Index, ItemId};
use rm_embed::Embedder;
use rm_store::Store;

use crate::config::Config;
use crate::file_lock::FileLock;
use crate::observer::Observer;
use crate::vectors_in_store::SharedStore;
use crate::{MemoryBuilder, Result};

/// Is a long-term memory for an agent.
///
/// Every method takes `&self`, so one memory can serve many threads: searches run side by side, changes one
/// after the other. What [`add`](Self::add) has returned from is stored.
///
/// Items are held in RAM with their vectors (dim x 4 bytes an item) or, in a large memory, with their codes (below 100 bytes),
/// as the [`Layout`](crate::Layout) says; and in the store with texts and vectors.
///
/// ```no_run
/// use rm_memory::RoutingMemory;
///
/// let memory = RoutingMemory::in_memory()?;
/// let id = memory.add("Project deadline is end of Q1 2026")?;
/// assert_eq!(memory.search("when is the project due?")?[0].id, id);
/// # Ok::<(), rm_memory::Error>(())
/// ```
pub struct RoutingMemory {
    pub(crate) config: Config,
    pub(crate) embedder: Arc<dyn Embedder>,
    // Locks are taken in this order: index, store, observer.
    pub(crate) index: RwLock<Option<Index>>,
    pub(crate) store: SharedStore,
    pub(crate) observer: Mutex<Observer>,
    /// Items changed since lists were packed, where they are.
    pub(crate) unpacked: AtomicUsize,
    /// Items changed since a training began beside them, where one is under way.
    pub(crate) journal: Mutex<Option<Vec<ItemId>>>,
    /// Is given up last, when the store is closed; a memory in RAM has none.
    pub(crate) _file_lock: Option<FileLock>,
}

impl RoutingMemory {
    /// Starts to set up a memory; without more it lives in RAM.
    #[must_use]
    pub fn builder() -> MemoryBuilder {
        MemoryBuilder::default()
    }

    /// Opens the memory in a file with the default options, or makes it.
    ///
    /// A file serves one memory at a time; threads share that.
    ///
    /// # Errors
    /// As [`MemoryBuilder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder().path(path.as_ref()).open()
    }

    /// Makes a memory in RAM with the default options.
    ///
    /// # Errors
    /// When the model cannot be had.
    pub fn in_memory() -> Result<Self> {
        Self::builder().in_memory().open()
    }

    /// Returns what embeds texts.
    #[must_use]
    pub fn embedder(&self) -> &dyn Embedder {
        self.embedder.as_ref()
    }

    /// Saves and closes the memory; without this, dropping it saves as far as that goes.
    ///
    /// # Errors
    /// When the state of codebook and drift monitor cannot be written.
    pub fn close(self) -> Result<()> {
        self.save()?;
        self.pack_now()
        // Dropping `self` then has nothing left to save and closes the store.
    }

    // A thread that panicked while holding a lock cannot have left half a change: the store's are atomic,
    // and the index follows only what the store has taken. So a poisoned lock is used on.

    pub(crate) fn read_index(&self) -> RwLockReadGuard<'_, Option<Index>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write_index(&self) -> RwLockWriteGuard<'_, Option<Index>> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn pack_now(&self) -> Result<()> {
        let mut index = self.write_index();
        index.as_mut().map_or(Ok(()), |index| self.pack(index))
    }

    pub(crate) fn lock_store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_journal(&self) -> MutexGuard<'_, Option<Vec<ItemId>>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_observer(&self) -> MutexGuard<'_, Observer> {
        self.observer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RoutingMemory {
    /// Saves the state of codebook and drift monitor; every item is stored already.
    fn drop(&mut self) {
        // Nobody is there to tell; what could not be saved is counters, not items.
        let _ = self.save();
        let _ = self.pack_now();
    }
}

impl std::fmt::Debug for RoutingMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let index = self.read_index();
        f.debug_struct("RoutingMemory")
            .field("items", &index.as_ref().map_or(0, Index::len))
            .field("k", &index.as_ref().map_or(0, Index::k))
            .field("embedder", &self.embedder.fingerprint())
            .finish_non_exhaustive()
    }
}
