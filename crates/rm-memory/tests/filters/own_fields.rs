//! An item's own fields are asked for by names that no metadata can take.

use rm_memory::{Filter, ItemFields};
use serde_json::json;

/// 2026-01-31T12:00:00Z.
const NOON_MS: i64 = 1_769_860_800_000;

#[test]
fn times_are_milliseconds_or_written_out() {
    let metadata = json!({ "created_at": "never", "#created_at": 1 });
    let item = ItemFields {
        created_at_ms: NOON_MS,
        updated_at_ms: NOON_MS + 1,
        ..crate::fields(&metadata)
    };
    for (filter, expected) in [
        (Filter::eq("#created_at", NOON_MS), true),
        (Filter::eq("#created_at", "2026-01-31T13:00:00+01:00"), true),
        (
            Filter::in_("#created_at", ["2026-01-30", "2026-01-31T12:00:00Z"]),
            true,
        ),
        (Filter::gt("#created_at", "2026-01-31T12:00:00Z"), false),
        (Filter::gte("#created_at", "2026-01-31"), true),
        (Filter::lt("#created_at", "2026-02-01"), true),
        (Filter::ne("#updated_at", "2026-01-31T12:00:00.001Z"), false),
        // Between two milliseconds.
        (Filter::gt("#updated_at", "2026-01-31T12:00:00.0005Z"), true),
        (
            Filter::lte("#updated_at", "2026-01-31T12:00:00.0019Z"),
            true,
        ),
        (
            Filter::gte("#updated_at", "2026-01-31T12:00:00.0011Z"),
            false,
        ),
        (Filter::eq("created_at", "never"), true),
        (Filter::eq(r"\#created_at", 1), true),
    ] {
        assert_eq!(filter.matches(&item), expected, "{}", filter.to_json());
    }
}

#[test]
fn importance_is_the_number_that_was_given() {
    let metadata = json!({});
    let item = ItemFields {
        importance: 0.8,
        ..crate::fields(&metadata)
    };
    assert!(Filter::eq("#importance", 0.8).matches(&item));
    assert!(Filter::lte("#importance", 0.8).matches(&item));
    assert!(!Filter::gt("#importance", 0.8).matches(&item));
}

#[test]
fn ids_are_named() {
    let metadata = json!({});
    let item = crate::fields(&metadata);
    assert!(Filter::in_("#id", ["item", "other"]).matches(&item));
    assert!(Filter::ne("#id", "other").matches(&item));
    assert!(!Filter::eq("#id", "other").matches(&item));
}
