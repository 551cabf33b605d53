//! Namespaces in one file see nothing of each other.

mod rmem;

use rmem::{Outcome, Rmem, ended, ids};
use serde_json::json;

#[test]
fn each_has_its_own_items() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let acme = ["--namespace", "acme/support"];
    rmem.done(&[&["add", "Tea for customers", "--id", "a"], &acme[..]].concat())?;
    let found = rmem.json(&[&["search", "tea"], &acme[..]].concat())?;
    assert_eq!(ids(&found["results"]), ["a"]);
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    let stats = rmem.json(&[&["stats"], &acme[..]].concat())?;
    assert_eq!(stats["items"], 1);
    assert_eq!(
        stats["namespaces"],
        json!([{"name": "", "items": 3}, {"name": "acme/support", "items": 1}])
    );
    rmem.done(&[&["delete", "--all"], &acme[..]].concat())?;
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    Ok(())
}

#[test]
fn a_variable_names_one_as_well() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut command = rmem.command();
    command
        .env("RMEM_NAMESPACE", "acme")
        .args(["list", "--count"]);
    assert_eq!(ended(command, b"")?.stdout, "0\n");
    rmem.refused(&["list", "--namespace", " acme"], 1)?;
    Ok(())
}
