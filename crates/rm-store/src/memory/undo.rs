//! Atomicity in RAM: what a set of changes overwrites is kept until the whole set is known to hold.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::ops::RangeInclusive;

/// A map whose changes can be taken back, up to the last [`commit`](UndoMap::commit).
#[derive(Debug)]
pub(super) struct UndoMap<K, V> {
    current: BTreeMap<K, V>,
    /// For every key touched since the last commit, what it held then.
    before: BTreeMap<K, Option<V>>,
}

impl<K, V> Default for UndoMap<K, V> {
    fn default() -> Self {
        Self {
            current: BTreeMap::new(),
            before: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone, V> UndoMap<K, V> {
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.current.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.current.iter()
    }

    pub(super) fn range(&self, range: RangeInclusive<K>) -> Range<'_, K, V> {
        self.current.range(range)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        let old = self.current.insert(key.clone(), value);
        self.before.entry(key).or_insert(old);
    }

    pub(super) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some((key, old)) = self.current.remove_entry(key) {
            self.before.entry(key).or_insert(Some(old));
        }
    }

    /// Removes every key in a range.
    pub(super) fn remove_range(&mut self, range: RangeInclusive<K>) {
        let keys: Vec<K> = self
            .current
            .range(range)
            .map(|(key, _)| key.clone())
            .collect();
        for key in &keys {
            self.remove(key);
        }
    }

    /// Makes the changes final.
    pub(super) fn commit(&mut self) {
        self.before.clear();
    }

    /// Takes the changes back.
    pub(super) fn roll_back(&mut self) {
        for (key, old) in std::mem::take(&mut self.before) {
            match old {
                Some(value) => self.current.insert(key, value),
                None => self.current.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed() -> UndoMap<u32, &'static str> {
        let mut map = UndoMap::default();
        map.insert(1, "one");
        map.insert(2, "two");
        map.commit();
        map
    }

    #[test]
    fn everything_since_the_commit_is_taken_back() {
        let mut map = committed();
        map.insert(2, "zwei");
        map.insert(2, "deux");
        map.insert(3, "three");
        map.remove(&3);
        map.remove(&1);
        map.remove_range(2..=7);
        map.insert(9, "nine");
        map.remove_range(0..=9);
        assert_eq!(map.iter().count(), 0);
        map.roll_back();
        assert!(map.iter().eq(committed().iter()));
    }

    #[test]
    fn what_was_committed_stays() {
        let mut map = committed();
        map.remove(&1);
        map.commit();
        map.roll_back();
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&2, &"two")]);
    }
}
