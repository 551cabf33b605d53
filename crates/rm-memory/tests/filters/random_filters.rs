//! Random items and filters that speak of the same few fields and values, so that many pass and many do not.

use proptest::prelude::*;
use rm_memory::{Filter, ItemFields};
use serde_json::{Map, Value, json};

/// Is what a filter sees of an item, owned.
#[derive(Debug, Clone)]
pub(crate) struct RandomItem {
    id: String,
    metadata: Map<String, Value>,
    created_at_ms: i64,
    updated_at_ms: i64,
    importance: f32,
}

impl RandomItem {
    /// Gives it another id, for ids that are to be unique.
    pub(crate) fn with_id(mut self, id: String) -> Self {
        self.id = id;
        self
    }

    pub(crate) fn fields(&self) -> ItemFields<'_> {
        ItemFields {
            id: &self.id,
            metadata: &self.metadata,
            created_at_ms: self.created_at_ms,
            updated_at_ms: self.updated_at_ms,
            importance: self.importance,
        }
    }
}

/// Draws a number or a text; many are equal, or nearly so.
fn ordered() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3i64..4).prop_map(Value::from),
        (-6i32..7).prop_map(|halves| Value::from(f64::from(halves) / 2.0)),
        prop::sample::select(vec![
            json!(9_007_199_254_740_992_i64),
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_992.0),
            json!(u64::MAX),
            json!(18_446_744_073_709_551_616.0),
            json!(i64::MIN),
            json!(-0.0),
            json!(1e300),
        ]),
        "[ab]{0,2}|[1é\u{10ffff}]".prop_map(Value::from),
    ]
}

/// Draws a value without parts.
fn simple() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        4 => ordered(),
    ]
}

/// Draws a value; arrays and objects among them.
fn value() -> impl Strategy<Value = Value> {
    simple().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let keys = ["a", "b", "", "a.b", "#id", "AND", r"\"];
    prop::sample::select(keys.to_vec()).prop_map(str::to_owned)
}

/// Draws the name of a path of at most three keys.
fn name() -> impl Strategy<Value = String> {
    let escaped = key().prop_map(|key| {
        let characters = key.chars().map(|character| format!("\\{character}"));
        characters.collect::<String>()
    });
    prop::collection::vec(escaped, 1..4).prop_map(|keys| keys.join("."))
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -3i64..4, 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

/// Draws what a time is compared with.
fn time_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        time().prop_map(Value::from),
        (-6i32..7).prop_map(|halves| Value::from(f64::from(halves) / 2.0)),
        prop::sample::select(vec![
            json!(1e300),
            json!(-1e300),
            json!(u64::MAX),
            json!(1e19)
        ]),
        prop::sample::select(vec![
            json!("1970-01-01"),
            json!("1970-01-01T00:00:00.001Z"),
            json!("1969-12-31T23:59:59.9985Z"),
        ]),
    ]
}

/// Draws an item.
pub(crate) fn item() -> impl Strategy<Value = RandomItem> {
    let metadata = prop::collection::btree_map(key(), value(), 0..4);
    let importance = prop::sample::select(vec![0.0, 0.5, 0.8, 1.0]);
    (0u32..9, metadata, time(), time(), importance).prop_map(
        |(id, metadata, created_at_ms, updated_at_ms, importance)| RandomItem {
            id: id.to_string(),
            metadata: metadata.into_iter().collect(),
            created_at_ms,
            updated_at_ms,
            importance,
        },
    )
}

/// Draws one condition.
fn condition() -> impl Strategy<Value = Filter> {
    let time_field = prop::sample::select(vec!["#created_at", "#updated_at"]);
    let ids = prop::collection::vec((0u32..12).prop_map(|id| id.to_string()), 0..4);
    let importance = prop::sample::select(vec![0.0, 0.5, 0.8, 0.81]);
    prop_oneof![
        4 => (name(), value(), 0..3).prop_map(|(name, value, which)| match which {
            0 => Filter::eq(name, value),
            1 => Filter::ne(name, value),
            _ => Filter::contains(name, value),
        }),
        2 => (name(), prop::collection::vec(value(), 0..4), any::<bool>())
            .prop_map(|(name, values, is_in)| if is_in { Filter::in_(name, values) } else { Filter::nin(name, values) }),
        2 => (name(), ordered(), 0..4).prop_map(|(name, value, which)| ordering(name, value, which)),
        2 => (time_field.clone(), time_value(), 0..6).prop_map(|(name, value, which)| match which {
            4 => Filter::eq(name, value),
            5 => Filter::ne(name, value),
            _ => ordering(name, value, which),
        }),
        1 => (time_field, prop::collection::vec(time_value(), 0..3)).prop_map(|(name, values)| Filter::in_(name, values)),
        1 => (importance, 0..4).prop_map(|(value, which)| ordering("#importance", value, which)),
        1 => (ids, any::<bool>())
            .prop_map(|(ids, is_in)| if is_in { Filter::in_("#id", ids) } else { Filter::nin("#id", ids) }),
    ]
}

fn ordering(name: impl AsRef<str>, value: impl Into<Value>, which: i32) -> Filter {
    match which {
        0 => Filter::gt(name, value),
        1 => Filter::gte(name, value),
        2 => Filter::lt(name, value),
        _ => Filter::lte(name, value),
    }
}

/// Draws a filter.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    condition().prop_recursive(4, 24, 4, |inner| {
        let some = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            some.clone().prop_map(Filter::all),
            some.prop_map(Filter::any),
            inner.prop_map(Filter::not),
        ]
    })
}
