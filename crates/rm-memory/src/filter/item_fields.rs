//! What a filter looks at.

use serde_json::{Map, Number, Value};

use super::field::{Field, OwnField, entry};
use crate::MemoryItem;

/// Is what a [`Filter`](crate::Filter) can ask about one item.
///
/// ```
/// use rm_memory::{Filter, ItemFields};
/// use serde_json::json;
///
/// let metadata = json!({ "topic": "food", "user": { "name": "Ada" } });
/// let item = ItemFields {
///     id: "meal-1",
///     metadata: metadata.as_object().expect("an object"),
///     created_at_ms: 1_769_860_800_000,
///     updated_at_ms: 1_769_860_800_000,
///     importance: 0.8,
/// };
/// assert!(Filter::eq("user.name", "Ada").matches(&item));
/// assert!(Filter::gte("#created_at", "2026-01-31").matches(&item));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItemFields<'a> {
    /// The user's id of the item, `#id`.
    pub id: &'a str,
    /// What was said about it.
    pub metadata: &'a Map<String, Value>,
    /// When it was first added, in milliseconds since 1970, `#created_at`.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970, `#updated_at`.
    pub updated_at_ms: i64,
    /// How much it matters, from 0 to 1, `#importance`.
    pub importance: f32,
}

/// Is the value of a field that an item does not have.
static NULL: Value = Value::Null;

impl<'a> ItemFields<'a> {
    /// Takes the fields of an item, and how much it matters.
    #[must_use]
    pub fn of(item: &'a MemoryItem, importance: f32) -> Self {
        Self {
            id: &item.id,
            metadata: &item.metadata,
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
            importance,
        }
    }

    /// Hands the value of a field to `see`; of one that is not there, null.
    pub(super) fn with<R>(&self, field: &Field, see: impl FnOnce(&Value) -> R) -> R {
        match field {
            Field::Metadata(keys) => see(entry(self.metadata, keys).unwrap_or(&NULL)),
            Field::Own(OwnField::Id) => see(&self.id.into()),
            Field::Own(OwnField::CreatedAt) => see(&self.created_at_ms.into()),
            Field::Own(OwnField::UpdatedAt) => see(&self.updated_at_ms.into()),
            Field::Own(OwnField::Importance) => see(&decimal(self.importance)),
            Field::Unknown(_) => see(&NULL),
        }
    }
}

/// Returns the number that a float is written as: 0.8 for the `f32` nearest to it, which as an `f64` would be 0.800000012.
pub(crate) fn decimal(float: f32) -> Value {
    let written = float.to_string().parse::<f64>().ok();
    written
        .and_then(Number::from_f64)
        .map_or(Value::Null, Value::Number)
}
