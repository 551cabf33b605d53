//! Filters: conditions, and what joins them.

use serde_json::Value;

use super::{Condition, Field, ItemFields, Operator};
use crate::{Error, Result};

/// Levels of AND, OR and NOT that a filter may have.
pub const MAX_FILTER_DEPTH: usize = 32;

/// Says which items a search may find, by their metadata and times.
///
/// A filter is checked before the scan, so a narrow one costs no recall: the search goes on until it has compared
/// as many items that pass as it would have compared without a filter, or all of them.
///
/// ```
/// use rm_memory::Filter;
/// use serde_json::json;
///
/// let filter = Filter::eq("topic", "food").and(Filter::gte("year", 2024));
/// let same = Filter::from_json(&json!({ "topic": "food", "year": { "gte": 2024 } }))?;
/// assert_eq!(filter, same);
/// # Ok::<(), rm_memory::Error>(())
/// ```
///
/// # Fields
/// A name such as `topic` is a key of the metadata; dots lead into objects, as in `user.name`, but not into arrays. A
/// backslash takes the meaning from the character after it: `user\.name` is one key with a dot in it.
///
/// Names that begin with `#` are an item's own fields, which no metadata can hide: `#created_at` and `#updated_at` (compared
/// with milliseconds since 1970, with a time in RFC 3339 such as `2026-01-31T12:00:00Z`, or with a date, which is its
/// midnight in UTC), `#importance` (a number) and `#id` (a text; `eq`, `ne`, `in` and `nin` alone). A key of the metadata that
/// itself begins with `#` or `$` is written with a backslash before it.
///
/// # Comparisons
/// - A field that an item does not have counts as null. So `ne` and `nin` pass items without the field, as they do in Chroma
///   and MongoDB; `eq` with null passes items where the field is null or missing, and `ne` with null those that have it.
/// - Numbers are compared by value, exactly: 1 equals 1.0, and large integers are not rounded. Nothing is converted: the
///   text `"1"` equals no number, and `true` is not 1.
/// - Arrays and objects are equal as a whole: the same elements in the same order, the same keys with equal values.
/// - `gt`, `gte`, `lt` and `lte` compare numbers with numbers, and texts with texts by code points; with anything else no item
///   passes.
/// - `contains` passes arrays that have an element equal to the value, and texts that have the value as a part, upper and lower
///   case told apart; of anything else nothing.
/// - `not` passes exactly what its filter does not, items without the field included.
///
/// # Limits
/// At most [`MAX_FILTER_DEPTH`] levels of AND, OR and NOT, and 100 levels within a value; a search refuses more.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(pub(crate) Node);

/// Is a part of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Condition(Condition),
}

impl Filter {
    /// Passes items whose field equals a value.
    pub fn eq(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Eq, value.into())
    }

    /// Passes items whose field does not equal a value, and items without the field.
    pub fn ne(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Ne, value.into())
    }

    /// Passes items whose field equals one of some values; of none, nothing.
    pub fn in_<V: Into<Value>>(
        field: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::condition(field.as_ref(), Operator::In, Value::Array(values))
    }

    /// Passes items whose field equals none of some values, and items without the field.
    pub fn nin<V: Into<Value>>(
        field: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::condition(field.as_ref(), Operator::Nin, Value::Array(values))
    }

    /// Passes items whose field is greater than a number, or comes after a text.
    pub fn gt(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Gt, value.into())
    }

    /// Passes items whose field is a number from this one on, or a text.
    pub fn gte(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Gte, value.into())
    }

    /// Passes items whose field is less than a number, or comes before a text.
    pub fn lt(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Lt, value.into())
    }

    /// Passes items whose field is a number up to this one, or a text.
    pub fn lte(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Lte, value.into())
    }

    /// Passes items whose field is an array that has this element, or a text that has this part.
    pub fn contains(field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        Self::condition(field.as_ref(), Operator::Contains, value.into())
    }

    /// Passes what every filter passes; of none, everything.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Node::All(
            filters.into_iter().map(|filter| filter.0).collect(),
        ))
    }

    /// Passes what at least one filter passes; of none, nothing.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self(Node::Any(
            filters.into_iter().map(|filter| filter.0).collect(),
        ))
    }

    /// Passes what both filters pass.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut parts = match self.0 {
            Node::All(parts) => parts,
            part => vec![part],
        };
        parts.push(other.0);
        Self(Node::All(parts))
    }

    /// Passes what either filter passes.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut parts = match self.0 {
            Node::Any(parts) => parts,
            part => vec![part],
        };
        parts.push(other.0);
        Self(Node::Any(parts))
    }

    /// Passes what this filter does not.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "it stands beside `and` and `or`"
    )]
    pub fn not(self) -> Self {
        match self.0 {
            Node::Not(part) => Self(*part),
            part => Self(Node::Not(Box::new(part))),
        }
    }

    /// Returns whether an item passes.
    ///
    /// Costs a look-up and a comparison for each condition. A filter that [`check`](Self::check) refuses passes what happens
    /// to come of it.
    #[must_use]
    pub fn matches(&self, item: &ItemFields<'_>) -> bool {
        self.0.matches(item)
    }

    /// Refuses what every search refuses.
    ///
    /// # Errors
    /// [`Error::InvalidFilter`] for a field that begins with `#` and is none of an item's own, for a comparison of it that it
    /// does not have, a value that it cannot be compared with (an order with something else than a number or a text, a time
    /// that cannot be read), and more nesting than is allowed.
    pub fn check(&self) -> Result<()> {
        // Without recursion, so that no depth can exhaust the stack.
        let mut open = vec![(&self.0, 0)];
        while let Some((node, depth)) = open.pop() {
            if depth > MAX_FILTER_DEPTH {
                return Err(too_deep("a filter"));
            }
            match node {
                Node::All(parts) | Node::Any(parts) => {
                    open.extend(parts.iter().rev().map(|part| (part, depth + 1)));
                }
                Node::Not(part) => open.push((part, depth + 1)),
                Node::Condition(condition) => {
                    let operator = condition.operator.name();
                    condition.check(&format!("{}.{operator}", condition.field))?;
                }
            }
        }
        Ok(())
    }

    fn condition(field: &str, operator: Operator, value: Value) -> Self {
        let condition = Condition::new(Field::parse(field), operator, value);
        Self(Node::Condition(condition))
    }
}

impl Node {
    fn matches(&self, item: &ItemFields<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(item)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(item)),
            Self::Not(part) => !part.matches(item),
            Self::Condition(condition) => condition.matches(item),
        }
    }
}

/// Says that a filter has more levels than is allowed.
pub(super) fn too_deep(at: &str) -> Error {
    Error::InvalidFilter {
        at: at.into(),
        expected: format!("at most {MAX_FILTER_DEPTH} levels of AND, OR and NOT"),
        got: "more".into(),
    }
}
