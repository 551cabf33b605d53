//! Metadata values as keys of an ordered map.

use std::sync::Arc;

use serde_json::Value;

use crate::filter::Exact;

/// Is a value in an order in which values that a filter holds equal are equal, and numbers and texts lie as it orders them,
/// side by side.
///
/// A copy shares its text or its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ValueKey {
    Null,
    Bool(bool),
    Number(Exact),
    Text(Arc<str>),
    List(Arc<[ValueKey]>),
    /// Entries in the order of their keys.
    Object(Arc<[(Arc<str>, ValueKey)]>),
}

impl ValueKey {
    /// Takes a value, parts included.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(is) => Self::Bool(*is),
            Value::Number(number) => Self::Number(Exact::of(number)),
            Value::String(text) => Self::Text(text.as_str().into()),
            Value::Array(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Value::Object(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (key.as_str().into(), Self::of(value)));
                Self::object(entries.collect())
            }
        }
    }

    /// Makes an object of entries in any order.
    pub(super) fn object(mut entries: Vec<(Arc<str>, Self)>) -> Self {
        entries.sort_unstable();
        Self::Object(entries.into())
    }

    /// Returns the largest key that comes before all numbers.
    pub(super) fn before_numbers() -> Self {
        Self::Bool(true)
    }

    /// Returns the smallest text, which comes after all numbers.
    pub(super) fn first_text() -> Self {
        Self::Text("".into())
    }

    /// Returns the smallest key that comes after all texts.
    pub(super) fn after_texts() -> Self {
        Self::List([].into())
    }

    /// Returns the bytes that the key holds beside itself; those of its parts are left to the places where these stand
    /// alone.
    pub(super) fn bytes(&self) -> usize {
        /// The two counts of an `Arc`.
        const COUNTS: usize = 2 * size_of::<usize>();
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => 0,
            Self::Text(text) => COUNTS + text.len(),
            Self::List(elements) => COUNTS + size_of_val(&**elements),
            Self::Object(entries) => {
                let names = entries.iter().map(|(name, _)| COUNTS + name.len());
                COUNTS + size_of_val(&**entries) + names.sum::<usize>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_lie_side_by_side() {
        let rising = [
            ValueKey::Null,
            ValueKey::of(&json!(false)),
            ValueKey::before_numbers(),
            ValueKey::of(&json!(-1e300)),
            ValueKey::of(&json!(1)),
            ValueKey::of(&json!(1.5)),
            ValueKey::of(&json!(1e300)),
            ValueKey::first_text(),
            ValueKey::of(&json!("a")),
            ValueKey::of(&json!("\u{10ffff}")),
            ValueKey::after_texts(),
            ValueKey::of(&json!([null])),
            ValueKey::of(&json!({})),
        ];
        assert!(rising.is_sorted_by(|a, b| a < b), "{rising:?}");
        assert_eq!(
            ValueKey::of(&json!({"a": 1, "b": [2]})),
            ValueKey::of(&json!({"b": [2.0], "a": 1}))
        );
    }

    #[test]
    fn a_key_is_small() {
        assert!(size_of::<ValueKey>() <= 24);
    }
}
