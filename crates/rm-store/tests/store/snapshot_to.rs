//! A copy of a store is its state at one moment, in a file that is there whole or not at all.

use std::fs;

use rm_store::{CentroidId, Changes, Error, MemoryStore, Snapshot, SqliteStore, Store};

use crate::files::files_in;
use crate::samples::{Outcome, codebook, fill, item};

#[test]
fn the_copy_of_a_file_is_the_store() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    fill(&store)?;
    let copy = folder.path().join("copy.db");
    store.snapshot_to(&copy)?;
    store.apply(Changes::new().delete("item-0"))?;
    let copied = SqliteStore::open(&copy)?;
    copied.check()?;
    assert_eq!(copied.count()?, store.count()? + 1);
    copied.apply(Changes::new().delete("item-0"))?;
    assert_eq!(Snapshot::of(&copied)?, Snapshot::of(&store)?);
    Ok(())
}

#[test]
fn a_store_in_ram_is_copied_into_a_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = MemoryStore::new();
    fill(&store)?;
    let acme = store.in_namespace("acme")?;
    let mut changes = Changes::new();
    changes
        .replace_routing(codebook(2), Vec::new())
        .put(item("a", 1), Some(CentroidId(1)))
        .set("queries", "7");
    acme.apply(&changes)?;
    let copy = folder.path().join("copy.db");
    store.snapshot_to(&copy)?;
    let copied = SqliteStore::open(&copy)?;
    copied.check()?;
    // Keys are given anew, and there are gaps among the old ones.
    let without_keys = |store: &dyn Store| -> rm_store::Result<Vec<String>> {
        let shown = Snapshot::of(store)?.to_string();
        let lines = shown.lines().map(|line| match line.split_once(" \"") {
            Some((_, item)) if line.starts_with("  ") => item.to_owned(),
            _ => line.to_owned(),
        });
        Ok(lines.collect())
    };
    assert_eq!(without_keys(&copied)?, without_keys(&store)?);
    let copied = copied.in_namespace("acme")?;
    assert_eq!(without_keys(copied.as_ref())?, without_keys(acme.as_ref())?);
    assert_eq!(copied.setting("queries")?.as_deref(), Some("7"));
    assert_eq!(
        files_in(folder.path())?.first().map(String::as_str),
        Some("copy.db")
    );
    Ok(())
}

#[test]
fn what_exists_is_not_written_over() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    fill(&store)?;
    let target = folder.path().join("copy.db");
    for occupant in ["copy.db", "copy.db-wal", "copy.db-journal"] {
        let occupant = folder.path().join(occupant);
        fs::write(&occupant, "here")?;
        let error = store.snapshot_to(&target).expect_err("it is there");
        assert!(matches!(error, Error::SnapshotExists { .. }), "{error}");
        assert!(error.to_string().contains("does not exist"), "{error}");
        assert_eq!(fs::read(&occupant)?, b"here");
        fs::remove_file(&occupant)?;
    }
    let error = store
        .snapshot_to(&folder.path().join("no folder/copy.db"))
        .expect_err("no folder");
    assert!(matches!(error, Error::MissingFolder { .. }), "{error}");
    let left = files_in(folder.path())?;
    assert!(
        left.iter().all(|name| name.starts_with("memory.db")),
        "{left:?}"
    );
    Ok(())
}
