//! What a memory has done since it was opened.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what was done in one namespace by this process since it was opened.
///
/// What is stored in the file, such as [`MemoryStats::queries`](crate::MemoryStats::queries), counts what all processes did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Items added, or replaced by one with the same id.
    pub added: u64,
    /// Items changed.
    pub updated: u64,
    /// Items deleted, by hand or because they were to be forgotten.
    pub deleted: u64,
    /// Searches answered.
    pub searches: u64,
    /// Questions among them whose vectors were at hand from earlier ones, so that the model was not asked.
    pub cache_hits: u64,
    /// Lists scanned by them.
    pub probes: u64,
    /// Items compared by them, exactly or by their codes.
    pub candidates: u64,
    /// Items whose exact score was computed.
    pub reranked: u64,
    /// Alarms of the drift monitor.
    pub alarms: u64,
    /// Trainings of the whole codebook.
    pub trainings: u64,
    /// Items that adaptation moved to another list.
    pub moved: u64,
    /// Items taken over that other processes, or other handles on the file, have changed.
    pub taken_over: u64,
    /// Times that the index was loaded anew, because another process had trained the codebook.
    pub reloads: u64,
}

macro_rules! counted {
    ($($name:ident)*) => {
        /// The counters while they count.
        #[derive(Debug, Default)]
        pub(crate) struct Counting {
            $(pub(crate) $name: Count,)*
        }

        impl Counting {
            pub(crate) fn now(&self) -> Counters {
                Counters { $($name: self.$name.get(),)* }
            }
        }
    };
}

counted! {
    added updated deleted searches cache_hits probes candidates reranked alarms trainings moved taken_over reloads
}

/// Is one counter; threads add to it without waiting.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
