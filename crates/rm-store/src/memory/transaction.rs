//! A turn to write to a store in RAM.

use std::sync::{MutexGuard, PoisonError, RwLockWriteGuard};

use super::Shared;
use super::contents::Contents;
use super::tables::MemoryTables;
use crate::apply;
use crate::{Applied, Changes, Result, Transaction};

/// Keeps others out from the first change on, and takes back what was not committed.
pub(super) struct MemoryTransaction<'s> {
    shared: &'s Shared,
    namespace: &'s str,
    contents: Option<RwLockWriteGuard<'s, Contents>>,
    _turn: MutexGuard<'s, ()>,
}

impl<'s> MemoryTransaction<'s> {
    pub(super) fn begin(shared: &'s Shared, namespace: &'s str) -> Self {
        Self {
            shared,
            namespace,
            contents: None,
            _turn: shared.turn.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        let shared = self.shared;
        let contents = self.contents.get_or_insert_with(|| shared.write());
        apply::apply(&mut MemoryTables::new(contents, self.namespace), changes)
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        if let Some(mut contents) = self.contents.take() {
            contents.commit();
        }
        Ok(())
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        if let Some(contents) = &mut self.contents {
            contents.roll_back();
        }
    }
}
