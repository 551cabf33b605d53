//! The items in the order of a time.

use std::collections::BTreeSet;
use std::ops::{Bound, RangeInclusive};

use roaring::RoaringTreemap;
use serde_json::Value;

use super::postings::bitmap_of;
use crate::filter::{Condition, Exact, Operator};

/// Finds items by a time that nearly every item has to itself.
#[derive(Debug, Clone, Default)]
pub(super) struct TimeIndex(BTreeSet<(i64, u64)>);

impl TimeIndex {
    pub(super) fn insert(&mut self, ms: i64, item: u64) {
        self.0.insert((ms, item));
    }

    pub(super) fn remove(&mut self, ms: i64, item: u64) {
        self.0.remove(&(ms, item));
    }

    /// Returns the items whose time passes a condition, `ne` and `nin` as `eq` and `in`; `all` are the items that there are.
    pub(super) fn passing(&self, condition: &Condition, all: &RoaringTreemap) -> RoaringTreemap {
        let spans = condition.values().iter().filter_map(|value| {
            let span = span(condition.operator, value)?;
            within_64_bits(span)
        });
        let mut passing = RoaringTreemap::new();
        for span in spans {
            passing |= self.within(span, all);
        }
        passing
    }

    /// Returns the items of a span, by way of those before and after it where they are fewer.
    fn within(&self, (first, last): (i64, i64), all: &RoaringTreemap) -> RoaringTreemap {
        let (start, end) = ((first, 0), (last, u64::MAX));
        let mut within = self.0.range(start..=end);
        let after = (Bound::Excluded(end), Bound::Unbounded);
        let mut others = self.0.range(..start).chain(self.0.range(after));
        let (mut items, mut rest) = (Vec::new(), Vec::new());
        loop {
            match within.next() {
                Some((_, item)) => items.push(*item),
                None => return bitmap_of(items),
            }
            match others.next() {
                Some((_, item)) => rest.push(*item),
                None => return all - bitmap_of(rest),
            }
        }
    }

    /// Returns the bytes that are held, about: an ordered set is two thirds full.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<(i64, u64)>() * 3 / 2
    }
}

/// Returns the whole milliseconds that pass.
fn span(operator: Operator, value: &Value) -> Option<RangeInclusive<i128>> {
    let exact = Exact::of(value.as_number()?);
    let (floor, ceil) = (exact.floor(), exact.ceil());
    Some(match operator {
        Operator::Gt => floor.saturating_add(1)..=i128::MAX,
        Operator::Gte => ceil..=i128::MAX,
        Operator::Lt => i128::MIN..=ceil.saturating_sub(1),
        Operator::Lte => i128::MIN..=floor,
        // Nothing equals what is no integer.
        Operator::Eq | Operator::Ne | Operator::In | Operator::Nin => ceil..=floor,
        Operator::Contains => return None,
    })
}

/// Returns the ends of what a time can be of a span.
fn within_64_bits(span: RangeInclusive<i128>) -> Option<(i64, i64)> {
    let first = i64::try_from((*span.start()).max(i64::MIN.into())).ok()?;
    let last = i64::try_from((*span.end()).min(i64::MAX.into())).ok()?;
    (first <= last).then_some((first, last))
}
