//! A field that an item does not have counts as null.

use rm_memory::Filter;
use serde_json::{Value, json};

use crate::assert_passes;

fn items(expected: [bool; 4]) -> [(Value, bool); 4] {
    let metadata = [
        json!({ "n": 1 }),
        json!({ "n": 2 }),
        json!({ "n": null }),
        json!({}),
    ];
    let mut expected = expected.into_iter();
    metadata.map(|metadata| (metadata, expected.next().unwrap_or_default()))
}

#[test]
fn what_is_not_there_differs_from_every_value() {
    assert_passes(&Filter::eq("n", 1), &items([true, false, false, false]));
    assert_passes(&Filter::ne("n", 1), &items([false, true, true, true]));
    assert_passes(
        &Filter::in_("n", [1, 3]),
        &items([true, false, false, false]),
    );
    assert_passes(&Filter::nin("n", [1, 3]), &items([false, true, true, true]));
}

#[test]
fn null_asks_whether_there_is_a_value() {
    assert_passes(
        &Filter::eq("n", Value::Null),
        &items([false, false, true, true]),
    );
    assert_passes(
        &Filter::ne("n", Value::Null),
        &items([true, true, false, false]),
    );
    assert_passes(
        &Filter::in_("n", [json!(null), json!(2)]),
        &items([false, true, true, true]),
    );
}

#[test]
fn null_has_no_order_and_no_parts() {
    assert_passes(&Filter::lt("n", 9), &items([true, true, false, false]));
    assert_passes(&Filter::gte("n", 2), &items([false, true, false, false]));
    assert_passes(
        &Filter::gte("n", 2).not(),
        &items([true, false, true, true]),
    );
    assert_passes(&Filter::contains("n", Value::Null), &items([false; 4]));
}

#[test]
fn of_no_filters_all_pass_and_none_is_any() {
    assert_passes(&Filter::all([]), &items([true; 4]));
    assert_passes(&Filter::any([]), &items([false; 4]));
    assert_passes(&Filter::in_("n", Vec::<i64>::new()), &items([false; 4]));
    assert_passes(&Filter::nin("n", Vec::<i64>::new()), &items([true; 4]));
}
