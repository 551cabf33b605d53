//! The vectors of a model that a file is being moved to.

use std::ops::ControlFlow;

use rm_core::ItemId;
use rusqlite::params;

use super::Database;
use super::namespace_rows::StoredNamespace;
use super::reader::{Reader, all_namespaces, bounds};
use super::row_checksums;
use super::rows::{self, TEXT_COLUMNS, TextRow};
use super::tables::count;
use crate::item::vector_fault;
use crate::namespace::NamespaceId;
use crate::{ChangesSince, Error, Result, blob};

/// Reads one state of the vectors to come, and of the items that they belong to.
///
/// An item whose text is changed loses the vector to come that it had, whoever changes it, and so does one that is deleted.
///
/// # Errors
/// Any method fails with [`Error::Damaged`] and [`Error::Sqlite`].
pub struct NextVectors<'d> {
    pub(super) database: &'d Database,
    pub(super) fingerprint: &'d str,
    pub(super) dim: usize,
}

impl NextVectors<'_> {
    /// Returns the number of items of all namespaces, and how many of them have their vector to come.
    pub fn progress(&self) -> Result<(u64, u64)> {
        let items = "SELECT count(*) FROM items WHERE namespace BETWEEN ?1 AND ?2";
        let done = "SELECT count(*) FROM next_vectors WHERE key BETWEEN ?1 AND ?2";
        Ok((
            count(self.database, items, 0..=i64::MAX)?,
            count(self.database, done, 0..=i64::MAX)?,
        ))
    }

    /// Returns key and text of the first `limit` items after the one with the key `after` that have no vector to come, whatever
    /// namespace they are in; `ItemId(0)` comes before all.
    pub fn missing_after(&self, after: ItemId, limit: usize) -> Result<Vec<(ItemId, String)>> {
        let database = self.database;
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM items i LEFT JOIN next_vectors n ON n.key = i.key
             WHERE i.key > ?1 AND n.key IS NULL ORDER BY i.key LIMIT ?2"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = database.prepare(&sql)?;
        let mut found = database.named(statement.query([after.0.cast_signed(), limit]))?;
        let mut texts = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let stored = database.named(TextRow::read(row))?.verified(database)?;
            texts.push((stored.key, stored.item.text));
        }
        Ok(texts)
    }

    /// Returns the user's id of an item.
    pub fn id_of(&self, key: ItemId) -> Result<Option<String>> {
        let sql = "SELECT id FROM items WHERE key = ?1";
        self.database
            .first(sql, [key.0.cast_signed()], |row| row.get(0))
    }

    /// Returns the name of every namespace there has ever been, empty ones included.
    pub fn namespaces(&self) -> Result<Vec<String>> {
        let all = all_namespaces(self.database)?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    /// Returns the number of items of a namespace.
    pub fn count(&self, namespace: &str) -> Result<u64> {
        self.reader(namespace)?.count()
    }

    /// Returns the revision of a namespace.
    pub fn revision(&self, namespace: &str) -> Result<u64> {
        self.reader(namespace)?.revision()
    }

    /// Returns what has changed in a namespace, as [`Store::changes_since`](crate::Store::changes_since) does.
    pub fn changes_since(&self, namespace: &str, since: u64) -> Result<Option<ChangesSince>> {
        self.reader(namespace)?.changes_since(since)
    }

    /// Visits key and vector to come of every item of a namespace that has one, in insertion order, until `visit` breaks.
    pub fn for_each(
        &self,
        namespace: &str,
        visit: &mut dyn FnMut(ItemId, &[f32]) -> ControlFlow<()>,
    ) -> Result<()> {
        let database = self.database;
        let sql = "SELECT key, checksum, vector FROM next_vectors WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
        let mut statement = database.prepare(sql)?;
        let keys = self.number(namespace)?.keys();
        let mut found = database.named(statement.query(bounds(keys)))?;
        let mut vector = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?));
            let (key, checksum, bytes): (i64, i64, &[u8]) = database.named(read())?;
            rows::verify_vector(database, key, checksum, bytes, &mut vector)?;
            if visit(rows::item_id(key), &vector).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Gives items their vectors to come: those that are still there with the same text. `rows` holds them row-major.
    ///
    /// # Errors
    /// [`Error::Dimension`], [`Error::InvalidVector`].
    pub(super) fn put(&self, texts: &[(ItemId, String)], rows: &[f32]) -> Result<()> {
        if rows.len() != texts.len() * self.dim {
            return Err(Error::Dimension {
                of: format!("a block of {} vectors", texts.len()),
                expected: texts.len() * self.dim,
                got: rows.len(),
            });
        }
        let unchanged = "SELECT 1 FROM items WHERE key = ?1 AND text = ?2";
        let insert =
            "INSERT OR REPLACE INTO next_vectors (key, checksum, vector) VALUES (?1, ?2, ?3)";
        for ((item, text), vector) in texts.iter().zip(rows.chunks_exact(self.dim.max(1))) {
            if let Some(found) = vector_fault(vector) {
                let of = format!("item {item}");
                return Err(Error::InvalidVector { of, found });
            }
            let key = item.0.cast_signed();
            let is_unchanged = self
                .database
                .first(unchanged, params![key, text], |_| Ok(()))?;
            if is_unchanged.is_some() {
                let bytes = blob::from_vector(vector);
                let checksum = row_checksums::vector_checksum(key, &bytes);
                self.database
                    .execute(insert, params![key, checksum, bytes])?;
            }
        }
        Ok(())
    }

    fn reader(&self, namespace: &str) -> Result<Reader<'_>> {
        Ok(Reader::new(self.database, self.number(namespace)?))
    }

    fn number(&self, namespace: &str) -> Result<NamespaceId> {
        Ok(match StoredNamespace::named(self.database, namespace)? {
            Some(row) => row.number,
            None if namespace.is_empty() => NamespaceId::DEFAULT,
            None => NamespaceId::EMPTY,
        })
    }
}

impl std::fmt::Debug for NextVectors<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NextVectors")
            .field("fingerprint", &self.fingerprint)
            .field("dim", &self.dim)
            .finish_non_exhaustive()
    }
}
