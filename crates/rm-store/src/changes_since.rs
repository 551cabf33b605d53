//! What has changed in a namespace since it was last looked at.

use rm_core::ItemId;

/// What has changed, for whoever keeps in RAM what a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesSince {
    /// The revision that these changes lead to.
    pub revision: u64,
    /// Items that were put, moved or deleted, each once, in the order of their keys.
    pub items: Vec<ItemId>,
    /// What happened to the codebook.
    pub codebook: CodebookChange,
}

/// What happened to a codebook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodebookChange {
    /// Nothing.
    #[default]
    None,
    /// Centroids were moved, added or dropped; every item that moved is among the changed ones.
    Updated,
    /// It was replaced or removed, and with it every assignment.
    Replaced,
}

/// What one record of the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logged {
    Item(ItemId),
    Updated,
    Replaced,
}

/// Stands in the log where a key would, for a codebook that was replaced.
const REPLACED: i64 = 0;

/// The same for one that was updated.
const UPDATED: i64 = -1;

impl Logged {
    pub(crate) fn to_number(self) -> i64 {
        match self {
            Self::Item(key) => key.0.cast_signed(),
            Self::Updated => UPDATED,
            Self::Replaced => REPLACED,
        }
    }

    pub(crate) fn from_number(number: i64) -> Self {
        match number {
            REPLACED => Self::Replaced,
            UPDATED => Self::Updated,
            key => Self::Item(ItemId(key.cast_unsigned())),
        }
    }
}

impl ChangesSince {
    /// Sums up the records of a log.
    pub(crate) fn of(revision: u64, records: impl IntoIterator<Item = Logged>) -> Self {
        let mut since = Self {
            revision,
            ..Self::default()
        };
        for record in records {
            match record {
                Logged::Item(key) => since.items.push(key),
                Logged::Updated => since.codebook = since.codebook.max(CodebookChange::Updated),
                Logged::Replaced => since.codebook = CodebookChange::Replaced,
            }
        }
        since.items.sort_unstable();
        since.items.dedup();
        since
    }
}
