//! Filters come back from JSON as they were, and JSON is read as other systems write it.

use proptest::prelude::*;
use rm_memory::Filter;
use serde_json::json;

use crate::random_filters::{filter, item};

#[test]
fn the_ways_to_write_it_mean_the_same() -> crate::Outcome {
    let food = || Filter::eq("topic", "food");
    let starred = || Filter::gte("stars", 3);
    for (json, filter) in [
        (json!({ "topic": "food" }), food()),
        (json!({ "topic": { "eq": "food" } }), food()),
        (json!({ "topic": { "$eq": "food" } }), food()),
        (
            json!({ "AND": [{ "topic": { "eq": "food" } }, { "stars": { "gte": 3 } }] }),
            food().and(starred()),
        ),
        (
            json!({ "$and": [{ "topic": "food" }, { "stars": { "$gte": 3 } }] }),
            food().and(starred()),
        ),
        (
            json!({ "stars": { "gte": 3 }, "topic": "food" }),
            starred().and(food()),
        ),
        (
            json!({ "or": [{ "topic": "food" }, { "stars": { "gte": 3 } }] }),
            food().or(starred()),
        ),
        (json!({ "NOT": { "topic": "food" } }), food().not()),
        (json!({ "NOT": [{ "topic": "food" }] }), food().not()),
        (
            json!({ "NOT": [{ "topic": "food" }, { "stars": { "gte": 3 } }] }),
            food().or(starred()).not(),
        ),
        (
            json!({ "stars": { "gte": 3, "lt": 5 } }),
            starred().and(Filter::lt("stars", 5)),
        ),
        (json!({ "tags": ["a"] }), Filter::eq("tags", json!(["a"]))),
        (json!({ "topic": null }), Filter::eq("topic", json!(null))),
        (
            json!({ "topic": { "in": ["a"] } }),
            Filter::in_("topic", ["a"]),
        ),
        (
            json!({ "topic": { "nin": ["a"] } }),
            Filter::nin("topic", ["a"]),
        ),
        (json!({ "topic": { "ne": "a" } }), Filter::ne("topic", "a")),
        (
            json!({ "topic": { "contains": "a" } }),
            Filter::contains("topic", "a"),
        ),
        (json!({ "n": { "gt": 1 } }), Filter::gt("n", 1)),
        (json!({ "n": { "lte": 1 } }), Filter::lte("n", 1)),
        (json!({}), Filter::all([])),
        (json!({ "AND": [] }), Filter::all([])),
        (json!({ "OR": [] }), Filter::any([])),
    ] {
        assert_eq!(Filter::from_json(&json)?, filter, "{json}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(filter in filter(), item in item()) {
        filter.check()?;
        let json = filter.to_json();
        let read = Filter::from_json(&json)?;
        prop_assert_eq!(read.to_json(), json);
        prop_assert_eq!(read.matches(&item.fields()), filter.matches(&item.fields()));
        prop_assert_eq!(read, filter);
    }

    #[test]
    fn what_is_said_of_and_or_and_not_holds(left in filter(), right in filter(), item in item()) {
        let fields = item.fields();
        let (a, b) = (left.matches(&fields), right.matches(&fields));
        prop_assert_eq!(left.clone().and(right.clone()).matches(&fields), a && b);
        prop_assert_eq!(left.clone().or(right.clone()).matches(&fields), a || b);
        prop_assert_eq!(Filter::all([left.clone(), right.clone()]).matches(&fields), a && b);
        prop_assert_eq!(Filter::any([left.clone(), right]).matches(&fields), a || b);
        prop_assert_eq!(left.not().matches(&fields), !a);
    }
}
