//! The items that have one value.

use roaring::{RoaringBitmap, RoaringTreemap};

/// Items that are held in a row; a bitmap of that many takes about as much room.
const MOST_IN_A_ROW: usize = 64;

/// Is a set of items: small where there are few, since many values are had by one item alone.
#[derive(Debug, Clone)]
pub(super) enum Postings {
    One(u64),
    /// In rising order.
    Few(Box<[u64]>),
    Many(Box<RoaringTreemap>),
}

impl Postings {
    /// Adds an item.
    pub(super) fn insert(&mut self, item: u64) {
        match self {
            Self::One(one) if *one == item => {}
            Self::One(one) => *self = Self::Few([item.min(*one), item.max(*one)].into()),
            Self::Few(few) => {
                let Err(at) = few.binary_search(&item) else {
                    return;
                };
                if few.len() == MOST_IN_A_ROW {
                    let all = few.iter().copied().chain([item]);
                    *self = Self::Many(Box::new(all.collect()));
                    return;
                }
                let mut more = Vec::with_capacity(few.len() + 1);
                more.extend_from_slice(few);
                more.insert(at, item);
                *few = more.into();
            }
            Self::Many(many) => {
                many.insert(item);
            }
        }
    }

    /// Takes an item out, and returns whether another one is left.
    pub(super) fn remove(&mut self, item: u64) -> bool {
        match self {
            Self::One(one) => *one != item,
            Self::Few(few) => {
                let left = few.iter().copied().filter(|other| *other != item);
                let left: Box<[u64]> = left.collect();
                match *left {
                    [] => return false,
                    [one] => *self = Self::One(one),
                    _ => *few = left,
                }
                true
            }
            Self::Many(many) => {
                many.remove(item);
                if many.len() <= MOST_IN_A_ROW as u64 / 2 {
                    *self = Self::Few(many.iter().collect());
                }
                true
            }
        }
    }

    /// Returns the bytes that are held beside the value itself.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Few(few) => size_of_val(&**few),
            Self::Many(many) => size_of::<RoaringTreemap>() + bitmap_bytes(many),
        }
    }
}

/// Returns the bytes that a bitmap holds, about.
pub(super) fn bitmap_bytes(bitmap: &RoaringTreemap) -> usize {
    /// A container beside its values, a bitmap beside its containers.
    const HEAD: u64 = 32;
    let bitmaps = bitmap.bitmaps().map(|(_, bitmap)| {
        let held = bitmap.statistics();
        let heads = HEAD * (1 + u64::from(held.n_containers));
        let values = held.n_bytes_array_containers
            + held.n_bytes_run_containers
            + held.n_bytes_bitset_containers;
        heads + values
    });
    bitmaps.sum::<u64>() as usize
}

/// Gathers the items of many values.
#[derive(Debug, Default)]
pub(super) struct Union {
    items: Vec<u64>,
    bitmap: RoaringTreemap,
}

impl Union {
    /// Adds the items of one value.
    pub(super) fn add(&mut self, postings: &Postings) {
        match postings {
            Postings::One(one) => self.items.push(*one),
            Postings::Few(few) => self.items.extend_from_slice(few),
            Postings::Many(many) => self.bitmap |= &**many,
        }
    }

    /// Returns all items.
    pub(super) fn finish(self) -> RoaringTreemap {
        let items = bitmap_of(self.items);
        if self.bitmap.is_empty() {
            return items;
        }
        self.bitmap | items
    }
}

/// Makes a bitmap of items in any order.
pub(super) fn bitmap_of(mut items: Vec<u64>) -> RoaringTreemap {
    // Items in order are appended, where others would each have to be put in between.
    items.sort_unstable();
    items.dedup();
    let bitmaps = items.chunk_by(|a, b| a >> 32 == b >> 32).map(|items| {
        let low = items.iter().map(|item| *item as u32);
        let bitmap = RoaringBitmap::from_sorted_iter(low.clone());
        (
            (items[0] >> 32) as u32,
            bitmap.unwrap_or_else(|_| low.collect()),
        )
    });
    RoaringTreemap::from_bitmaps(bitmaps)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn postings_are_a_set(
            first in 0u64..90, steps in prop::collection::vec((prop::bool::weighted(0.7), 0u64..90), 0..400),
        ) {
            let (mut postings, mut set) = (Postings::One(first), BTreeSet::from([first]));
            for (adds, item) in steps {
                if adds {
                    postings.insert(item);
                    set.insert(item);
                } else if set.contains(&item) {
                    set.remove(&item);
                    let is_left = postings.remove(item);
                    prop_assert_eq!(is_left, !set.is_empty());
                    if !is_left {
                        break;
                    }
                }
                let mut union = Union::default();
                union.add(&postings);
                prop_assert!(union.finish().iter().eq(set.iter().copied()));
            }
        }
    }
}
