//! Keeping the index itself in the store, where opening would otherwise read every vector.

use std::sync::atomic::Ordering;

use rm_core::{CentroidId, Index};
use rm_store::Changes;

use crate::vectors_in_store::cache_for;
use crate::{Result, RoutingMemory};

/// Least number of changed items that is worth packing lists for, before the memory is closed.
const LEAST_CHANGED: usize = 4_096;

/// Lists are packed once more than this part of all items has changed: opening then has few items to make good, and a change
/// costs the writing of some codes more.
const CHANGED_PART: usize = 32;

impl RoutingMemory {
    /// Notes how many items have changed in a store whose lists are packed.
    pub(crate) fn note_unpacked(&self, items: usize) {
        self.space.unpacked.fetch_add(items, Ordering::Relaxed);
    }

    /// Packs the lists that have changed where that is due.
    pub(crate) fn pack_if_due(&self) -> Result<()> {
        let items = match self.read_index().as_ref() {
            Some(index) if index.has_vectors_elsewhere() => index.len(),
            _ => return Ok(()),
        };
        let due = LEAST_CHANGED.max(items / CHANGED_PART);
        if self.space.unpacked.load(Ordering::Relaxed) > due {
            self.pack_now()?;
        }
        Ok(())
    }

    /// Packs the lists that have changed, where vectors are left to the store.
    pub(crate) fn pack_now(&self) -> Result<()> {
        let is_due =
            |index: &Index| index.has_vectors_elsewhere() && !index.unpacked_lists().is_empty();
        if !self.read_index().as_ref().is_some_and(is_due) {
            return Ok(());
        }
        let turn = self.turn()?;
        let mut changes = Changes::new();
        if let Some(index) = self.read_index().as_ref() {
            pack_into(index, &index.unpacked_lists(), &mut changes)?;
        }
        turn.write(&changes)?.follow(|slot| {
            if let Some(index) = slot {
                self.packed(index);
            }
            Ok(())
        });
        Ok(())
    }

    /// Notes that the store holds the lists as they are.
    pub(crate) fn packed(&self, index: &mut Index) {
        index.set_packed();
        if index.has_vectors_elsewhere() {
            // Without it searches are slower, and right.
            let _ = cache_for(index.len(), self.store());
        }
        self.space.unpacked.store(0, Ordering::Relaxed);
    }
}

/// Adds all lists of an index to what replaces its routing, where vectors are left to the store.
pub(crate) fn pack_all(index: &Index, changes: &mut Changes) -> Result<()> {
    if index.has_vectors_elsewhere() {
        let all: Vec<CentroidId> = (0..index.k() as u32).map(CentroidId).collect();
        pack_into(index, &all, changes)?;
    }
    Ok(())
}

fn pack_into(index: &Index, lists: &[CentroidId], changes: &mut Changes) -> Result<()> {
    let packed = lists.iter().map(|&id| Ok((id, index.pack_list(id)?)));
    changes.pack_lists(packed.collect::<Result<_>>()?);
    Ok(())
}
