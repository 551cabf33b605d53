//! The values of one field, and who has them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use roaring::RoaringTreemap;
use serde_json::Value;

use super::postings::{Postings, Union, bitmap_bytes};
use super::value_key::ValueKey;
use crate::filter::{Condition, Exact, Operator};

/// Bytes of an ordered map for each of its entries, beside the entry: nodes are two thirds full, as a rule.
const SLACK: f64 = 1.5;

/// Says what a key is to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The value itself.
    Value,
    /// An element of the array that the value is.
    Element,
}

/// Finds the items that have a value, other than null.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldValues {
    values: BTreeMap<ValueKey, Postings>,
    elements: BTreeMap<ValueKey, Postings>,
    /// Items with any value.
    present: RoaringTreemap,
}

impl FieldValues {
    /// Notes a key of an item, and returns it as it is held, so that equal ones share what they hold.
    pub(super) fn insert(&mut self, role: Role, key: ValueKey, item: u64) -> ValueKey {
        if role == Role::Value {
            self.present.insert(item);
        }
        match self.keys(role).entry(key) {
            Entry::Occupied(mut postings) => {
                postings.get_mut().insert(item);
                postings.key().clone()
            }
            Entry::Vacant(vacant) => {
                let key = vacant.key().clone();
                vacant.insert(Postings::One(item));
                key
            }
        }
    }

    /// Forgets a key of an item.
    pub(super) fn remove(&mut self, role: Role, key: &ValueKey, item: u64) {
        if role == Role::Value {
            self.present.remove(item);
        }
        let keys = self.keys(role);
        if keys
            .get_mut(key)
            .is_some_and(|postings| !postings.remove(item))
        {
            keys.remove(key);
        }
    }

    /// Returns whether no item has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.elements.is_empty()
    }

    /// Returns the items whose value passes a condition that passes no null; `ne` and `nin` as `eq` and `in`.
    pub(super) fn passing(&self, condition: &Condition) -> RoaringTreemap {
        let mut union = Union::default();
        match condition.operator {
            Operator::Eq | Operator::Ne | Operator::In | Operator::Nin => {
                for value in condition.values() {
                    union.add_of(&self.values, &ValueKey::of(value));
                }
            }
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
                if let Some(range) = range(condition.operator, &condition.value) {
                    let values = self.values.range(range);
                    values.for_each(|(_, postings)| union.add(postings));
                }
            }
            Operator::Contains => self.add_containing(&condition.value, &mut union),
        }
        union.finish()
    }

    /// Returns the items that have any value.
    pub(super) fn present(&self) -> &RoaringTreemap {
        &self.present
    }

    /// Returns the bytes that are held, about.
    pub(super) fn bytes(&self) -> usize {
        let of_key = |(key, postings): (&ValueKey, &Postings)| {
            let entry = size_of::<(ValueKey, Postings)>() as f64 * SLACK;
            entry as usize + key.bytes() + postings.bytes()
        };
        let keys = self.values.iter().chain(&self.elements);
        keys.map(of_key).sum::<usize>() + bitmap_bytes(&self.present)
    }

    /// Adds the items whose array has an element, or whose text has a part, which takes a look at every text.
    fn add_containing(&self, part: &Value, union: &mut Union) {
        union.add_of(&self.elements, &ValueKey::of(part));
        let Value::String(part) = part else {
            return;
        };
        let texts = ValueKey::first_text()..ValueKey::after_texts();
        for (key, postings) in self.values.range(texts) {
            if let ValueKey::Text(text) = key
                && text.contains(part.as_str())
            {
                union.add(postings);
            }
        }
    }

    fn keys(&mut self, role: Role) -> &mut BTreeMap<ValueKey, Postings> {
        match role {
            Role::Value => &mut self.values,
            Role::Element => &mut self.elements,
        }
    }
}

impl Union {
    /// Adds the items that have a key.
    fn add_of(&mut self, keys: &BTreeMap<ValueKey, Postings>, key: &ValueKey) {
        if let Some(postings) = keys.get(key) {
            self.add(postings);
        }
    }
}

/// Returns where the keys lie that stand in an order to a number or a text.
fn range(operator: Operator, value: &Value) -> Option<(Bound<ValueKey>, Bound<ValueKey>)> {
    let (key, first, last) = match value {
        Value::Number(number) => (
            ValueKey::Number(Exact::of(number)),
            Bound::Excluded(ValueKey::before_numbers()),
            Bound::Excluded(ValueKey::first_text()),
        ),
        Value::String(text) => (
            ValueKey::Text(text.as_str().into()),
            Bound::Included(ValueKey::first_text()),
            Bound::Excluded(ValueKey::after_texts()),
        ),
        _ => return None,
    };
    Some(match operator {
        Operator::Gt => (Bound::Excluded(key), last),
        Operator::Gte => (Bound::Included(key), last),
        Operator::Lt => (first, Bound::Excluded(key)),
        Operator::Lte => (first, Bound::Included(key)),
        _ => return None,
    })
}
