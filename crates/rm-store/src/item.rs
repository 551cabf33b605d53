//! What one memory item consists of.

use rm_core::{CentroidId, ItemId};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// Levels of nesting that stored metadata may have; the JSON reader stops at 128.
const MAX_METADATA_DEPTH: usize = 100;

/// An item as its user knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The user's id, unique in a store.
    pub id: String,
    /// The text that was remembered.
    pub text: String,
    /// Free-form data of the user's, a JSON object of at most 100 levels.
    pub metadata: Map<String, Value>,
    /// The embedding, as many floats as the store's dimension; finite and not all zero.
    pub vector: Vec<f32>,
    /// When the item was first added, in milliseconds since 1970 (UTC). Kept from the first item when a later one
    /// with the same id replaces it.
    pub created_at_ms: i64,
    /// When the item was last added or replaced, in milliseconds since 1970 (UTC).
    pub updated_at_ms: i64,
    /// From when on the item counts as forgotten, in milliseconds since 1970 (UTC); `None` never. The store takes no notice.
    pub expires_at_ms: Option<i64>,
    /// How much the item matters, from 0 to 1.
    pub importance: f32,
    /// Whether nothing but a deletion by id may remove the item. The store takes no notice.
    pub pinned: bool,
}

/// Importance of an item of which nothing is said.
pub const DEFAULT_IMPORTANCE: f32 = 0.5;

impl Default for Item {
    /// Is empty, without a vector, and of middle importance.
    fn default() -> Self {
        Self {
            id: String::new(),
            text: String::new(),
            metadata: Map::new(),
            vector: Vec::new(),
            created_at_ms: 0,
            updated_at_ms: 0,
            expires_at_ms: None,
            importance: DEFAULT_IMPORTANCE,
            pinned: false,
        }
    }
}

impl Item {
    /// Returns whether the item counts as forgotten at a time, in milliseconds since 1970; a pinned one never does.
    #[must_use]
    pub fn is_expired(&self, now_ms: i64) -> bool {
        !self.pinned && self.expires_at_ms.is_some_and(|at| at <= now_ms)
    }

    /// Refuses a vector or metadata that could not be read back as they are.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(found) = vector_fault(&self.vector) {
            return Err(Error::InvalidVector {
                of: format!("item {:?}", self.id),
                found,
            });
        }
        if !(0.0..=1.0).contains(&self.importance) {
            return Err(Error::InvalidImportance {
                id: self.id.clone(),
                got: self.importance,
            });
        }
        if is_deeper_than(&self.metadata, MAX_METADATA_DEPTH) {
            return Err(Error::MetadataTooDeep {
                id: self.id.clone(),
                limit: MAX_METADATA_DEPTH,
            });
        }
        Ok(())
    }
}

/// An item as it is stored: with its key and the centroid it is assigned to.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredItem {
    /// The store's own number for the item: stable while the item lives, and never given to another one.
    pub key: ItemId,
    /// The centroid whose inverted list holds the item, or `None` when it has not been routed.
    pub centroid: Option<CentroidId>,
    /// The item.
    pub item: Item,
}

/// Says what is wrong with `vector`, if anything is.
pub(crate) fn vector_fault(vector: &[f32]) -> Option<String> {
    if vector.is_empty() {
        return Some("no values".into());
    }
    if let Some(position) = vector.iter().position(|value| !value.is_finite()) {
        return Some(format!("{} at position {position}", vector[position]));
    }
    vector
        .iter()
        .all(|&value| value == 0.0)
        .then(|| "all zeros".into())
}

/// Walks the nesting without recursion, so that no depth can exhaust the stack.
fn is_deeper_than(metadata: &Map<String, Value>, limit: usize) -> bool {
    let mut open: Vec<(&Value, usize)> = metadata.values().map(|value| (value, 1)).collect();
    while let Some((value, depth)) = open.pop() {
        if depth > limit {
            return true;
        }
        match value {
            Value::Array(values) => open.extend(values.iter().map(|inner| (inner, depth + 1))),
            Value::Object(map) => open.extend(map.values().map(|inner| (inner, depth + 1))),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_what_was_found_and_where() {
        assert_eq!(vector_fault(&[0.0, 1.0]), None);
        assert_eq!(vector_fault(&[]).as_deref(), Some("no values"));
        assert_eq!(
            vector_fault(&[1.0, f32::NAN]).as_deref(),
            Some("NaN at position 1")
        );
        assert_eq!(
            vector_fault(&[f32::NEG_INFINITY]).as_deref(),
            Some("-inf at position 0")
        );
        assert_eq!(vector_fault(&[0.0, -0.0]).as_deref(), Some("all zeros"));
    }

    #[test]
    fn depth_counts_levels_below_the_object() {
        let nested = |levels: usize| {
            let value = (1..levels).fold(Value::from(1), |inner, _| Value::Array(vec![inner]));
            Map::from_iter([("a".to_owned(), value)])
        };
        assert!(!is_deeper_than(&nested(3), 3));
        assert!(is_deeper_than(&nested(4), 3));
    }
}
