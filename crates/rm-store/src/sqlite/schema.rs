//! The tables, version by version.

use rusqlite::{Connection, Transaction};

use super::assignments;

/// Marks a file as ours in its header (`PRAGMA application_id`): "RMem" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x524d_656d;

/// The schema version this crate reads and writes (`PRAGMA user_version`).
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// What leads from each version to the next. A step that has been released is never edited.
const STEPS: [&str; 4] = [ITEMS, ROUTING, PACKED, NAMESPACES];

/// Version 1: items, with the vectors apart from the texts so that loading reads nothing but vectors. Keys are never
/// reused (`AUTOINCREMENT`), so a stale key can name no other item.
const ITEMS: &str = "
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
";

/// Version 2: routing. One row per centroid, so that a small step rewrites only what it moved, and assignments apart from
/// the vectors, so that moving an item rewrites no vector.
const ROUTING: &str = "
CREATE TABLE assignments (
    key INTEGER PRIMARY KEY,
    centroid INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE routing (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    dim INTEGER NOT NULL,
    k INTEGER NOT NULL,
    trained_on INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    k_rule TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE centroids (
    position INTEGER PRIMARY KEY,
    last_used_ms INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
";

/// Version 3: packed lists, one row for each so that packing rewrites only those that have changed, and the keys of items
/// that changed since.
const PACKED: &str = "
CREATE TABLE packed_lists (
    position INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    list BLOB NOT NULL
) STRICT;
CREATE TABLE changed_items (
    key INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL
) STRICT;
";

/// Version 4: namespaces, each of which is a range of keys in every table ([`NamespaceId`](crate::namespace::NamespaceId)), the
/// default one from 0 on, so that what is there stays where it is; how long items are to be kept; and a log of changes in place of
/// `changed_items`, so that other processes can follow. Lists are packed anew at the next opening.
///
/// And a second table of vectors, for those of the model that a memory is moved to: in the end the two exchange their names, which
/// takes no longer for a million items than for one ([`ModelMove`](crate::ModelMove)). Renaming puts quotes around a name, so both
/// are renamed here once: whatever was moved, the definitions are the same.
const NAMESPACES: &str = "
CREATE TABLE namespaces (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_key INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE log (
    revision INTEGER PRIMARY KEY,
    record INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE new_items (
    key INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    importance REAL NOT NULL,
    pinned INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (namespace, id)
) STRICT;
INSERT INTO new_items
    SELECT key, 0, id, text, metadata, created_at_ms, updated_at_ms, NULL, 0.5, 0, checksum FROM items ORDER BY key;
DROP TABLE items;
ALTER TABLE new_items RENAME TO items;
CREATE TABLE new_routing (
    namespace INTEGER PRIMARY KEY,
    dim INTEGER NOT NULL,
    k INTEGER NOT NULL,
    trained_on INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    k_rule TEXT NOT NULL,
    packed_at INTEGER,
    checksum INTEGER NOT NULL
) STRICT;
INSERT INTO new_routing SELECT 0, dim, k, trained_on, seed, k_rule, NULL, checksum FROM routing;
DROP TABLE routing;
ALTER TABLE new_routing RENAME TO routing;
DELETE FROM packed_lists;
DROP TABLE changed_items;
ALTER TABLE vectors RENAME TO other_vectors;
ALTER TABLE other_vectors RENAME TO vectors;
CREATE TABLE other_vectors (
    key INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
ALTER TABLE other_vectors RENAME TO next_vectors;
";

/// Has `vectors` and `next_vectors` exchange their names.
pub(crate) const EXCHANGE_VECTORS: &str = "
ALTER TABLE vectors RENAME TO other_vectors;
ALTER TABLE next_vectors RENAME TO vectors;
ALTER TABLE other_vectors RENAME TO next_vectors;
";

/// Name and definition of every table, index, view and trigger in a database.
pub(crate) type Definitions = Vec<(String, Option<String>)>;

/// Leads the database from whatever version it has to [`VERSION`], inside `transaction`.
pub(crate) fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    migrate_to(transaction, VERSION)
}

/// Returns what the schema of `version` has to look like.
pub(crate) fn expected(version: i64) -> rusqlite::Result<Definitions> {
    let connection = Connection::open_in_memory()?;
    let transaction = connection.unchecked_transaction()?;
    migrate_to(&transaction, version)?;
    definitions(&transaction)
}

/// Returns what the schema of `connection` does look like, leaving out what SQLite adds for itself.
pub(crate) fn definitions(connection: &Connection) -> rusqlite::Result<Definitions> {
    connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn migrate_to(transaction: &Transaction<'_>, version: i64) -> rusqlite::Result<()> {
    let from: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (step, next) in STEPS.iter().zip(1..=version) {
        if next > from {
            transaction.execute_batch(step)?;
        }
    }
    if (1..4).contains(&from) && version >= 4 {
        assignments::assign_to_none(transaction, 0..=i64::MAX)?;
    }
    if from < version {
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_leads_to_the_same_schema() {
        let newest = expected(VERSION).expect("an empty database migrates");
        for version in 0..=VERSION {
            let connection = Connection::open_in_memory().expect("opens");
            let transaction = connection.unchecked_transaction().expect("begins");
            migrate_to(&transaction, version).expect("reaches the older version");
            migrate(&transaction).expect("reaches the newest version");
            assert_eq!(
                definitions(&transaction).expect("reads"),
                newest,
                "from {version}"
            );
            let marks: (i64, i64) = transaction
                .query_row("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .expect("reads");
            assert_eq!(marks, (APPLICATION_ID, VERSION));
        }
    }
}
