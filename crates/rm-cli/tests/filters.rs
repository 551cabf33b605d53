//! Metadata goes in with `--meta`, and `--where` and `--filter` confine to it.

mod rmem;

use rmem::{Outcome, Rmem, ids};
use serde_json::json;

fn places() -> Outcome<Rmem> {
    let rmem = Rmem::new()?;
    for (id, text, stars, open) in [
        ("x", "A café with good tea", "stars=4", "open=true"),
        ("y", "A tea house by the river", "stars=5", "open=false"),
        ("z", "Tea from a machine", "stars=1", "open=\"true\""),
    ] {
        let words = ["add", text, "--id", id, "--meta", stars, "--meta", open];
        rmem.done(&words)?;
    }
    Ok(rmem)
}

#[test]
fn values_are_json_where_they_can_be() -> Outcome {
    let rmem = places()?;
    let metadata = |id: &str| rmem.json(&["get", id]);
    assert_eq!(
        metadata("x")?["metadata"],
        json!({"stars": 4, "open": true})
    );
    assert_eq!(
        metadata("z")?["metadata"],
        json!({"stars": 1, "open": "true"})
    );
    Ok(())
}

#[test]
fn searching_listing_and_counting_are_confined() -> Outcome {
    let rmem = places()?;
    let found = rmem.json(&["search", "tea", "--where", "stars>=4"])?;
    let mut found = ids(&found["results"]);
    found.sort_unstable();
    assert_eq!(found, ["x", "y"]);

    let filter = r#"{"OR": [{"stars": 1}, {"open": false}]}"#;
    let listed = rmem.json(&["list", "--filter", filter])?;
    assert_eq!(ids(&listed["items"]), ["y", "z"]);

    let words = [
        "list",
        "--where",
        "stars<5",
        "--where",
        "open=true",
        "--count",
    ];
    assert_eq!(rmem.done(&words)?, "1\n");
    Ok(())
}

#[test]
fn deleting_by_filter_deletes_what_passes() -> Outcome {
    let rmem = places()?;
    assert_eq!(
        rmem.done(&["delete", "--where", "stars!=5"])?,
        "deleted 2 items\n"
    );
    assert_eq!(ids(&rmem.json(&["list"])?["items"]), ["y"]);
    Ok(())
}

#[test]
fn what_means_nothing_is_not_understood() -> Outcome {
    let rmem = places()?;
    for (words, part) in [
        (&["list", "--where", "stars"][..], "expected KEY=VALUE"),
        (&["list", "--where", "#size=3"], "#size"),
        (&["list", "--filter", "{"], "this is no JSON"),
        (
            &["search", "tea", "--filter", r#"{"stars": {"over": 3}}"#],
            "expected one of eq",
        ),
        (&["add", "tea", "--meta", "stars"], "expected KEY=VALUE"),
    ] {
        let said = rmem.refused(words, 2)?;
        assert!(said.contains(part), "{said}");
    }
    Ok(())
}
