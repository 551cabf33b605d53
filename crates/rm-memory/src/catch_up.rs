//! Taking over what other processes, and other threads, have written.

use std::sync::atomic::Ordering;

use rm_core::{Codebook, Followed, Index, ItemId};
use rm_store::{ChangesSince, CodebookChange, StoredItem};

use crate::vectors_in_store::AT_ONCE;
use crate::{Result, RoutingMemory};

impl RoutingMemory {
    /// Makes sure that the index is what the store holds, as far as anybody has committed.
    ///
    /// Costs a look-up where nothing has changed. Items that others have changed are taken over beside writers; another codebook is
    /// taken over in a turn of its own, for it and the items' lists must be read as one.
    pub(crate) fn refresh(&self) -> Result<()> {
        let must_reload = self.space.must_reload.load(Ordering::Acquire);
        if !must_reload && self.store().revision()? == self.seen() {
            return Ok(());
        }
        {
            let mut slot = self.write_index();
            if !must_reload
                && let Some(index) = slot.as_mut()
                && let Some(since) = self.store().changes_since(self.seen())?
                && since.codebook == CodebookChange::None
                && self.follow_items(index, None, &since).is_ok()
            {
                return Ok(());
            }
        }
        // Ends without a change: it is here to read what nobody can change meanwhile.
        self.turn().map(drop)
    }

    /// Takes over everything in a turn to write, and returns the revision that this led to.
    pub(crate) fn catch_up_in_turn(&self) -> Result<u64> {
        let must_reload = self.space.must_reload.load(Ordering::Acquire);
        let revision = self.store().revision()?;
        if !must_reload && revision == self.seen() {
            return Ok(revision);
        }
        let mut slot = self.write_index();
        let since = match (&*slot, must_reload) {
            (Some(_), false) => self.store().changes_since(self.seen())?,
            _ => None,
        };
        let followed = match (slot.as_mut(), since) {
            (Some(index), Some(since)) => self.follow_changes(index, &since),
            _ => Ok(false),
        };
        if !matches!(followed, Ok(true)) {
            self.reload(&mut slot)?;
            self.counting().reloads.add(1);
        }
        Ok(self.seen())
    }

    /// Loads the index anew, in a turn to write or where nobody else can write.
    pub(crate) fn reload(&self, slot: &mut Option<Index>) -> Result<()> {
        let revision = self.store().revision()?;
        *slot = self.load_index()?;
        self.lock_observer().reloaded(slot.as_ref());
        self.space.seen.store(revision, Ordering::Release);
        self.space.must_reload.store(false, Ordering::Release);
        Ok(())
    }

    /// Returns the revision that the index stands for.
    pub(crate) fn seen(&self) -> u64 {
        self.space.seen.load(Ordering::Acquire)
    }

    /// Has the index follow changes, and returns whether it could.
    fn follow_changes(&self, index: &mut Index, since: &ChangesSince) -> Result<bool> {
        let codebook = match since.codebook {
            CodebookChange::None => None,
            CodebookChange::Replaced => return Ok(false),
            CodebookChange::Updated => {
                let Some(routing) = self.store().routing()? else {
                    return Ok(false);
                };
                Some(Codebook::from_rows(routing.dim, routing.centroids)?)
            }
        };
        self.follow_items(index, codebook.as_ref(), since)?;
        Ok(true)
    }

    /// Takes over another codebook, where there is one, and the items that have changed.
    fn follow_items(
        &self,
        index: &mut Index,
        codebook: Option<&Codebook>,
        since: &ChangesSince,
    ) -> Result<()> {
        let mut parts = since.items.chunks(AT_ONCE);
        let outcome = match codebook {
            // All at once: lists may go only when all of their items have.
            Some(_) => self.follow_some(index, codebook, &since.items),
            None => parts.try_for_each(|items| self.follow_some(index, None, items)),
        };
        if outcome.is_err() {
            // Part of it may have been taken over.
            self.space.must_reload.store(true, Ordering::Release);
            return outcome;
        }
        if codebook.is_some() {
            self.lock_observer().reloaded(Some(index));
        }
        self.note_unpacked(since.items.len());
        self.counting().taken_over.add(since.items.len());
        self.space.seen.store(since.revision, Ordering::Release);
        Ok(())
    }

    fn follow_some(
        &self,
        index: &mut Index,
        codebook: Option<&Codebook>,
        items: &[ItemId],
    ) -> Result<()> {
        let stored = self.store().get_many(items)?;
        let followed = items.iter().zip(&stored).map(|(item, stored)| {
            let now = stored.as_ref().and_then(list_and_vector);
            (*item, now)
        });
        let followed: Vec<Followed<'_>> = followed.collect();
        Ok(index.follow(codebook, &followed)?)
    }
}

/// An item that has no list yet is found once it has one: whoever opens the memory routes it.
fn list_and_vector(stored: &StoredItem) -> Option<(rm_core::CentroidId, &[f32])> {
    let centroid = stored.centroid?;
    Some((centroid, stored.item.vector.as_slice()))
}
