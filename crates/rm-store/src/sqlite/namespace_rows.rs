//! Rows of the table `namespaces`.

use rusqlite::Row;

use super::database::Database;
use super::row_checksums::namespace_checksum;
use super::rows::verify;
use crate::Result;
use crate::namespace::NamespaceId;

/// Is a row of the table `namespaces`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NamespaceRow {
    pub(super) number: NamespaceId,
    /// The largest key that an item of it has ever had.
    pub(super) last_key: i64,
    pub(super) revision: u64,
}

impl NamespaceRow {
    /// Is what a namespace has that has no row yet.
    pub(super) fn new(number: NamespaceId) -> Self {
        Self {
            number,
            last_key: *number.keys().start(),
            revision: 0,
        }
    }
}

/// The columns that [`StoredNamespace`] reads.
pub(super) const NAMESPACE_COLUMNS: &str = "number, name, last_key, revision, checksum";

/// Is a row of the table `namespaces` as it was read.
pub(super) struct StoredNamespace {
    number: i64,
    name: String,
    last_key: i64,
    revision: i64,
    checksum: i64,
}

impl StoredNamespace {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            name: row.get(1)?,
            last_key: row.get(2)?,
            revision: row.get(3)?,
            checksum: row.get(4)?,
        })
    }

    /// Reads and verifies the row with this name.
    pub(super) fn named(database: &Database, name: &str) -> Result<Option<NamespaceRow>> {
        let sql = format!("SELECT {NAMESPACE_COLUMNS} FROM namespaces WHERE name = ?1");
        let row = database.first(&sql, [name], Self::read)?;
        match row {
            Some(row) => Ok(Some(row.verified(database)?.1)),
            None => Self::check_missing(database, name).map(|()| None),
        }
    }

    /// Makes sure that a namespace is not there, rather than hidden by a fault of the index of names.
    fn check_missing(database: &Database, name: &str) -> Result<()> {
        let count = |sql: &str| database.first(sql, [], |row| row.get::<_, i64>(0));
        let in_table = count("SELECT count(*) FROM namespaces NOT INDEXED")?;
        let in_index =
            count("SELECT count(*) FROM namespaces INDEXED BY sqlite_autoindex_namespaces_1")?;
        let sql = "SELECT 1 FROM namespaces NOT INDEXED WHERE name = ?1";
        let is_hidden = database.first(sql, [name], |_| Ok(()))?.is_some();
        // Items of a namespace that has no row say that rows are gone.
        let sql = "SELECT coalesce((SELECT max(namespace) FROM items), 0)
                          > coalesce((SELECT max(number) FROM namespaces NOT INDEXED), 0)";
        let are_gone = database.first(sql, [], |row| row.get::<_, bool>(0))? == Some(true);
        if in_table == in_index && !is_hidden && !are_gone {
            return Ok(());
        }
        Err(database.damaged(format!(
            "its index of names does not find namespace {name:?}"
        )))
    }

    /// Returns name and row.
    pub(super) fn verified(self, database: &Database) -> Result<(String, NamespaceRow)> {
        let Self {
            number,
            name,
            last_key,
            revision,
            checksum,
        } = self;
        let sum = namespace_checksum(number, &name, last_key, revision);
        verify(database, checksum, sum, || {
            format!("the row of namespace {number}")
        })?;
        let found = NamespaceId::new(number)
            .ok_or_else(|| database.damaged(format!("{number} is no namespace")))?;
        let row = NamespaceRow {
            number: found,
            last_key,
            revision: revision.cast_unsigned(),
        };
        Ok((name, row))
    }
}
