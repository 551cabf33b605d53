//! A file of an older schema version is brought up to date and keeps what it holds.

use std::path::Path;

use rm_store::{CentroidId, Changes, Item, ItemId, SqliteStore, Store};
use rusqlite::{Connection, params};

use crate::refusal::leave_log;
use crate::samples::{Outcome, codebook, item};

/// Schema version 1 as it was released. This text is a record and is never edited: if it no longer fits, a released step was.
const VERSION_1: &str = "
CREATE TABLE items (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE vectors (
    key INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1380803949;
PRAGMA user_version = 1;
";

#[test]
fn a_file_of_version_1_is_migrated() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    write_version_1(&path)?;
    check_migrated(&path)
}

#[test]
fn a_file_of_version_1_with_a_log_is_migrated() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    write_version_1(&path)?;
    leave_log(
        &path,
        "PRAGMA journal_mode = WAL; CREATE TABLE more (id); DROP TABLE more",
    )?;
    check_migrated(&path)
}

fn check_migrated(path: &Path) -> Outcome {
    let store = SqliteStore::open(path)?;
    store.check()?;
    assert_eq!(
        store.get("a")?.map(|stored| (stored.key, stored.item)),
        Some((ItemId(5), item("a", 1)))
    );
    assert_eq!(store.setting("dim")?.as_deref(), Some("4"));
    assert_eq!(store.routing()?, None);
    store.apply(Changes::new().replace_routing(codebook(1), vec![(ItemId(5), CentroidId(0))]))?;
    store.close()?;
    let version: i64 =
        Connection::open(path)?.pragma_query_value(None, "user_version", |row| row.get(0))?;
    assert_eq!(version, 4);
    assert_eq!(SqliteStore::open(path)?.routing()?, Some(codebook(1)));
    Ok(())
}

/// Writes what version 1 wrote: the rows and checksums are made here, not by the code under test.
fn write_version_1(path: &Path) -> Outcome {
    let connection = Connection::open(path)?;
    connection.execute_batch(VERSION_1)?;
    let Item {
        id,
        text,
        metadata,
        vector,
        created_at_ms,
        updated_at_ms,
        ..
    } = item("a", 1);
    let metadata = serde_json::to_string(&metadata)?;
    let key = 5i64;
    let field = |bytes: &[u8]| [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat();
    let row = [
        key.to_le_bytes().to_vec(),
        field(id.as_bytes()),
        field(text.as_bytes()),
        field(metadata.as_bytes()),
        created_at_ms.to_le_bytes().to_vec(),
        updated_at_ms.to_le_bytes().to_vec(),
    ];
    connection.execute(
        "INSERT INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key,
            id,
            text,
            metadata,
            created_at_ms,
            updated_at_ms,
            crc32fast::hash(&row.concat())
        ],
    )?;
    let vector: Vec<u8> = vector
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let row = [key.to_le_bytes().to_vec(), field(&vector)].concat();
    connection.execute(
        "INSERT INTO vectors VALUES (?1, ?2, ?3)",
        params![key, crc32fast::hash(&row), vector],
    )?;
    let row = [field(b"dim"), field(b"4")].concat();
    connection.execute(
        "INSERT INTO settings VALUES ('dim', '4', ?1)",
        [crc32fast::hash(&row)],
    )?;
    Ok(())
}
