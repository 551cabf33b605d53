//! All distinct values, by number.

use super::field_values::Role;
use super::postings::Postings;
use super::value_key::ValueKey;

/// Is a value that some item has.
#[derive(Debug, Clone)]
pub(super) struct KnownValue {
    /// The number of its field.
    pub(super) field: u32,
    pub(super) role: Role,
    pub(super) key: ValueKey,
    pub(super) postings: Postings,
}

/// Holds values by numbers, which items remember them by.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueTable {
    /// `None` where no item has the value any more.
    values: Vec<Option<KnownValue>>,
    free: Vec<u32>,
}

impl ValueTable {
    /// Adds a value and returns its number.
    pub(super) fn add(&mut self, value: KnownValue) -> u32 {
        let number = self.free.pop().unwrap_or(self.values.len() as u32);
        match self.values.get_mut(number as usize) {
            Some(place) => *place = Some(value),
            None => self.values.push(Some(value)),
        }
        number
    }

    pub(super) fn get(&self, number: u32) -> Option<&KnownValue> {
        self.values.get(number as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut KnownValue> {
        self.values.get_mut(number as usize)?.as_mut()
    }

    /// Takes a value out, whose number another one may have from now on.
    pub(super) fn remove(&mut self, number: u32) -> Option<KnownValue> {
        let value = self.values.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(value)
    }

    /// Returns the bytes that are held, about.
    pub(super) fn bytes(&self) -> usize {
        let of_value = |value: &KnownValue| value.key.bytes() + value.postings.bytes();
        let values: usize = self.values.iter().flatten().map(of_value).sum();
        values + self.values.capacity() * size_of::<Option<KnownValue>>() + self.free.capacity() * 4
    }
}
