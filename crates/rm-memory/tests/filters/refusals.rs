//! What means nothing is refused, with what was expected, what came, and where.

use rm_memory::{Filter, MAX_FILTER_DEPTH};
use serde_json::{Value, json};

/// Asserts how JSON is refused.
#[track_caller]
fn assert_refused(json: &Value, message: &str) {
    let refused = Filter::from_json(json).map(|filter| filter.to_json());
    assert_eq!(refused.unwrap_err().to_string(), message, "{json}");
}

#[test]
fn json_that_is_no_filter() {
    let operators = "expected one of eq, ne, in, nin, gt, gte, lt, lte, contains (\"user.name\" leads into an object, \
                     \"eq\" compares with one), got";
    for (json, message) in [
        (
            json!(3),
            "at the top: expected an object such as {\"topic\": \"food\"}, got 3",
        ),
        (
            json!({ "AND": 3 }),
            "at AND: expected an array of filters, got 3",
        ),
        (
            json!({ "AND": [{}, []] }),
            "at AND[1]: expected an object such as {\"topic\": \"food\"}, got an array of 0",
        ),
        (
            json!({ "$nor": [] }),
            "at $nor: expected a field, AND, OR or NOT (a backslash before it makes it a field), got $nor",
        ),
        (json!({ "n": {} }), &format!("at n: {operators} none")),
        (
            json!({ "n": { "like": 1 } }),
            &format!("at n.like: {operators} \"like\""),
        ),
        (
            json!({ "OR": [{ "n": { "gt": null } }] }),
            "at OR[0].n.gt: expected a number or a text, got null",
        ),
        (
            json!({ "n": { "in": "a" } }),
            "at n.in: expected an array of values, got the text \"a\"",
        ),
        (
            json!({ "#created_at": { "gt": "yesterday" } }),
            "at #created_at.gt: expected milliseconds since 1970 or a time such as 2026-01-31T12:00:00Z or \
             2026-01-31, got the text \"yesterday\"",
        ),
        (
            json!({ "#created_at": { "contains": 1 } }),
            "at #created_at.contains: expected one of eq, ne, in, nin, gt, gte, lt or lte for #created_at, got contains",
        ),
        (
            json!({ "#importance": "high" }),
            "at #importance: expected a number, got the text \"high\"",
        ),
        (
            json!({ "#id": { "nin": [1] } }),
            "at #id.nin: expected an item id, a text, got 1",
        ),
        (
            json!({ "#id": { "gt": "a" } }),
            "at #id.gt: expected one of eq, ne, in or nin for #id, got gt",
        ),
        (
            json!({ "#size": 1 }),
            "at #size: expected one of #id, #created_at, #updated_at, #importance, or \\#size for an entry of the \
             metadata, got the field #size",
        ),
    ] {
        assert_refused(&json, &format!("filter {message}"));
    }
}

#[test]
fn a_filter_that_was_put_together_is_checked_too() {
    for filter in [
        Filter::gt("n", true),
        Filter::gt("n", f64::NAN),
        Filter::eq("#when", 1),
        Filter::eq("n", 1).and(Filter::lt("#created_at", "soon").not()),
        Filter::contains("#id", "a"),
    ] {
        assert!(filter.check().is_err(), "{}", filter.to_json());
    }
}

#[test]
fn nesting_has_a_limit() -> crate::Outcome {
    let nested = |levels| (0..levels).fold(json!({ "n": 1 }), |inner, _| json!({ "NOT": [inner] }));
    assert!(Filter::from_json(&nested(MAX_FILTER_DEPTH)).is_ok());
    assert!(Filter::from_json(&nested(MAX_FILTER_DEPTH + 1)).is_err());
    let both = nested(MAX_FILTER_DEPTH - 1);
    let filter = Filter::from_json(&both)?;
    assert!(filter.clone().and(filter.clone()).check().is_ok());
    assert!(
        filter
            .clone()
            .and(filter.clone())
            .or(filter)
            .check()
            .is_err()
    );
    Ok(())
}

#[test]
fn no_depth_exhausts_the_stack() {
    let deep =
        |levels, wrap: fn(Value) -> Value| (0..levels).fold(json!(1), |inner, _| wrap(inner));
    for levels in [200, 2_000] {
        for wrap in [
            |inner| json!({ "NOT": inner }),
            |inner| json!({ "AND": [inner, {}] }),
            |inner| json!({ "a": { "eq": inner } }),
            |inner| json!([inner]),
        ] {
            assert!(Filter::from_json(&deep(levels, wrap)).is_err());
        }
    }
    let value = deep(200, |inner| json!([inner]));
    assert!(Filter::eq("a", value).check().is_err());
    // A chain of the same kind is no nesting.
    let chain = (0..10_000).fold(Filter::eq("n", 0), |filter, n| {
        filter.or(Filter::eq("n", n))
    });
    assert!(chain.check().is_ok());
}
