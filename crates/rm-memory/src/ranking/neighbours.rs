//! What was remembered just before and just after.

use std::collections::HashSet;
use std::hash::Hash;

use crate::Result;

/// Says how many items before and after each result come along.
///
/// What an agent remembers in a row belongs together: the answer to a question stands behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// Items remembered before the result.
    pub before: usize,
    /// Items remembered after it.
    pub after: usize,
}

/// Holds what stands around one item in time; the nearest first, on either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTime<I> {
    /// Items before it.
    pub before: Vec<I>,
    /// Items after it.
    pub after: Vec<I>,
}

/// Is an item that is there because it stands beside a result in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour<I> {
    /// The item.
    pub item: I,
    /// The result.
    pub of: I,
    /// How far it is from the result, in items: -1 is the one just before it, 1 the one just after.
    pub offset: isize,
}

impl Neighbours {
    /// Returns whether any are wanted.
    #[must_use]
    pub fn is_wanted(self) -> bool {
        self.before + self.after > 0
    }

    /// Returns the neighbours to put behind `results`, given what stands around each of them: those of the best result
    /// first, the nearer before the farther, and what came before ahead of what came after.
    ///
    /// A result is nobody's neighbour, and what stands beside two results is the better one's.
    ///
    /// ```
    /// use rm_memory::{InTime, Neighbours};
    ///
    /// let wanted = Neighbours { before: 1, after: 1 };
    /// let around = [InTime { before: vec!["1", "0"], after: vec!["3"] }];
    /// let found = wanted.of(&["2"], &around)?;
    /// assert_eq!((found[0].item, found[0].offset), ("1", -1));
    /// assert_eq!((found[1].item, found[1].of), ("3", "2"));
    /// assert_eq!(found.len(), 2);
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`rm_core::Error::LengthMismatch`] where there is not one [`InTime`] for each result.
    pub fn of<I: Clone + Eq + Hash>(
        self,
        results: &[I],
        around: &[InTime<I>],
    ) -> Result<Vec<Neighbour<I>>> {
        if results.len() != around.len() {
            return Err(rm_core::Error::LengthMismatch {
                what: "surroundings",
                expected: results.len(),
                got: around.len(),
            }
            .into());
        }
        let mut known: HashSet<&I> = results.iter().collect();
        let mut found = Vec::new();
        for (of, around) in results.iter().zip(around) {
            let before = (1isize..).zip(&around.before).take(self.before);
            let after = (1isize..).zip(&around.after).take(self.after);
            let mut beside: Vec<(isize, &I)> = before.map(|(far, item)| (-far, item)).collect();
            beside.extend(after);
            beside.sort_by_key(|(offset, _)| (offset.abs(), *offset));
            for (offset, item) in beside {
                if known.insert(item) {
                    found.push(Neighbour {
                        item: item.clone(),
                        of: of.clone(),
                        offset,
                    });
                }
            }
        }
        Ok(found)
    }
}

/// Holds items in the order of their times; of equal times, in the order of the items.
///
/// ```
/// use rm_memory::{Neighbours, Timeline};
///
/// let timeline = Timeline::new(vec![(30, "c"), (10, "a"), (20, "b")]);
/// let around = timeline.around(20, &"b", Neighbours { before: 2, after: 2 });
/// assert_eq!(around.before, ["a"]);
/// assert_eq!(around.after, ["c"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<I>(Vec<(i64, I)>);

impl<I: Clone + Ord> Timeline<I> {
    /// Sorts items by their times.
    #[must_use]
    pub fn new(mut items: Vec<(i64, I)>) -> Self {
        items.sort_unstable();
        Self(items)
    }

    /// Returns what stands around an item of a time, as many as are wanted at most; the item need not be there.
    ///
    /// Costs `log n` comparisons.
    #[must_use]
    pub fn around(&self, at_ms: i64, item: &I, wanted: Neighbours) -> InTime<I> {
        let here = (at_ms, item);
        let start = self.0.partition_point(|(ms, other)| (*ms, other) < here);
        let end = self.0.partition_point(|(ms, other)| (*ms, other) <= here);
        let item = |(_, item): &(i64, I)| item.clone();
        let before = self.0[..start].iter().rev().take(wanted.before);
        let after = self.0[end..].iter().take(wanted.after);
        InTime {
            before: before.map(item).collect(),
            after: after.map(item).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_nobodys_neighbours_and_nobody_comes_twice() -> Result<()> {
        let timeline = Timeline::new((0..8).map(|at| (at, at)).collect());
        let wanted = Neighbours {
            before: 1,
            after: 2,
        };
        let results = [4, 2, 7];
        let around: Vec<_> = results
            .iter()
            .map(|at| timeline.around(*at, at, wanted))
            .collect();
        let found = wanted.of(&results, &around)?;
        let found: Vec<_> = found.iter().map(|n| (n.item, n.of, n.offset)).collect();
        assert_eq!(
            found,
            [(3, 4, -1), (5, 4, 1), (6, 4, 2), (1, 2, -1)],
            "3 and 4 are taken, and 6 is nearer to the better 4"
        );
        Ok(())
    }

    #[test]
    fn none_are_wanted_unless_said() -> Result<()> {
        let around = [InTime {
            before: vec![0],
            after: vec![2],
        }];
        assert!(!Neighbours::default().is_wanted());
        assert!(Neighbours::default().of(&[1], &around)?.is_empty());
        assert!(Neighbours::default().of(&[1, 3], &around).is_err());
        Ok(())
    }

    #[test]
    fn equal_times_are_in_the_order_of_their_items() {
        let timeline = Timeline::new(vec![(5, 'b'), (5, 'a'), (5, 'c')]);
        let wanted = Neighbours {
            before: 9,
            after: 9,
        };
        let around = timeline.around(5, &'b', wanted);
        assert_eq!((around.before, around.after), (vec!['a'], vec!['c']));
    }
}
