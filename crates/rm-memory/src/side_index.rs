//! Indexes of texts and metadata beside that of vectors: made when they are first asked for, and kept up with the store.

use std::ops::ControlFlow;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use rm_core::{Analyser, ItemId, LexicalIndex};
use rm_store::{Store, StoredItem};

use crate::facets::Facets;
use crate::filter::ItemFields;
use crate::vectors_in_store::AT_ONCE;
use crate::{MemoryItem, Result};

/// Is an index that follows from the items alone.
pub(crate) trait SideIndex: Sized {
    /// Is one without items.
    fn empty() -> Self;

    /// Adds an item, or takes in what it is now.
    fn put(&mut self, key: ItemId, item: StoredItem) -> Result<()>;

    /// Takes an item out, where it is there.
    fn take_out(&mut self, key: ItemId) -> Result<()>;
}

/// Keeps one such index of a namespace, once somebody has asked for it.
#[derive(Debug)]
pub(crate) struct Kept<I>(RwLock<Option<Held<I>>>);

/// Is an index with the revision of the store that it stands for.
#[derive(Debug)]
struct Held<I> {
    revision: u64,
    index: I,
}

impl<I> Default for Kept<I> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

/// Reads an index while it stays what it is.
pub(crate) struct Reading<'k, I>(RwLockReadGuard<'k, Option<Held<I>>>);

impl<I> Reading<'_, I> {
    /// Returns the index; `None` where another thread has dropped it since.
    pub(crate) fn get(&self) -> Option<&I> {
        self.0.as_ref().map(|held| &held.index)
    }
}

impl<I: SideIndex> Kept<I> {
    /// Returns the index as of the store's present revision.
    ///
    /// The first time reads all texts; from then on only those that have changed.
    pub(crate) fn up_to_date(&self, store: &dyn Store) -> Result<Reading<'_, I>> {
        let revision = store.revision()?;
        {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if held.as_ref().is_some_and(|held| held.revision == revision) {
                return Ok(Reading(held));
            }
        }
        {
            let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let caught_up = match slot.as_mut() {
                Some(held) => held.catch_up(store),
                None => Ok(false),
            };
            if !matches!(caught_up, Ok(true)) {
                *slot = None;
                *slot = Some(Held::make(store)?);
            }
        }
        Ok(self.read())
    }

    /// Looks at the index as it is.
    pub(crate) fn read(&self) -> Reading<'_, I> {
        Reading(self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<I: SideIndex> Held<I> {
    fn make(store: &dyn Store) -> Result<Self> {
        // What changes while this reads is read again when the index next catches up.
        let revision = store.revision()?;
        let mut index = I::empty();
        let mut outcome = Ok(());
        store.for_each_text(&mut |stored| {
            outcome = index.put(stored.key, stored);
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome?;
        Ok(Self { revision, index })
    }

    /// Takes in what has changed, and returns whether that is known.
    fn catch_up(&mut self, store: &dyn Store) -> Result<bool> {
        let Some(since) = store.changes_since(self.revision)? else {
            return Ok(false);
        };
        for keys in since.items.chunks(AT_ONCE) {
            for (key, stored) in keys.iter().zip(store.get_texts(keys)?) {
                match stored {
                    Some(stored) => self.index.put(*key, stored)?,
                    None => self.index.take_out(*key)?,
                }
            }
        }
        self.revision = since.revision;
        Ok(true)
    }
}

impl SideIndex for LexicalIndex {
    fn empty() -> Self {
        Self::new(Analyser::default())
    }

    fn put(&mut self, key: ItemId, stored: StoredItem) -> Result<()> {
        self.take_out(key)?;
        Ok(self.add(key, &stored.item.text)?)
    }

    fn take_out(&mut self, key: ItemId) -> Result<()> {
        if self.contains(key) {
            self.remove(key)?;
        }
        Ok(())
    }
}

impl SideIndex for Facets {
    fn empty() -> Self {
        Self::new()
    }

    fn put(&mut self, key: ItemId, stored: StoredItem) -> Result<()> {
        let item = MemoryItem::from(stored);
        self.insert(key, &ItemFields::of(&item, item.importance));
        Ok(())
    }

    fn take_out(&mut self, key: ItemId) -> Result<()> {
        self.remove(key);
        Ok(())
    }
}
