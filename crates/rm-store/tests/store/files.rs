//! Which paths can be opened, and what is said of those that cannot.

use std::fs;
use std::path::Path;

use rm_store::{Changes, Error, SqliteStore, Store};

use crate::samples::{Outcome, item, put_all};

#[test]
fn a_missing_folder_is_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("not/there");
    let error = SqliteStore::open(missing.join("memory.db")).expect_err("no folder");
    assert!(
        matches!(&error, Error::MissingFolder { folder, .. } if *folder == missing),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .ends_with("does not exist; create it first"),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

#[test]
fn a_folder_is_no_database() -> Outcome {
    let folder = tempfile::tempdir()?;
    let error = SqliteStore::open(folder.path()).expect_err("a folder");
    assert!(matches!(error, Error::NotAFile { .. }), "{error}");
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_takes_no_files_is_an_error() {
    let error = SqliteStore::open("/proc/memory.db").expect_err("no files can be made in /proc");
    assert!(matches!(error, Error::Sqlite { .. }), "{error}");
    assert_eq!(error.to_string(), "SQLite failed on /proc/memory.db");
}

#[test]
fn an_empty_file_becomes_a_store() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    fs::write(&path, [])?;
    put_all(&SqliteStore::open(&path)?, &[item("a", 1)])?;
    assert_eq!(SqliteStore::open(&path)?.count()?, 1);
    Ok(())
}

#[test]
fn a_database_without_tables_becomes_a_store() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    // What is left when the process is killed between making the file and making the tables.
    rusqlite::Connection::open(&path)?.execute_batch("PRAGMA journal_mode = WAL")?;
    assert!(fs::metadata(&path)?.len() > 0);
    put_all(&SqliteStore::open(&path)?, &[item("a", 1)])?;
    assert_eq!(SqliteStore::open(&path)?.count()?, 1);
    Ok(())
}

#[test]
fn names_with_a_meaning_to_sqlite_are_files() -> Outcome {
    let folder = tempfile::tempdir()?;
    for name in [":memory:", "file:a?mode=memory", "100%25 #1?.db", "päth.db"] {
        let path = folder.path().join(name);
        put_all(&SqliteStore::open(&path)?, &[item("a", 1)])?;
        assert!(path.is_file(), "{name}");
        assert_eq!(SqliteStore::open(&path)?.count()?, 1, "{name}");
    }
    Ok(())
}

#[test]
#[cfg(unix)]
fn a_link_leads_to_the_file_and_its_log() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (path, link) = (
        folder.path().join("memory.db"),
        folder.path().join("link.db"),
    );
    let store = SqliteStore::open(&path)?;
    put_all(&store, &[item("a", 1)])?;
    std::os::unix::fs::symlink(&path, &link)?;
    // The log is not folded in yet, so only who finds it beside the file sees the item.
    assert_eq!(SqliteStore::open(&link)?.count()?, 1);
    Ok(())
}

#[test]
fn closing_leaves_one_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    store.apply(Changes::new().put(item("a", 1), None))?;
    assert_eq!(store.path(), folder.path().join("memory.db"));
    store.close()?;
    assert_eq!(files_in(folder.path())?, ["memory.db"]);
    Ok(())
}

/// The names of the files in `folder`, in order.
pub(crate) fn files_in(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    names.sort_unstable();
    Ok(names)
}
