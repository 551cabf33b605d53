//! What filters promise, one behaviour a file.

mod facets_agree;
mod filter_before_is_filter_after;
mod json_and_back;
mod lists_and_texts;
mod missing_is_null;
mod numbers_by_value;
mod own_fields;
mod paths;
mod random_filters;
mod refusals;

use rm_memory::{Filter, ItemFields};
use serde_json::Value;

/// Is what a test returns.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Returns the fields of an item about which nothing is said but its metadata, an object.
fn fields(metadata: &Value) -> ItemFields<'_> {
    ItemFields {
        id: "item",
        metadata: metadata.as_object().expect("an object"),
        created_at_ms: 0,
        updated_at_ms: 0,
        importance: 0.5,
    }
}

/// Returns whether an item with this metadata passes.
fn passes(filter: &Filter, metadata: &Value) -> bool {
    filter.matches(&fields(metadata))
}

/// Asserts what passes: `filter` on each of the metadata.
#[track_caller]
fn assert_passes(filter: &Filter, expected: &[(Value, bool)]) {
    for (metadata, expected) in expected {
        assert_eq!(
            passes(filter, metadata),
            *expected,
            "{} on {metadata}",
            filter.to_json()
        );
    }
}
