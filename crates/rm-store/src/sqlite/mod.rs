//! A store in one SQLite file.

mod assignments;
mod check;
mod connections;
mod database;
mod inspect;
mod model_move;
mod namespace_rows;
mod next_vectors;
mod open;
mod options;
mod read;
mod reader;
mod row_checksums;
mod rows;
mod schema;
mod setting_rows;
mod tables;
mod transaction;
mod view;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use self::connections::Connections;
pub(crate) use self::database::Database;
pub(crate) use self::inspect::{Contents, inspect, open_untouched};
pub use self::model_move::{LastState, ModelMove};
pub use self::next_vectors::NextVectors;
pub(crate) use self::open::{full_path, open_for_import};
pub use self::options::{Durability, Options};
pub(crate) use self::schema::migrate;
pub(crate) use self::tables::SqliteTables;
use crate::Result;
use crate::legacy::ImportReport;
use crate::namespace::NamespaceId;

/// Holds the number of a namespace once it is known; it never changes.
#[derive(Debug, Default)]
pub(crate) struct NamespaceSlot(OnceLock<NamespaceId>);

impl NamespaceSlot {
    fn get(&self) -> Option<NamespaceId> {
        self.0.get().copied()
    }

    fn set(&self, number: NamespaceId) {
        let _ = self.0.set(number);
    }
}

/// Keeps everything in one SQLite file, in a write-ahead log until it is folded in.
///
/// # What is checked, and when
/// - Opening looks at the header, the schema version, every table's definition, and whether the file is as long as its
///   header says. Until all of that has passed nothing is written, so a refused file and its `-wal` stay byte for byte as they
///   were. The cost does not depend on the number of items.
/// - Reading verifies the checksum of every row it returns; [`Store::for_each_vector`](crate::Store::for_each_vector)
///   also that no vector or assignment is missing or left over.
/// - [`Store::check`](crate::Store::check) verifies everything, the structure of the file and its index of ids included.
///
/// What cannot be told from an ordinary crash is damage to the `-wal` file that a crash has left: SQLite takes everything up to
/// the first bad record. A `-wal` beside the file belongs to it; copy or move both.
///
/// # Threads and processes
/// Threads share a store, and processes a file. Reading never waits for writing. Threads that write take turns; processes wait for each
/// other as long as [`Options::busy_timeout`] says. On network file systems SQLite's locks are not to be relied on.
#[derive(Debug)]
pub struct SqliteStore {
    connections: Arc<Connections>,
    namespace: Arc<str>,
    number: NamespaceSlot,
    import: Option<ImportReport>,
}

impl SqliteStore {
    /// Opens the store in the file `path` with the default [`Options`], and creates it when there is none or an empty one.
    ///
    /// A file of an older schema version is migrated. A database of the Python package `routing-memory` is imported in place,
    /// after a copy of it has been written beside it; see [`legacy`](crate::legacy) and [`import_report`](Self::import_report).
    ///
    /// # Errors
    /// - [`Error::NotAFile`](crate::Error::NotAFile), [`Error::MissingFolder`](crate::Error::MissingFolder), [`Error::NotADatabase`](crate::Error::NotADatabase), [`Error::Foreign`](crate::Error::Foreign), [`Error::Newer`](crate::Error::Newer),
    ///   [`Error::Damaged`](crate::Error::Damaged): the file is refused and left as it was;
    /// - [`Error::Legacy`](crate::Error::Legacy): a database of the Python original holds a row that cannot be imported; it is left as it was;
    /// - [`Error::Busy`](crate::Error::Busy), [`Error::ReadOnly`](crate::Error::ReadOnly), [`Error::DiskFull`](crate::Error::DiskFull), [`Error::Io`](crate::Error::Io), [`Error::Sqlite`](crate::Error::Sqlite).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &Options::default())
    }

    /// Opens the store in the file `path` with options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self> {
        let (database, import) = open::open(path.as_ref(), options)?;
        Ok(Self {
            connections: Arc::new(Connections::new(database, options)?),
            namespace: Arc::from(""),
            number: NamespaceSlot::default(),
            import,
        })
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.connections.path()
    }

    /// Says what was imported, when opening this store imported a database of the Python original.
    #[must_use]
    pub fn import_report(&self) -> Option<&ImportReport> {
        self.import.as_ref()
    }

    /// Folds the write-ahead log into the file and closes it. Dropping the store does the same but cannot report an error;
    /// nothing acknowledged is lost either way.
    ///
    /// Where other namespaces of the store are in use, the file stays open until they are dropped.
    ///
    /// # Errors
    /// [`Error::Sqlite`](crate::Error::Sqlite) when the file cannot be closed.
    pub fn close(self) -> Result<()> {
        Arc::into_inner(self.connections).map_or(Ok(()), Connections::close)
    }

    pub(crate) fn with_import(mut self, report: ImportReport) -> Self {
        self.import = Some(report);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Changes, Error, Item, Snapshot, Store};

    fn large_item(id: &str) -> Item {
        let text = "x".repeat(20_000);
        let (id, vector) = (id.to_owned(), vec![1.0, 0.0]);
        Item {
            id,
            text,
            vector,
            ..Item::default()
        }
    }

    #[test]
    fn a_full_disk_loses_nothing() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = SqliteStore::open(folder.path().join("memory.db"))?;
        let limit_pages = |store: &SqliteStore, pages: i64| {
            let database = store.connections.writer();
            let set = database.connection().pragma_update_and_check(
                None,
                "max_page_count",
                pages,
                |row| row.get::<_, i64>(0),
            );
            database.named(set).map(drop)
        };
        limit_pages(&store, 40)?;
        let mut stored = 0;
        let error = loop {
            let before = Snapshot::of(&store)?;
            match store.apply(Changes::new().put(large_item(&stored.to_string()), None)) {
                Ok(_) => stored += 1,
                Err(error) => {
                    assert_eq!(Snapshot::of(&store)?, before);
                    break error;
                }
            }
        };
        assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
        assert!(stored > 0);
        // Deleting works on a full disk, and makes room.
        store.apply(Changes::new().delete("0"))?;
        store.apply(Changes::new().put(large_item("again"), None))?;
        limit_pages(&store, 1_000)?;
        store.apply(Changes::new().put(large_item("more"), None))?;
        store.check()?;
        assert_eq!(store.count()?, stored + 1);
        Ok(())
    }

    #[test]
    fn a_file_that_became_read_only_is_named() -> std::result::Result<(), Box<dyn std::error::Error>>
    {
        let folder = tempfile::tempdir()?;
        let store = SqliteStore::open(folder.path().join("memory.db"))?;
        // Stands for a file system that was remounted; permissions would not stop a test that runs as root.
        let set = store.connections.writer();
        set.connection().pragma_update(None, "query_only", true)?;
        drop(set);
        let error = store.apply(Changes::new().set("a", "b"));
        assert!(matches!(error, Err(Error::ReadOnly { .. })), "{error:?}");
        Ok(())
    }

    #[test]
    fn durability_reaches_sqlite() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        for (durability, expected) in [(Durability::Full, 2), (Durability::Normal, 1)] {
            let options = Options {
                durability,
                ..Options::default()
            };
            let store = SqliteStore::open_with(folder.path().join("memory.db"), &options)?;
            let database = store.connections.writer();
            let found: i64 =
                database
                    .connection()
                    .pragma_query_value(None, "synchronous", |row| row.get(0))?;
            assert_eq!(found, expected, "{durability:?}");
        }
        assert_eq!(Options::default().durability, Durability::Full);
        Ok(())
    }
}
