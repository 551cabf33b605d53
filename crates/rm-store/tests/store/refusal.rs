//! A file that cannot be opened is left as it was: the same bytes, in it and in its log, and no file beside it that was not there.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use rm_store::{Error, SqliteStore};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::samples::{Outcome, fill};

#[test]
fn what_is_no_database_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notes.txt");
    for content in [
        "x".repeat(10),
        "not a database ".repeat(1_000),
        "SQLite format 3\0".into(),
    ] {
        fs::write(&path, &content)?;
        let error = refused(&path)?;
        assert!(
            matches!(error, Error::NotADatabase { .. } | Error::Damaged { .. }),
            "{error:?}"
        );
    }
    Ok(())
}

#[test]
fn a_database_of_another_program_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let tables = folder.path().join("tables.db");
    Connection::open(&tables)?
        .execute_batch("CREATE TABLE photos (id); INSERT INTO photos VALUES (1)")?;
    let error = refused(&tables)?;
    assert!(
        error
            .to_string()
            .contains("another program (application id 0, schema version 0, tables photos)"),
        "{error}"
    );

    // A journal that SQLite would roll back, and delete, on opening.
    fs::write(beside(&tables, "-journal"), "left by a crash")?;
    assert!(matches!(refused(&tables)?, Error::Foreign { .. }));

    let marked = folder.path().join("marked.db");
    Connection::open(&marked)?
        .execute_batch("PRAGMA application_id = 77; CREATE TABLE items (key)")?;
    assert!(matches!(refused(&marked)?, Error::Foreign { .. }));

    let versioned = folder.path().join("versioned.db");
    Connection::open(&versioned)?.execute_batch("PRAGMA user_version = 5")?;
    assert!(matches!(refused(&versioned)?, Error::Foreign { .. }));

    let beside = folder.path().join("original-and-more.db");
    Connection::open(&beside)?
        .execute_batch("CREATE TABLE rm_items (id); CREATE TABLE more (id)")?;
    assert!(matches!(refused(&beside)?, Error::Foreign { .. }));
    Ok(())
}

#[test]
fn a_newer_database_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = store_in(folder.path())?;
    Connection::open(&path)?.pragma_update(None, "user_version", 5)?;
    let error = refused(&path)?;
    assert!(
        matches!(
            error,
            Error::Newer {
                found: 5,
                supported: 4,
                ..
            }
        ),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_log_left_by_a_crash_stays_as_it_was() -> Outcome {
    let folder = tempfile::tempdir()?;
    let newer = store_in(folder.path())?;
    leave_log(&newer, "PRAGMA user_version = 5")?;
    assert!(matches!(refused(&newer)?, Error::Newer { .. }));

    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign)?.pragma_update(None, "journal_mode", "WAL")?;
    leave_log(&foreign, "CREATE TABLE photos (id)")?;
    let error = refused(&foreign)?;
    assert!(
        error.to_string().contains("photos"),
        "what is in the log counts: {error}"
    );

    let changed = folder.path().join("changed.db");
    fs::copy(&newer, &changed)?;
    leave_log(&changed, "DROP TABLE vectors")?;
    assert!(matches!(refused(&changed)?, Error::Damaged { .. }));
    Ok(())
}

#[test]
fn a_log_without_its_file_is_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = store_in(folder.path())?;
    leave_log(&path, "DELETE FROM settings")?;
    fs::write(&path, [])?;
    let error = refused(&path)?;
    assert!(
        error.to_string().contains("the log beside it holds"),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_truncated_database_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = store_in(folder.path())?;
    let whole = fs::metadata(&path)?.len();
    for bytes in [whole - 1, whole - 8192, whole / 2, 8192, 8191, 100, 99, 1] {
        OpenOptions::new().write(true).open(&path)?.set_len(bytes)?;
        let error = refused(&path).map_err(|error| format!("{bytes} of {whole} bytes: {error}"))?;
        let named = matches!(error, Error::Damaged { .. } | Error::NotADatabase { .. });
        assert!(named, "{bytes} of {whole} bytes: {error:?}");
    }
    Ok(())
}

#[test]
fn tables_that_are_not_ours_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    for change in [
        "DROP TABLE assignments",
        "ALTER TABLE items ADD COLUMN more TEXT",
        "CREATE TABLE more (id)",
        "CREATE TRIGGER busy AFTER INSERT ON items BEGIN DELETE FROM vectors; END",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 0",
    ] {
        let path = store_in(folder.path())?;
        Connection::open(&path)?.execute_batch(change)?;
        let error = refused(&path)?;
        assert!(
            matches!(error, Error::Damaged { .. }),
            "{change}: {error:?}"
        );
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Opens `path`, which must fail, and checks that nothing in its folder has changed.
pub(crate) fn refused(path: &Path) -> Result<Error, Box<dyn std::error::Error>> {
    let folder = path.parent().ok_or("no folder")?;
    let before = contents(folder)?;
    let Err(error) = SqliteStore::open(path) else {
        return Err(format!("{} was opened", path.display()).into());
    };
    let after = contents(folder)?;
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>(),
        "files after {error}"
    );
    assert!(after == before, "bytes changed by {error}");
    Ok(error)
}

/// Every file in `folder` with its bytes.
fn contents(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    fs::read_dir(folder)?
        .map(|entry| entry.and_then(|entry| Ok((entry.path(), fs::read(entry.path())?))))
        .collect()
}

fn store_in(folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let path = folder.join("memory.db");
    let store = SqliteStore::open(&path)?;
    fill(&store)?;
    store.close()?;
    Ok(path)
}

/// Carries out `sql` such that it stands in the log only, as after a crash.
pub(crate) fn leave_log(path: &Path, sql: &str) -> Outcome {
    let connection = Connection::open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch(sql)?;
    drop(connection);
    fs::remove_file(beside(path, "-shm"))?;
    assert!(fs::metadata(beside(path, "-wal"))?.len() > 0);
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
