//! The items that a search is confined to.

use std::collections::HashSet;

use rm_core::{Allowed, Index, ItemId};

use crate::facets::Passing;

/// Says which items a search may find.
#[derive(Debug, Default)]
pub(crate) enum Confined {
    /// All.
    #[default]
    Nowhere,
    /// All but those that turned out to be past their time.
    AllBut(HashSet<ItemId>),
    /// Those that pass a filter.
    To(Passing),
}

impl Confined {
    /// Leaves out more items.
    pub(crate) fn leave_out(&mut self, items: Vec<ItemId>) {
        match self {
            Self::Nowhere => *self = Self::AllBut(items.into_iter().collect()),
            Self::AllBut(out) => out.extend(items),
            Self::To(passing) => passing.retain(|item| !items.contains(&item)),
        }
    }

    /// Returns the allowed items of an index, or `None` where all are.
    pub(crate) fn among<'c>(&'c self, index: &'c Index) -> Option<Box<dyn Allowed + 'c>> {
        match self {
            Self::Nowhere => None,
            Self::AllBut(out) => Some(Box::new(AllBut { index, out })),
            Self::To(passing) => Some(Box::new(Few(passing))),
        }
    }
}

struct Few<'c>(&'c Passing);

impl Allowed for Few<'_> {
    fn allows(&self, item: ItemId) -> bool {
        self.0.allows(item)
    }

    fn count(&self) -> usize {
        self.0.count()
    }

    fn items(&self) -> Vec<ItemId> {
        self.0.items()
    }
}

struct AllBut<'c> {
    index: &'c Index,
    out: &'c HashSet<ItemId>,
}

impl Allowed for AllBut<'_> {
    fn allows(&self, item: ItemId) -> bool {
        !self.out.contains(&item)
    }

    fn count(&self) -> usize {
        let out = self.out.iter().filter(|item| self.index.contains(**item));
        self.index.len() - out.count()
    }

    fn items(&self) -> Vec<ItemId> {
        let all = self.index.lists().flat_map(|(_, list)| list.ids());
        all.copied().filter(|item| self.allows(*item)).collect()
    }
}
