//! Namespaces: parts of one file that know nothing of each other.

use std::ops::RangeInclusive;

use rm_core::{CentroidId, ItemId};

use crate::{Error, Result};

/// Bits of a key that count the items of one namespace; those above them are the namespace's number.
const ITEM_BITS: u32 = 40;

/// Bits of a centroid's row that are its position; those above them are the namespace's number.
const POSITION_BITS: u32 = 32;

/// Largest number of a namespace: with it, keys still fit into SQLite's signed integers.
const LARGEST: u32 = (1 << (i64::BITS - 1 - ITEM_BITS)) - 1;

/// Begins the key of a setting of any namespace but the default one.
pub(crate) const NAMESPACE_KEY: &str = "namespace ";

/// Longest name of a namespace in bytes.
const LONGEST_NAME: usize = 1_024;

/// Is the number of a namespace in one store.
///
/// The keys of its items, of its centroids and of what is logged about it begin with it, so that each namespace is a range of
/// every table: reading one costs nothing for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceId(u32);

impl NamespaceId {
    /// The namespace without a name, which every store has.
    pub(crate) const DEFAULT: Self = Self(0);

    /// A namespace that never holds anything: it stands for one that nothing was put into yet.
    pub(crate) const EMPTY: Self = Self(LARGEST);

    /// Returns the namespace of this number, where there can be one.
    pub(crate) fn new(number: i64) -> Option<Self> {
        u32::try_from(number)
            .ok()
            .filter(|number| *number <= LARGEST)
            .map(Self)
    }

    pub(crate) fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Returns the next number, where there is one.
    pub(crate) fn next(self) -> Option<Self> {
        Self::new(self.number() + 1).filter(|next| *next != Self::EMPTY)
    }

    /// Returns the namespace that a key belongs to.
    pub(crate) fn of_key(key: i64) -> Option<Self> {
        Self::new(key >> ITEM_BITS)
    }

    /// Returns the keys that its items can have. The first key of each namespace is given to no item.
    pub(crate) fn keys(self) -> RangeInclusive<i64> {
        range(self.number(), ITEM_BITS)
    }

    /// Returns whether an item is in it.
    pub(crate) fn holds(self, item: ItemId) -> bool {
        self.keys().contains(&item.0.cast_signed())
    }

    /// Returns the revisions that its log can have, as they are stored.
    pub(crate) fn revisions(self) -> RangeInclusive<i64> {
        range(self.number(), ITEM_BITS)
    }

    /// Returns the rows that its centroids can have.
    pub(crate) fn centroid_rows(self) -> RangeInclusive<i64> {
        range(self.number(), POSITION_BITS)
    }

    /// Returns the row of one of its centroids.
    pub(crate) fn centroid_row(self, id: CentroidId) -> i64 {
        (self.number() << POSITION_BITS) | i64::from(id.0)
    }

    /// Returns the centroid that a row is of, and `None` for a row of another namespace.
    pub(crate) fn centroid_at(self, row: i64) -> Option<CentroidId> {
        let position = row.checked_sub(self.number() << POSITION_BITS)?;
        u32::try_from(position).ok().map(CentroidId)
    }

    /// Names a setting of this namespace's own; those of the default one have the plain name.
    pub(crate) fn setting(self, key: &str) -> String {
        match self.0 {
            0 => key.to_owned(),
            number => format!("{NAMESPACE_KEY}{number} {key}"),
        }
    }
}

/// Refuses what cannot be the name of a namespace: the empty name is the default one's.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let expected = match name {
        _ if name.len() > LONGEST_NAME => "at most 1024 bytes",
        _ if name.chars().any(char::is_control) => "no control characters",
        _ if name.trim() != name => "no white space around it",
        _ => return Ok(()),
    };
    Err(Error::NamespaceName {
        expected,
        got: name.chars().take(80).collect(),
    })
}

fn range(number: i64, bits: u32) -> RangeInclusive<i64> {
    let first = number << bits;
    first..=first + ((1 << bits) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_ranges_that_do_not_touch() {
        let last = NamespaceId::new(i64::from(LARGEST)).expect("the largest");
        assert_eq!(*last.keys().end(), i64::MAX);
        assert_eq!(NamespaceId(LARGEST - 1).next(), None);
        for number in [0, 1, 77, i64::from(LARGEST) - 2] {
            let one = NamespaceId::new(number).expect("in range");
            let next = one.next().expect("one more");
            assert_eq!(one.keys().end() + 1, *next.keys().start());
            assert_eq!(NamespaceId::of_key(*one.keys().end()), Some(one));
            assert_eq!(one.centroid_rows().end() + 1, *next.centroid_rows().start());
            let id = CentroidId(u32::MAX);
            assert_eq!(one.centroid_at(one.centroid_row(id)), Some(id));
            assert_eq!(next.centroid_at(one.centroid_row(id)), None);
            assert_eq!(one.centroid_at(next.centroid_row(id)), None);
        }
        assert_eq!(NamespaceId::DEFAULT.keys().start(), &0);
        assert_eq!(NamespaceId::new(-1), None);
    }

    #[test]
    fn names_that_could_be_mistaken_are_refused() {
        for name in ["", "acme/support", "Zoë 7"] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for name in [" acme", "acme\n", "a\0b", long.as_str()] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
