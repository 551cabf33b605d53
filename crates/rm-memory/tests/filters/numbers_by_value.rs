//! Numbers compare by value, exactly, and nothing is taken for a number that is none.

use rm_memory::Filter;
use serde_json::json;

use crate::assert_passes;

#[test]
fn an_integer_equals_the_same_float() {
    let equal = [
        (json!({ "n": 3 }), true),
        (json!({ "n": 3.0 }), true),
        (json!({ "n": 3.5 }), false),
    ];
    assert_passes(&Filter::eq("n", 3), &equal);
    assert_passes(&Filter::eq("n", 3.0), &equal);
    assert_passes(
        &Filter::eq("n", json!([3])),
        &[(json!({ "n": [3.0] }), true)],
    );
}

#[test]
fn large_integers_are_told_apart() {
    let (even, odd) = (9_007_199_254_740_992_i64, 9_007_199_254_740_993_i64);
    assert_passes(&Filter::eq("n", even), &[(json!({ "n": odd }), false)]);
    assert_passes(
        &Filter::gt("n", even as f64),
        &[(json!({ "n": odd }), true), (json!({ "n": even }), false)],
    );
    assert_passes(
        &Filter::lt("n", u64::MAX),
        &[
            (json!({ "n": i64::MAX }), true),
            (json!({ "n": 1e19 }), true),
        ],
    );
}

#[test]
fn nothing_is_converted() {
    let others = [
        json!({ "n": "3" }),
        json!({ "n": true }),
        json!({ "n": [3] }),
        json!({ "n": { "3": 3 } }),
    ];
    for filter in [
        Filter::eq("n", 3),
        Filter::gte("n", 3),
        Filter::lt("n", 4),
        Filter::contains("n", 0),
    ] {
        let expected = others.clone().map(|metadata| (metadata, false));
        assert_passes(&filter, &expected);
    }
    assert_passes(&Filter::eq("n", 1), &[(json!({ "n": true }), false)]);
    assert_passes(
        &Filter::gt("n", "2"),
        &[(json!({ "n": 3 }), false), (json!({ "n": "3" }), true)],
    );
}
