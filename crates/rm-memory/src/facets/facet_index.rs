//! The index itself: items come and go.

use std::collections::HashMap;
use std::sync::Arc;

use rm_core::ItemId;
use roaring::RoaringTreemap;
use serde_json::{Map, Value};

use super::field_values::{FieldValues, Role};
use super::postings::bitmap_bytes;
use super::time_index::TimeIndex;
use super::value_key::ValueKey;
use super::value_table::ValueTable;
use crate::ItemFields;
use crate::filter::{OwnField, decimal, push_key};

/// Knows which items pass a filter, from their metadata and times.
///
/// Holds, for each field, its values in order and the items that have each; and for each item the numbers of its values, so
/// that it can be taken out. Takes about 140 bytes an item, 4 for each entry of its metadata and element of an array, and some
/// 120 beside its text for each distinct value of a field.
///
/// `eq`, `in` and `contains` of an array cost a search among the distinct values of the field, comparisons of order a step for
/// each value that passes (of times, for each item that does or each that does not, whichever are fewer), and `contains` of a
/// text a look at each text of the field.
///
/// ```
/// use rm_core::ItemId;
/// use rm_memory::{Facets, Filter, ItemFields};
/// use serde_json::json;
///
/// let mut facets = Facets::new();
/// for (id, stars) in [(1, 3), (2, 5)] {
///     let metadata = json!({ "topic": "food", "stars": stars });
///     let metadata = metadata.as_object().expect("an object");
///     let times = (1_769_860_800_000, 1_769_860_800_000);
///     facets.insert(ItemId(id), &ItemFields {
///         id: "",
///         metadata,
///         created_at_ms: times.0,
///         updated_at_ms: times.1,
///         importance: 0.5,
///     });
/// }
/// let passing = facets.passing(&Filter::gt("stars", 3), |_| Ok(None))?;
/// assert_eq!(passing.iter().collect::<Vec<_>>(), [ItemId(2)]);
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Facets {
    pub(super) items: RoaringTreemap,
    /// What each item has.
    held: HashMap<u64, HeldItem>,
    /// The number of each field by its name, its place in `fields`.
    numbers: HashMap<Arc<str>, u32>,
    /// `None` where a field has no values any more.
    fields: Vec<Option<NamedField>>,
    free: Vec<u32>,
    pub(super) values: ValueTable,
    pub(super) created_at: TimeIndex,
    pub(super) updated_at: TimeIndex,
}

/// Is a field that some item has.
#[derive(Debug, Clone)]
struct NamedField {
    name: Arc<str>,
    values: FieldValues,
}

/// Is what is kept of one item.
#[derive(Debug, Clone)]
struct HeldItem {
    created_at_ms: i64,
    updated_at_ms: i64,
    /// The numbers of its values, in rising order.
    values: Box<[u32]>,
}

impl Facets {
    /// Makes an index without items.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item, or takes in what it is now; its id is not asked for.
    ///
    /// Costs a search among the distinct values of each field that it has.
    pub fn insert(&mut self, item: ItemId, fields: &ItemFields<'_>) {
        self.remove(item);
        let item = item.0;
        let (created_at_ms, updated_at_ms) = (fields.created_at_ms, fields.updated_at_ms);
        self.created_at.insert(created_at_ms, item);
        self.updated_at.insert(updated_at_ms, item);
        let mut values = Vec::new();
        let importance = ValueKey::of(&decimal(fields.importance));
        self.note(
            item,
            OwnField::Importance.name(),
            Role::Value,
            importance,
            &mut values,
        );
        self.put_entries(item, None, fields.metadata, &mut values);
        // An array may have equal elements.
        values.sort_unstable();
        values.dedup();
        self.items.insert(item);
        let held = HeldItem {
            created_at_ms,
            updated_at_ms,
            values: values.into(),
        };
        self.held.insert(item, held);
    }

    /// Takes an item out, and returns whether it was there.
    pub fn remove(&mut self, item: ItemId) -> bool {
        let item = item.0;
        let Some(held) = self.held.remove(&item) else {
            return false;
        };
        self.items.remove(item);
        self.created_at.remove(held.created_at_ms, item);
        self.updated_at.remove(held.updated_at_ms, item);
        for number in &held.values {
            self.forget(*number, item);
        }
        true
    }

