//! What is exported can be imported, with everything that was said about it; a snapshot is a memory.

mod rmem;

use std::fs;
use std::path::Path;

use rmem::{Outcome, Rmem, ids};

/// A database as the Python original writes it.
const PYTHON_ORIGINAL: &str = "../rm-store/tests/fixtures/python-original.sqlite";

#[test]
fn a_memory_comes_back_as_it_was() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["update", "a", "--meta", "topic=ui", "--pin", "--ttl", "9d"])?;
    rmem.done(&[
        "add",
        "Tea for customers",
        "--namespace",
        "acme",
        "--id",
        "t",
    ])?;
    let said = rmem.done(&["export", "out.jsonl", "--vectors"])?;
    assert_eq!(said, "wrote 4 items to out.jsonl\n");

    let said = rmem.done(&["import", "out.jsonl", "--db", "other.db"])?;
    assert_eq!(said, "added 4 items\n", "nothing was embedded");
    for words in [
        &["get", "a"][..],
        &["list"],
        &["list", "--namespace", "acme"],
    ] {
        let other = rmem.json(&[words, &["--db", "other.db"]].concat())?;
        let mut ours = rmem.json(words)?;
        // A place in the order is the file's own.
        if let Some(next) = ours.get_mut("next") {
            *next = other["next"].clone();
        }
        assert_eq!(ours, other);
    }
    Ok(())
}

#[test]
fn standard_output_and_input_do_as_well() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let exported = rmem.done(&["export"])?;
    assert_eq!(exported.lines().count(), 4, "{exported}");
    let words = ["import", "-", "--namespace", "copy"];
    let said = rmem.done_with(&words, exported.as_bytes())?;
    assert_eq!(said, "added 3 items, embedded 3\n");
    Ok(())
}

#[test]
fn one_namespace_alone_is_exported_where_it_is_named() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["add", "Tea", "--namespace", "acme"])?;
    let exported = rmem.done(&["export", "--namespace", "acme"])?;
    assert_eq!(exported.lines().count(), 2, "{exported}");
    Ok(())
}

#[test]
fn what_is_there_is_not_written_over_unnoticed() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["export", "out.jsonl"])?;
    let said = rmem.refused(&["export", "out.jsonl"], 1)?;
    assert!(said.contains("--force"), "{said}");
    rmem.done(&["export", "out.jsonl", "--force"])?;
    let said = rmem.refused(&["import", "out.jsonl"], 1)?;
    assert!(said.contains("line 2"), "{said}");
    let replaced = rmem.json(&["import", "out.jsonl", "--on-conflict", "replace"])?;
    assert_eq!(replaced["replaced"], 3);
    Ok(())
}

#[test]
fn plain_lines_are_taken_and_others_are_named() -> Outcome {
    let rmem = Rmem::new()?;
    let lines = b"{\"text\": \"tea\", \"colour\": \"green\"}\n";
    let refused = rmem.run_with(&["import", "-"], lines)?;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("colour"), "{refused:?}");
    rmem.done_with(&["import", "-", "--extra", "metadata"], lines)?;
    let count = rmem.done(&["list", "--count", "--where", "colour=green"])?;
    assert_eq!(count, "1\n");
    let said = rmem.refused(&["import", "nowhere.jsonl"], 1)?;
    assert!(said.contains("cannot read nowhere.jsonl"), "{said}");
    Ok(())
}

#[test]
fn a_database_of_the_python_original_is_imported_and_left_as_it_is() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join(PYTHON_ORIGINAL);
    let copy = rmem.folder().join("rm_memory.db");
    fs::copy(original, &copy)?;
    let before = fs::read(&copy)?;
    let imported = rmem.json(&["import", "rm_memory.db", "--namespace", "python"])?;
    let n_added = imported["added"].as_u64().ok_or("nothing was added")?;
    assert!(n_added > 0, "{imported}");
    let listed = rmem.json(&["list", "--all", "--namespace", "python"])?;
    assert_eq!(ids(&listed["items"]).len() as u64, n_added);
    assert_eq!(fs::read(&copy)?, before);
    Ok(())
}

#[test]
fn a_snapshot_is_a_memory() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["snapshot", "copy.db"])?;
    let found = rmem.done(&["search", "morning tea", "--db", "copy.db"])?;
    assert!(found.contains("Green tea"), "{found}");
    rmem.refused(&["snapshot", "copy.db"], 1)?;
    Ok(())
}
