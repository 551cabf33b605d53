//! The values of one field, and who has them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use roaring::RoaringTreemap;
use serde_json::Value;

use super::postings::{Postings, Union, bitmap_bytes};
use super::value_key::ValueKey;
use super::value_table::{KnownValue, ValueTable};
use crate::filter::{Condition, Exact, Operator};

/// Room that an ordered map takes over its entries: nodes are two thirds full, as a rule.
const SLACK: f64 = 1.5;

/// Says what a key is to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The value itself.
    Value,
    /// An element of the array that the value is.
    Element,
}

/// Finds the numbers of values, other than null, and by them the items that have them.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldValues {
    values: BTreeMap<ValueKey, u32>,
    elements: BTreeMap<ValueKey, u32>,
    /// Items with any value.
    present: RoaringTreemap,
}

impl FieldValues {
    /// Notes that an item has a value of the field `field`, and returns the number of the value.
    pub(super) fn insert(
        &mut self,
        table: &mut ValueTable,
        (field, role): (u32, Role),
        key: ValueKey,
        item: u64,
    ) -> u32 {
        if role == Role::Value {
            self.present.insert(item);
        }
        match self.keys(role).entry(key) {
            Entry::Occupied(number) => {
                if let Some(known) = table.get_mut(*number.get()) {
                    known.postings.insert(item);
                }
                *number.get()
            }
            Entry::Vacant(vacant) => {
                let known = KnownValue {
                    field,
                    role,
                    key: vacant.key().clone(),
                    postings: Postings::One(item),
                };
                *vacant.insert(table.add(known))
            }
        }
    }

    /// Notes that an item does not have a value any more.
    pub(super) fn forget(&mut self, role: Role, item: u64) {
        if role == Role::Value {
            self.present.remove(item);
        }
    }

    /// Takes out a value that no item has.
    pub(super) fn remove(&mut self, role: Role, key: &ValueKey) {
        self.keys(role).remove(key);
    }

    /// Returns whether no item has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.elements.is_empty()
    }

    /// Returns the items whose value passes a condition that passes no null; `ne` and `nin` as `eq` and `in`.
    pub(super) fn passing(&self, table: &ValueTable, condition: &Condition) -> RoaringTreemap {
        let mut union = Values {
            table,
            union: Union::default(),
        };
        match condition.operator {
            Operator::Eq | Operator::Ne | Operator::In | Operator::Nin => {
                for value in condition.values() {
                    union.add_key(&self.values, &ValueKey::of(value));
                }
            }
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
                if let Some(range) = range(condition.operator, &condition.value) {
                    let values = self.values.range(range);
                    values.for_each(|(_, number)| union.add(*number));
                }
            }
            Operator::Contains => self.add_containing(&condition.value, &mut union),
        }
        union.union.finish()
    }

    /// Returns the items that have any value.
    pub(super) fn present(&self) -> &RoaringTreemap {
        &self.present
    }

    /// Returns the bytes that are held beside the values, about.
    pub(super) fn bytes(&self) -> usize {
        let keys = self.values.len() + self.elements.len();
        let entries = (keys * size_of::<(ValueKey, u32)>()) as f64 * SLACK;
        entries as usize + bitmap_bytes(&self.present)
    }

    /// Adds the items whose array has an element, or whose text has a part, which takes a look at every text.
    fn add_containing(&self, part: &Value, union: &mut Values<'_>) {
        union.add_key(&self.elements, &ValueKey::of(part));
        let Value::String(part) = part else {
            return;
        };
        let texts = ValueKey::first_text()..ValueKey::after_texts();
        for (key, number) in self.values.range(texts) {
            if let ValueKey::Text(text) = key
                && text.contains(part.as_str())
            {
                union.add(*number);
            }
        }
    }

    fn keys(&mut self, role: Role) -> &mut BTreeMap<ValueKey, u32> {
        match role {
            Role::Value => &mut self.values,
            Role::Element => &mut self.elements,
        }
    }
}

/// Gathers the items of values that are found by their numbers.
struct Values<'t> {
    table: &'t ValueTable,
    union: Union,
}

impl Values<'_> {
    fn add(&mut self, number: u32) {
        if let Some(known) = self.table.get(number) {
            self.union.add(&known.postings);
        }
    }

    fn add_key(&mut self, keys: &BTreeMap<ValueKey, u32>, key: &ValueKey) {
        if let Some(number) = keys.get(key) {
            self.add(*number);
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
