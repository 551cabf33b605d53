//! The namespaces of one memory, and who holds them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rm_embed::Embedder;

use crate::config::Config;
use crate::query_cache::QueryCache;
use crate::space::Space;

/// Namespaces that stay loaded while nobody has a handle of theirs.
const IDLE_NAMESPACES: usize = 256;

/// Is what the namespaces of one memory have in common.
pub(crate) struct Family {
    pub(crate) config: Config,
    pub(crate) embedder: Arc<dyn Embedder>,
    pub(crate) questions: QueryCache,
    spaces: Mutex<HashMap<String, Arc<Space>>>,
    handles: AtomicUsize,
    /// Set once the last handle of the user's is gone.
    closing: AtomicBool,
}

impl Family {
    /// Is a memory that is being opened, and has one handle.
    pub(crate) fn new(config: Config, embedder: Arc<dyn Embedder>) -> Arc<Self> {
        Arc::new(Self {
            questions: QueryCache::new(config.kept_questions),
            config,
            embedder,
            spaces: Mutex::default(),
            handles: AtomicUsize::new(1),
            closing: AtomicBool::new(false),
        })
    }

    /// Returns a namespace that is loaded.
    pub(crate) fn loaded(&self, name: &str) -> Option<Arc<Space>> {
        self.spaces().get(name).map(Arc::clone)
    }

    /// Takes in a namespace, unless another thread has loaded it meanwhile, and returns it with those that are to go because nobody
    /// uses them.
    pub(crate) fn take_in(&self, space: Space) -> (Arc<Space>, Vec<Arc<Space>>) {
        let mut spaces = self.spaces();
        let name = space.name().to_owned();
        let space = Arc::clone(spaces.entry(name).or_insert_with(|| Arc::new(space)));
        let mut idle = Vec::new();
        if spaces.len() > IDLE_NAMESPACES {
            // Only this map holds them, and it is locked: nobody can begin to use one now.
            let is_idle = |space: &Arc<Space>| Arc::strong_count(space) == 1;
            idle.extend(
                spaces
                    .extract_if(|_, space| is_idle(space))
                    .map(|(_, space)| space),
            );
        }
        (space, idle)
    }

    /// Returns all namespaces that are loaded.
    pub(crate) fn all_loaded(&self) -> Vec<Arc<Space>> {
        self.spaces().values().map(Arc::clone).collect()
    }

    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a handle goes, and returns whether it was the last: once, for whoever closes then has handles, too.
    pub(crate) fn drop_handle(&self) -> bool {
        let is_last = self.handles.fetch_sub(1, Ordering::AcqRel) == 1;
        is_last && !self.closing.swap(true, Ordering::AcqRel)
    }

    fn spaces(&self) -> MutexGuard<'_, HashMap<String, Arc<Space>>> {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
