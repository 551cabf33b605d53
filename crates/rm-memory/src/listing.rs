//! Going through what is remembered: counting, listing, deleting by filter.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use rm_core::ItemId;
use rm_store::Changes;

use crate::facets::Passing;
use crate::vectors_in_store::AT_ONCE;
use crate::{Error, Filter, MemoryItem, Result, RoutingMemory};

/// Is some of the items in the order in which they were added.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The items.
    pub items: Vec<MemoryItem>,
    /// Where the next page begins, `None` where this is the last.
    pub next: Option<Cursor>,
}

/// Is a place between two items, from which [`RoutingMemory::list`] goes on; it stays good while items come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(ItemId);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0.0)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let key = u64::from_str_radix(text, 16);
        key.map(|key| Self(ItemId(key)))
            .map_err(|_| Error::InvalidCursor { got: text.into() })
    }
}

impl RoutingMemory {
    /// Returns the number of items that are stored, those that are past their time and not yet
    /// [removed](Self::forget) included; with a filter, the number of those that pass and are not.
    ///
    /// # Errors
    /// For a filter that cannot be understood, and when the store cannot be read.
    pub fn count(&self, filter: Option<&Filter>) -> Result<usize> {
        match filter {
            None => Ok(usize::try_from(self.store().count()?).unwrap_or(usize::MAX)),
            Some(filter) => Ok(self.passing(filter)?.len()),
        }
    }

    /// Returns up to `limit` items in the order in which they were added, from the beginning or from where an earlier page
    /// ended; with a filter, of those that pass.
    ///
    /// ```no_run
    /// # use rm_memory::{Filter, RoutingMemory};
    /// # let memory = RoutingMemory::open("agent.db")?;
    /// let mut page = memory.list(Some(&Filter::eq("topic", "food")), None, 100)?;
    /// while let Some(next) = page.next {
    ///     page = memory.list(Some(&Filter::eq("topic", "food")), Some(next), 100)?;
    /// }
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// For a filter that cannot be understood, and when the store cannot be read.
    pub fn list(
        &self,
        filter: Option<&Filter>,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<Page> {
        let now_ms = self.config().clock.now_ms();
        let passing = filter.map(|filter| self.passing(filter)).transpose()?;
        let mut after = from.map_or(ItemId(0), |Cursor(key)| key);
        let mut items = Vec::new();
        loop {
            let wanted = (limit - items.len()).min(AT_ONCE);
            let texts = match &passing {
                None => self.store().texts_after(after, wanted)?,
                Some(passing) => {
                    let later = passing.iter().filter(|key| *key > after);
                    let keys: Vec<ItemId> = later.take(wanted).collect();
                    self.store()
                        .get_texts(&keys)?
                        .into_iter()
                        .flatten()
                        .collect()
                }
            };
            let Some(last) = texts.last().map(|stored| stored.key) else {
                return Ok(Page { items, next: None });
            };
            after = last;
            let living = texts
                .into_iter()
                .filter(|stored| !stored.item.is_expired(now_ms));
            items.extend(living.map(MemoryItem::from));
            if items.len() >= limit {
                let next = Some(Cursor(after));
                return Ok(Page { items, next });
            }
        }
    }

    /// Visits every item in the order in which they were added, until `visit` breaks; with a filter, those that pass.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn for_each(
        &self,
        filter: Option<&Filter>,
        mut visit: impl FnMut(MemoryItem) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut from = None;
        loop {
            let page = self.list(filter, from, AT_ONCE)?;
            for item in page.items {
                if visit(item).is_break() {
                    return Ok(());
                }
            }
            from = page.next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    /// Forgets the items that pass a filter, in one transaction, and returns how many there were; pinned ones go, too.
    ///
    /// # Errors
    /// For a filter that cannot be understood, and when the store cannot be written; nothing is forgotten then.
    pub fn delete_matching(&self, filter: &Filter) -> Result<usize> {
        let keys: Vec<ItemId> = self.passing(filter)?.iter().collect();
        let mut changes = Changes::new();
        for key in keys {
            changes.delete_key(key);
        }
        self.delete_in(&changes)
    }

    /// Returns the items that pass a filter.
    pub(crate) fn passing(&self, filter: &Filter) -> Result<Passing> {
        filter.check()?;
        let facets = self.space.facets.up_to_date(self.store())?;
        let Some(facets) = facets.get() else {
            return Err(Error::Interrupted {
                what: "reading metadata",
            });
        };
        facets.passing(filter, |id| Ok(self.store().key_of(id)?))
    }
}
