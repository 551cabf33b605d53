//! A file written by the released format stays readable, and its state is what it was.

use std::fs;

use rm_store::{Snapshot, SqliteStore, Store};

use crate::samples::Outcome;

#[test]
fn the_file_of_version_2_reads_as_when_it_was_written() -> Outcome {
    reads_as_written("format-2")
}

#[test]
fn the_file_of_version_3_reads_as_when_it_was_written() -> Outcome {
    reads_as_written("format-3")
}

#[test]
fn the_file_of_version_4_reads_as_when_it_was_written() -> Outcome {
    reads_as_written("format-4")
}

fn reads_as_written(fixture: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fs::copy(fixtures.join(format!("{fixture}.sqlite")), &path)?;
    let store = SqliteStore::open(&path)?;
    store.check()?;
    let mut text = Snapshot::of(&store)?.to_string();
    for (name, _) in store.namespaces()? {
        if !name.is_empty() {
            let snapshot = Snapshot::of(store.in_namespace(&name)?.as_ref())?;
            text += &format!("namespace {name:?}\n{snapshot}");
        }
    }
    assert_eq!(
        text,
        fs::read_to_string(fixtures.join(format!("{fixture}.txt")))?
    );
    Ok(())
}
