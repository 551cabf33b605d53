//! Dots lead into objects, and a backslash makes any name a key.

use rm_memory::Filter;
use serde_json::json;

use crate::assert_passes;

#[test]
fn dots_lead_into_objects_alone() {
    assert_passes(
        &Filter::eq("user.name", "Ada"),
        &[
            (json!({ "user": { "name": "Ada" } }), true),
            (json!({ "user.name": "Ada" }), false),
            (json!({ "user": [{ "name": "Ada" }] }), false),
            (json!({ "user": "Ada" }), false),
        ],
    );
    assert_passes(
        &Filter::eq("tags.0", "a"),
        &[(json!({ "tags": ["a"] }), false)],
    );
}

#[test]
fn a_backslash_makes_a_key_of_anything() {
    assert_passes(
        &Filter::eq(r"user\.name", "Ada"),
        &[(json!({ "user.name": "Ada" }), true)],
    );
    assert_passes(
        &Filter::eq(r"\#id", "x"),
        &[(json!({ "#id": "x" }), true), (json!({}), false)],
    );
    assert_passes(&Filter::eq("", 1), &[(json!({ "": 1 }), true)]);
}

#[test]
fn a_field_may_be_named_as_an_operator_is() -> crate::Outcome {
    let filter = Filter::from_json(&json!({ "\\AND": 1, "\\$or": 2, "eq": 3, "not.x": 4 }))?;
    let metadata = json!({ "AND": 1, "$or": 2, "eq": 3, "not": { "x": 4 } });
    assert_passes(&filter, &[(metadata, true)]);
    assert_eq!(Filter::from_json(&filter.to_json())?, filter);
    Ok(())
}
