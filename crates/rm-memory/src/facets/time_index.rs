//! The items in the order of a time.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use roaring::RoaringTreemap;
use serde_json::Value;

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

    /// Returns the items whose time passes a condition, `ne` and `nin` as `eq` and `in`.
    pub(super) fn passing(&self, condition: &Condition) -> RoaringTreemap {
        let mut items: Vec<u64> = Vec::new();
        for value in condition.values() {
            let span = span(condition.operator, value);
            let Some((first, last)) = span.and_then(within_64_bits) else {
                continue;
            };
            let passing = self.0.range((first, 0)..=(last, u64::MAX));
            items.extend(passing.map(|(_, item)| item));
        }
        items.sort_unstable();
        items.into_iter().collect()
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
