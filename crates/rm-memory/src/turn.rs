//! A turn to write: what is written is worked out from what the store holds then, and the index follows.

use std::sync::atomic::Ordering;

use rm_core::Index;
use rm_store::{Applied, Changes, Transaction};

use crate::{Result, RoutingMemory};

/// Is a turn to write to the store, in which the index is what the store holds; given up when dropped.
pub(crate) struct Turn<'m> {
    memory: &'m RoutingMemory,
    transaction: Box<dyn Transaction + 'm>,
    /// The revision at its beginning.
    began_at: u64,
}

/// Is what was written, for the index to follow.
#[must_use]
pub(crate) struct Written<'m> {
    memory: &'m RoutingMemory,
    began_at: u64,
    pub(crate) applied: Applied,
}

impl RoutingMemory {
    /// Waits for the turn to write, and takes over what others have written.
    ///
    /// Nobody may hold the lock of the index and wait here.
    pub(crate) fn turn(&self) -> Result<Turn<'_>> {
        let transaction = self.store().begin()?;
        self.check_model()?;
        let began_at = self.catch_up_in_turn()?;
        Ok(Turn {
            memory: self,
            transaction,
            began_at,
        })
    }
}

impl<'m> Turn<'m> {
    /// Writes changes that are not final yet. From here on the store must not be read before the turn has ended.
    pub(crate) fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        Ok(self.transaction.apply(changes)?)
    }

    /// Writes changes, with those that were applied before, and ends the turn.
    pub(crate) fn write(mut self, changes: &Changes) -> Result<Written<'m>> {
        let applied = self.apply(changes)?;
        self.commit(applied)
    }

    /// Makes final what was applied, of which `applied` is the last, and ends the turn.
    pub(crate) fn commit(self, applied: Applied) -> Result<Written<'m>> {
        self.transaction.commit()?;
        Ok(Written {
            memory: self.memory,
            began_at: self.began_at,
            applied,
        })
    }
}

impl Written<'_> {
    /// Says that the index has nothing to follow: no item and no centroid was written.
    pub(crate) fn done(self) {}

    /// Has the index follow what was written, unless another thread has read it from the store already.
    ///
    /// What is stored is stored: where the index cannot follow, it is loaded anew before it is used again.
    pub(crate) fn follow(self, change: impl FnOnce(&mut Option<Index>) -> Result<()>) {
        self.follow_under(&mut self.memory.write_index(), change);
    }

    /// Does as [`follow`](Self::follow) for whoever holds the lock of the index.
    pub(crate) fn follow_under(
        &self,
        slot: &mut Option<Index>,
        change: impl FnOnce(&mut Option<Index>) -> Result<()>,
    ) {
        let space = &self.memory.space;
        if space.seen.load(Ordering::Acquire) != self.began_at {
            return;
        }
        match change(slot) {
            Ok(()) => space.seen.store(self.applied.revision, Ordering::Release),
            Err(_) => space.must_reload.store(true, Ordering::Release),
        }
    }
}
