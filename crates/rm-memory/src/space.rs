//! One namespace in RAM: its index, and what its queries have taught.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, RwLock};

use rm_core::{Index, LexicalIndex};
use rm_store::Store;

use crate::counters::Counting;
use crate::facets::Facets;
use crate::observer::Observer;
use crate::side_index::Kept;
use crate::time_line::TimeLine;

/// Holds what a namespace has in RAM.
///
/// Locks are taken in this order: a turn to write to the store, the index, the observer. What is read from the store needs
/// none.
pub(crate) struct Space {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) index: RwLock<Option<Index>>,
    /// The revision of the store that the index stands for; written under the index's lock.
    pub(crate) seen: AtomicU64,
    /// Whether the index is no longer what the store holds and is to be loaded anew.
    pub(crate) must_reload: AtomicBool,
    pub(crate) observer: Mutex<Observer>,
    /// Items changed since lists were packed, where they are.
    pub(crate) unpacked: AtomicUsize,
    /// Is held by whoever trains the codebook, so that one does at a time.
    pub(crate) training: Mutex<()>,
    /// Whether a thread in the background carries out what a search has led to.
    pub(crate) responding: AtomicBool,
    pub(crate) counting: Counting,
    /// The words of the texts, once a search has asked for them.
    pub(crate) words: Kept<LexicalIndex>,
    /// Metadata and times, once a filter has asked for them.
    pub(crate) facets: Kept<Facets>,
    /// The times of the items, once neighbours were asked for.
    pub(crate) time_line: Kept<TimeLine>,
}

impl Space {
    /// Is nothing yet: what the store holds is to be loaded.
    pub(crate) fn new(store: Arc<dyn Store>, observer: Observer) -> Self {
        Self {
            store,
            index: RwLock::new(None),
            seen: AtomicU64::new(0),
            must_reload: AtomicBool::new(false),
            observer: Mutex::new(observer),
            unpacked: AtomicUsize::new(0),
            training: Mutex::new(()),
            responding: AtomicBool::new(false),
            counting: Counting::default(),
            words: Kept::default(),
            facets: Kept::default(),
            time_line: Kept::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.store.namespace()
    }
}
