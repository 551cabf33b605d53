//! What an array, an object and a text equal and contain.

use rm_memory::Filter;
use serde_json::json;

use crate::assert_passes;

#[test]
fn an_array_equals_an_array_as_a_whole() {
    assert_passes(
        &Filter::eq("tags", json!(["a", "b"])),
        &[
            (json!({ "tags": ["a", "b"] }), true),
            (json!({ "tags": ["b", "a"] }), false),
            (json!({ "tags": ["a"] }), false),
            (json!({ "tags": "a" }), false),
        ],
    );
    // One of the values is the whole array, not an element of it.
    assert_passes(
        &Filter::in_("tags", ["a"]),
        &[(json!({ "tags": ["a"] }), false)],
    );
}

#[test]
fn an_object_equals_another_with_the_same_entries() {
    assert_passes(
        &Filter::eq("user", json!({ "name": "Ada", "age": 36 })),
        &[
            (json!({ "user": { "age": 36.0, "name": "Ada" } }), true),
            (json!({ "user": { "name": "Ada" } }), false),
            (
                json!({ "user": { "name": "Ada", "age": 36, "city": null } }),
                false,
            ),
        ],
    );
}

#[test]
fn an_array_contains_its_elements() {
    assert_passes(
        &Filter::contains("tags", "food"),
        &[
            (json!({ "tags": ["food", 1] }), true),
            (json!({ "tags": ["foods"] }), false),
            (json!({ "tags": [["food"]] }), false),
            (json!({ "tags": [] }), false),
            (json!({ "tags": { "food": true } }), false),
        ],
    );
    let filter = Filter::contains("tags", json!([1]));
    assert_passes(
        &filter,
        &[
            (json!({ "tags": [[1.0]] }), true),
            (json!({ "tags": [1] }), false),
        ],
    );
}

#[test]
fn a_text_contains_its_parts() {
    assert_passes(
        &Filter::contains("topic", "oo"),
        &[
            (json!({ "topic": "food" }), true),
            (json!({ "topic": "FOOD" }), false),
            (json!({ "topic": "tea" }), false),
        ],
    );
    assert_passes(
        &Filter::contains("topic", ""),
        &[(json!({ "topic": "" }), true), (json!({}), false)],
    );
}

#[test]
fn texts_are_ordered_by_code_points() {
    // U+FF61 comes before U+1F600, though in UTF-16 it comes after.
    for (less, more) in [
        ("B", "a"),
        ("a", "ab"),
        ("z", "ä"),
        ("\u{ff61}", "\u{1f600}"),
    ] {
        assert_passes(&Filter::gt("t", less), &[(json!({ "t": more }), true)]);
        assert_passes(&Filter::lt("t", more), &[(json!({ "t": less }), true)]);
        assert_passes(
            &Filter::lte("t", less),
            &[(json!({ "t": less }), true), (json!({ "t": more }), false)],
        );
    }
}
