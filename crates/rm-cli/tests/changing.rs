//! One item is shown, changed and forgotten by its id.

mod rmem;

use rmem::{Outcome, Rmem, ids};
use serde_json::json;

#[test]
fn an_item_is_shown_with_what_is_known_about_it() -> Outcome {
    let rmem = Rmem::new()?;
    let words = ["add", "two\nlines", "--id", "t", "--meta", "topic=ui"];
    rmem.done(&words)?;
    let shown = rmem.done(&["get", "t"])?;
    assert!(shown.starts_with("two\nlines\n"), "{shown}");
    assert!(shown.contains("metadata    topic=ui"), "{shown}");
    Ok(())
}

#[test]
fn another_text_is_found_and_the_old_one_is_not() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let words = [
        "update",
        "a",
        "--text",
        "Cats sleep all day",
        "--meta",
        "n=1",
    ];
    assert_eq!(rmem.json(&words)?["text"], "Cats sleep all day");
    let found = rmem.json(&["search", "sleeping cats", "--top-k", "1"])?;
    assert_eq!(ids(&found["results"]), ["a"]);
    let found = rmem.json(&["search", "The user prefers dark mode"])?;
    assert!(!ids(&found["results"]).contains(&"a"), "{found}");
    Ok(())
}

#[test]
fn entries_of_the_metadata_come_and_go_alone() -> Outcome {
    let rmem = Rmem::new()?;
    let words = ["add", "tea", "--id", "t", "--meta", "a=1", "--meta", "b=2"];
    rmem.done(&words)?;
    let words = ["update", "t", "--meta", "c=3", "--unset", "a"];
    assert_eq!(rmem.json(&words)?["metadata"], json!({"b": 2, "c": 3}));
    Ok(())
}

#[test]
fn an_id_that_is_there_is_replaced() -> Outcome {
    let rmem = Rmem::with_texts()?;
    assert_eq!(rmem.done(&["add", "Cats", "--id", "a"])?, "a\n");
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    Ok(())
}

#[test]
fn forgotten_is_gone_and_what_was_not_there_is_said() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let deleted = rmem.run(&["delete", "a", "nobody"])?;
    assert_eq!(deleted.code, Some(1));
    assert_eq!(deleted.stdout, "deleted 1 item\n");
    assert!(deleted.stderr.contains("\"nobody\""), "{deleted:?}");
    let said = rmem.refused(&["get", "a"], 1)?;
    assert!(said.contains("`rmem list`"), "{said}");
    rmem.refused(&["update", "a", "--pin"], 1)?;

    assert_eq!(rmem.done(&["delete", "--all"])?, "deleted 2 items\n");
    rmem.refused(&["delete"], 2)?;
    rmem.refused(&["delete", "b", "--all"], 2)?;
    rmem.refused(&["delete", "b", "--where", "x=1"], 2)?;
    Ok(())
}
