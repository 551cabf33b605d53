//! The items of a namespace in the order of their times.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use rm_core::ItemId;
use rm_store::StoredItem;

use crate::side_index::SideIndex;
use crate::{InTime, Neighbours, Result};

/// Holds the time at which each item was first added, to find what stands beside it.
#[derive(Debug, Default)]
pub(crate) struct TimeLine {
    by_time: BTreeSet<(i64, ItemId)>,
    times: HashMap<ItemId, i64>,
}

impl TimeLine {
    /// Returns the allowed items around one.
    pub(crate) fn around(
        &self,
        item: ItemId,
        wanted: Neighbours,
        allows: impl Fn(ItemId) -> bool,
    ) -> InTime<ItemId> {
        let Some(here) = self.times.get(&item).map(|time| (*time, item)) else {
            return InTime {
                before: Vec::new(),
                after: Vec::new(),
            };
        };
        let before = self.by_time.range(..here).rev().map(|(_, item)| *item);
        let after = (Bound::Excluded(here), Bound::Unbounded);
        let after = self.by_time.range(after).map(|(_, item)| *item);
        InTime {
            before: before
                .filter(|item| allows(*item))
                .take(wanted.before)
                .collect(),
            after: after
                .filter(|item| allows(*item))
                .take(wanted.after)
                .collect(),
        }
    }
}

impl SideIndex for TimeLine {
    fn empty() -> Self {
        Self::default()
    }

    fn put(&mut self, key: ItemId, stored: StoredItem) -> Result<()> {
        self.take_out(key)?;
        let time = stored.item.created_at_ms;
        self.times.insert(key, time);
        self.by_time.insert((time, key));
        Ok(())
    }

    fn take_out(&mut self, key: ItemId) -> Result<()> {
        if let Some(time) = self.times.remove(&key) {
            self.by_time.remove(&(time, key));
        }
        Ok(())
    }
}