    /// Returns whether an item is there.
    #[must_use]
    pub fn contains(&self, item: ItemId) -> bool {
        self.held.contains_key(&item.0)
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Returns whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Counts the bytes that are held, about.
    ///
    /// Costs a step for each distinct value and each item.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let fields = self.fields.iter().flatten();
        let fields: usize = fields
            .map(|field| field.name.len() + size_of::<NamedField>() + field.values.bytes())
            .sum();
        let numbers = self.held.values().map(|held| size_of_val(&*held.values));
        // A hash table is between 7/8 and 7/16 full and has a byte more for each place.
        let held = self.held.capacity() * 8 / 7 * (size_of::<(u64, HeldItem)>() + 1);
        let times = self.created_at.bytes() + self.updated_at.bytes();
        let values = self.values.bytes() + numbers.sum::<usize>();
        fields + values + held + times + bitmap_bytes(&self.items)
    }

    /// Returns the values of a field, where any item has one.
    pub(super) fn field(&self, name: &str) -> Option<&FieldValues> {
        let number = self.numbers.get(name)?;
        let named = self.fields.get(*number as usize)?.as_ref()?;
        Some(&named.values)
    }

    /// Notes what is within an object, to which `path` leads unless it is the metadata itself; returns its entries as they are
    /// held.
    fn put_entries(
        &mut self,
        item: u64,
        path: Option<&str>,
        entries: &Map<String, Value>,
        values: &mut Vec<u32>,
    ) -> Vec<(Arc<str>, ValueKey)> {
        let mut name = String::new();
        let mut held = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            name.clear();
            name.push_str(path.unwrap_or_default());
            push_key(&mut name, key, path.is_none());
            held.push((key.as_str().into(), self.put(item, &name, value, values)));
        }
        held
    }

    /// Notes a value, and what is within it, and returns its key as it is held. Null is as good as nothing.
    fn put(&mut self, item: u64, name: &str, value: &Value, values: &mut Vec<u32>) -> ValueKey {
        let key = match value {
            Value::Null => return ValueKey::Null,
            Value::Object(entries) => {
                ValueKey::object(self.put_entries(item, Some(name), entries, values))
            }
            Value::Array(elements) => {
                let elements = elements.iter().map(ValueKey::of);
                let held = elements.map(|key| self.note(item, name, Role::Element, key, values));
                ValueKey::List(held.collect())
            }
            value => ValueKey::of(value),
        };
        self.note(item, name, Role::Value, key, values)
    }

    /// Notes a key of a field, and returns it as it is held.
    fn note(
        &mut self,
        item: u64,
        name: &str,
        role: Role,
        key: ValueKey,
        values: &mut Vec<u32>,
    ) -> ValueKey {
        let field = self.number_of(name);
        let Some(Some(named)) = self.fields.get_mut(field as usize) else {
            return key;
        };
        let number = named
            .values
            .insert(&mut self.values, (field, role), key.clone(), item);
        values.push(number);
        self.values
            .get(number)
            .map_or(key, |known| known.key.clone())
    }

    /// Notes that an item does not have a value any more, nor the field any values, where that was the last.
    fn forget(&mut self, number: u32, item: u64) {
        let Some(known) = self.values.get_mut(number) else {
            return;
        };
        let (field, role, is_left) = (known.field, known.role, known.postings.remove(item));
        let gone = if is_left {
            None
        } else {
            self.values.remove(number)
        };
        let Some(Some(named)) = self.fields.get_mut(field as usize) else {
            return;
        };
        named.values.forget(role, item);
        if let Some(gone) = gone {
            named.values.remove(role, &gone.key);
        }
        if named.values.is_empty() {
            self.numbers.remove(&named.name);
            self.fields[field as usize] = None;
            self.free.push(field);
        }
    }

    fn number_of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name: Arc<str> = name.into();
        let named = Some(NamedField {
            name: Arc::clone(&name),
            values: FieldValues::default(),
        });
        let number = self.free.pop().unwrap_or(self.fields.len() as u32);
        match self.fields.get_mut(number as usize) {
            Some(field) => *field = named,
            None => self.fields.push(named),
        }
        self.numbers.insert(name, number);
        number
    }
}
