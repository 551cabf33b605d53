//! The memory itself: what it holds, and how it is opened and closed.

use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError, RwLockReadGuard, RwLockWriteGuard};

use rm_core::Index;
use rm_embed::Embedder;
use rm_store::Store;

use crate::config::Config;
use crate::counters::Counting;
use crate::family::Family;
use crate::observer::Observer;
use crate::space::Space;
use crate::{MemoryBuilder, Result};

/// Is a long-term memory for an agent: one namespace of it, and the way to the others.
///
/// Every method takes `&self`, and clones are handles of the same memory, so one can serve many threads: searches run side by
/// side and beside changes, changes one after the other. Many processes may have one file open: what
/// [`add`](Self::add) has returned from is stored, and found by the next search of every one of them.
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
    pub(crate) family: Arc<Family>,
    pub(crate) space: Arc<Space>,
}

impl RoutingMemory {
    /// Starts to set up a memory; without more it lives in RAM.
    #[must_use]
    pub fn builder() -> MemoryBuilder {
        MemoryBuilder::default()
    }

    /// Opens the memory in a file with the default options, or makes it.
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
        self.family.embedder.as_ref()
    }

    /// Returns the name of this namespace; that of the default one is empty.
    #[must_use]
    pub fn name(&self) -> &str {
        self.space.name()
    }

    /// Returns the namespace of this name, such as a tenant, an agent, a session, or `tenant/agent`.
    ///
    /// A namespace has its own items, ids, codebook and drift monitor, and sees nothing of the others; the empty name is that of the
    /// default one. It is made by the first [`add`](Self::add), and read from the file when it is first asked for; 256 stay
    /// loaded while nobody has a handle of theirs.
    ///
    /// ```no_run
    /// # use rm_memory::RoutingMemory;
    /// let memory = RoutingMemory::open("agents.db")?;
    /// let acme = memory.namespace("acme/support")?;
    /// acme.add("Invoices go out on the first of the month")?;
    /// assert!(memory.search("when do invoices go out?")?.is_empty());
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// For a name with control characters, white space around it or of more than 1,024 bytes; and when the store cannot be read.
    pub fn namespace(&self, name: &str) -> Result<Self> {
        if let Some(space) = self.family.loaded(name) {
            return Ok(Self::of(&self.family, space));
        }
        let store = self.space.store.in_namespace(name)?;
        let space = Self::load_space(&self.family, store)?;
        let (space, idle) = self.family.take_in(space);
        for space in idle {
            Self::of(&self.family, space).save_and_pack();
        }
        Ok(Self::of(&self.family, space))
    }

    /// Returns the name of every namespace that has items, with their number, ordered by name; that of the default one is empty.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        Ok(self.store().namespaces()?)
    }

    /// Saves all namespaces and closes the memory; without this, dropping its last handle saves as far as that goes.
    ///
    /// Other handles of it go on working.
    ///
    /// # Errors
    /// When the state of codebook and drift monitor cannot be written.
    pub fn close(self) -> Result<()> {
        for space in self.family.all_loaded() {
            let memory = Self::of(&self.family, space);
            memory.save()?;
            memory.pack_now()?;
        }
        Ok(())
    }

    /// Is one more handle.
    pub(crate) fn of(family: &Arc<Family>, space: Arc<Space>) -> Self {
        family.add_handle();
        Self {
            family: Arc::clone(family),
            space,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.family.config
    }

    pub(crate) fn counting(&self) -> &Counting {
        &self.space.counting
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.space.store.as_ref()
    }

    // A thread that panicked while holding a lock cannot have left half a change: the store's are atomic,
    // and the index follows only what the store has taken. So a poisoned lock is used on.

    pub(crate) fn read_index(&self) -> RwLockReadGuard<'_, Option<Index>> {
        let index = self.space.index.read();
        index.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write_index(&self) -> RwLockWriteGuard<'_, Option<Index>> {
        let index = self.space.index.write();
        index.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_observer(&self) -> MutexGuard<'_, Observer> {
        let observer = self.space.observer.lock();
        observer.unwrap_or_else(PoisonError::into_inner)
    }

    /// Does as [`close`](Self::close) where nobody is there to tell; what cannot be saved is counters, not items.
    fn save_and_pack(&self) {
        let _ = self.save();
        let _ = self.pack_now();
    }
}

impl Clone for RoutingMemory {
    fn clone(&self) -> Self {
        Self::of(&self.family, Arc::clone(&self.space))
    }
}

impl Drop for RoutingMemory {
    /// The last handle saves the state of codebooks and drift monitors; every item is stored already.
    fn drop(&mut self) {
        if self.family.drop_handle() {
            for space in self.family.all_loaded() {
                Self::of(&self.family, space).save_and_pack();
            }
        }
    }
}

impl std::fmt::Debug for RoutingMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let index = self.read_index();
        f.debug_struct("RoutingMemory")
            .field("namespace", &self.name())
            .field("items", &index.as_ref().map_or(0, Index::len))
            .field("k", &index.as_ref().map_or(0, Index::k))
            .field("embedder", &self.family.embedder.fingerprint())
            .finish_non_exhaustive()
    }
}
