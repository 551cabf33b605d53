//! The primitive writes in SQLite, inside a transaction of the caller's.

use std::ops::RangeInclusive;

use rm_core::{CentroidId, ItemId};
use rusqlite::params;

use super::assignments::{self, fill_gaps};
use super::database::Database;
use super::namespace_rows::{NamespaceRow, StoredNamespace};
use super::row_checksums;
use super::rows::{self, Keeping};
use super::setting_rows::{read_setting, write_setting};
use crate::apply::{Inserted, Tables};
use crate::changes_since::Logged;
use crate::namespace::NamespaceId;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Error, Item, Result, blob, settings};

/// Writes to one namespace in the tables of a database on which a transaction is under way.
pub(crate) struct SqliteTables<'d> {
    database: &'d Database,
    name: &'d str,
    row: NamespaceRow,
    /// The row as it is stored, if it is.
    stored: Option<NamespaceRow>,
    /// Whether items may be without a row in `assignments`.
    has_gaps: bool,
}

impl<'d> SqliteTables<'d> {
    /// Begins to write to the namespace `name`, which gets a number if it has none.
    pub(crate) fn new(database: &'d Database, name: &'d str) -> Result<Self> {
        let stored = StoredNamespace::named(database, name)?;
        let row = match stored {
            Some(row) => row,
            None => Self::new_row(database, name)?,
        };
        Ok(Self {
            database,
            name,
            row,
            stored,
            has_gaps: false,
        })
    }

    pub(crate) fn namespace(&self) -> NamespaceId {
        self.row.number
    }

    fn new_row(database: &Database, name: &str) -> Result<NamespaceRow> {
        if name.is_empty() {
            let mut row = NamespaceRow::new(NamespaceId::DEFAULT);
            // A file from before there were namespaces has items already.
            let sql = "SELECT max(key) FROM items WHERE key BETWEEN ?1 AND ?2";
            let (first, last) = row.number.keys().into_inner();
            let largest: Option<i64> = database
                .first(sql, [first, last], |row| row.get(0))?
                .flatten();
            row.last_key = largest.unwrap_or(row.last_key);
            return Ok(row);
        }
        let sql = "SELECT coalesce(max(number), 0) FROM namespaces";
        let largest = database.first(sql, [], |row| row.get(0))?.unwrap_or(0);
        let next = NamespaceId::new(largest).and_then(NamespaceId::next);
        next.map(NamespaceRow::new).ok_or_else(|| Error::Exhausted {
            path: database.path().to_owned(),
            what: "namespace",
        })
    }

    fn next_key(&self) -> Result<i64> {
        let next = self.row.last_key + 1;
        if next > *self.row.number.keys().end() {
            return Err(Error::Exhausted {
                path: self.database.path().to_owned(),
                what: "item",
            });
        }
        Ok(next)
    }

    /// Runs a statement on a range of rows, which are its first two parameters.
    fn execute_on(&self, sql: &str, range: RangeInclusive<i64>) -> Result<()> {
        let (first, last) = range.into_inner();
        self.database.execute(sql, [first, last]).map(drop)
    }

    /// Returns the rows of centroids from position `k` on.
    fn rows_from(&self, k: u32) -> RangeInclusive<i64> {
        self.namespace().centroid_row(CentroidId(k))..=*self.namespace().centroid_rows().end()
    }

    fn log_row(&self, revision: u64) -> i64 {
        self.namespace().revisions().start() + revision.cast_signed()
    }

    fn write_centroid(&self, id: CentroidId, bytes: &[u8], usage: CentroidUsage) -> Result<()> {
        let (row, hits) = (self.namespace().centroid_row(id), usage.hits.cast_signed());
        let checksum = row_checksums::centroid_checksum(row, usage.last_used_ms, hits, bytes);
        let sql =
            "INSERT OR REPLACE INTO centroids (position, last_used_ms, hits, checksum, vector)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        self.database
            .execute(sql, params![row, usage.last_used_ms, hits, checksum, bytes])
            .map(drop)
    }

    fn write_vector(&self, key: i64, vector: &[f32]) -> Result<()> {
        let bytes = blob::from_vector(vector);
        let checksum = row_checksums::vector_checksum(key, &bytes);
        let sql = "INSERT OR REPLACE INTO vectors (key, checksum, vector) VALUES (?1, ?2, ?3)";
        self.database
            .execute(sql, params![key, checksum, bytes])
            .map(drop)
    }

    /// Drops the vector that a model to come has given an item, which may be of another text.
    fn drop_next_vector(&self, key: i64) -> Result<()> {
        self.database
            .execute("DELETE FROM next_vectors WHERE key = ?1", [key])
            .map(drop)
    }
}

impl Tables for SqliteTables<'_> {
    fn setting(&self, key: &str) -> Result<Option<String>> {
        read_setting(self.database, &settings::stored_key(self.namespace(), key))
    }

    fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        let key = &settings::stored_key(self.namespace(), key);
        write_setting(self.database, key, value)
    }

    fn find(&self, id: &str) -> Result<Option<(ItemId, i64)>> {
        let sql = "SELECT key, created_at_ms FROM items WHERE namespace = ?1 AND id = ?2";
        self.database
            .first(sql, params![self.namespace().number(), id], |row| {
                Ok((rows::item_id(row.get(0)?), row.get(1)?))
            })
    }

    fn has_item(&self, key: ItemId) -> Result<bool> {
        if !self.namespace().holds(key) {
            return Ok(false);
        }
        let found = self.database.first(
            "SELECT 1 FROM items WHERE key = ?1",
            [key.0.cast_signed()],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    fn insert_item(&mut self, item: &Item) -> Result<Inserted> {
        let key = self.next_key()?;
        let metadata = metadata_text(item)?;
        let keeping = Keeping::of(item);
        let Item {
            id,
            text,
            created_at_ms,
            updated_at_ms,
            ..
        } = item;
        let times = [*created_at_ms, *updated_at_ms];
        let checksum = row_checksums::text_checksum(key, id, text, &metadata, times, keeping);
        let inserted = self.database.execute(
            "INSERT INTO items (key, namespace, id, text, metadata, created_at_ms, updated_at_ms,
                                expires_at_ms, importance, pinned, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (namespace, id) DO NOTHING",
            params![
                key,
                self.namespace().number(),
                id,
                text,
                metadata,
                created_at_ms,
                updated_at_ms,
                keeping.expires_at_ms,
                keeping.importance,
                keeping.pinned,
                checksum
            ],
        )?;
        if inserted == 0 {
            let (key, created_at_ms) = self.find(id)?.ok_or_else(|| {
                let what = format!("its index names item {id:?}, which is not there");
                self.database.damaged(what)
            })?;
            return Ok(Inserted::Taken(key, created_at_ms));
        }
        self.row.last_key = key;
        // Keys are never used twice, so no model to come has given this one a vector.
        self.write_vector(key, &item.vector)?;
        Ok(Inserted::New(rows::item_id(key)))
    }

    fn replace_item(&mut self, key: ItemId, created_at_ms: i64, item: &Item) -> Result<()> {
        let key = key.0.cast_signed();
        let metadata = metadata_text(item)?;
        let keeping = Keeping::of(item);
        let Item {
            id,
            text,
            updated_at_ms,
            ..
        } = item;
        let times = [created_at_ms, *updated_at_ms];
        let checksum = row_checksums::text_checksum(key, id, text, &metadata, times, keeping);
        self.database.execute(
            "UPDATE items SET text = ?2, metadata = ?3, created_at_ms = ?4, updated_at_ms = ?5,
                              expires_at_ms = ?6, importance = ?7, pinned = ?8, checksum = ?9
             WHERE key = ?1",
            params![
                key,
                text,
                metadata,
                created_at_ms,
                updated_at_ms,
                keeping.expires_at_ms,
                keeping.importance,
                keeping.pinned,
                checksum
            ],
        )?;
        self.write_vector(key, &item.vector)?;
        self.drop_next_vector(key)
    }

    fn delete_item(&mut self, key: ItemId) -> Result<bool> {
        if !self.namespace().holds(key) {
            return Ok(false);
        }
        let key = key.0.cast_signed();
        self.database
            .execute("DELETE FROM vectors WHERE key = ?1", [key])?;
        self.database
            .execute("DELETE FROM assignments WHERE key = ?1", [key])?;
        self.drop_next_vector(key)?;
        Ok(self
            .database
            .execute("DELETE FROM items WHERE key = ?1", [key])?
            > 0)
    }

    fn assign(&mut self, key: ItemId, centroid: Option<CentroidId>) -> Result<()> {
        let key = key.0.cast_signed();
        let centroid = assignments::assigned(centroid);
        let sql =
            "INSERT OR REPLACE INTO assignments (key, centroid, checksum) VALUES (?1, ?2, ?3)";
        let checksum = row_checksums::assignment_checksum(key, centroid);
        self.database
            .execute(sql, params![key, centroid, checksum])
            .map(drop)
    }

    fn unassign_all(&mut self) -> Result<()> {
        // Most items are assigned anew right away; the others get their rows at the end.
        self.has_gaps = true;
        self.execute_on(
            "DELETE FROM assignments WHERE key BETWEEN ?1 AND ?2",
            self.namespace().keys(),
        )
    }

    fn assigned_past(&self, k: u32) -> Result<Option<(ItemId, CentroidId)>> {
        let sql = "SELECT key, centroid FROM assignments
                   WHERE centroid >= ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key LIMIT 1";
        let (first, last) = self.namespace().keys().into_inner();
        let found = self.database.first(sql, params![k, first, last], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        found
            .map(|(key, centroid)| {
                Ok((
                    rows::item_id(key),
                    rows::centroid_id(self.database, centroid)?,
                ))
            })
            .transpose()
    }

    fn routing_header(&self) -> Result<Option<RoutingHeader>> {
        rows::read_routing_header(self.database, self.namespace())
    }

    fn set_routing_header(&mut self, header: Option<&RoutingHeader>) -> Result<()> {
        let number = self.namespace().number();
        let Some(header) = header else {
            let sql = "DELETE FROM routing WHERE namespace = ?1";
            return self.database.execute(sql, [number]).map(drop);
        };
        let dim = i64::try_from(header.dim).map_err(|_| Error::InvalidRouting {
            expected: format!("a dimension up to {}", i64::MAX),
            got: header.dim.to_string(),
        })?;
        let sql = "INSERT OR REPLACE INTO routing (namespace, dim, k, trained_on, seed, k_rule, packed_at, checksum)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.database
            .execute(
                sql,
                params![
                    number,
                    dim,
                    header.k,
                    header.trained_on.cast_signed(),
                    header.seed.cast_signed(),
                    header.k_rule,
                    header.packed_at.map(u64::cast_signed),
                    row_checksums::routing_checksum(number, dim, header),
                ],
            )
            .map(drop)
    }

    fn put_centroid(&mut self, id: CentroidId, vector: &[f32], usage: CentroidUsage) -> Result<()> {
        self.write_centroid(id, &blob::from_vector(vector), usage)
    }

    fn add_usage(&mut self, id: CentroidId, usage: CentroidUsage) -> Result<()> {
        let row = self.namespace().centroid_row(id);
        let sql = "SELECT last_used_ms, hits, checksum, vector FROM centroids WHERE position = ?1";
        let found = self.database.first(sql, [row], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let Some((last_used_ms, hits, checksum, bytes)) = found else {
            return Ok(());
        };
        let bytes: Vec<u8> = bytes;
        rows::verify_centroid(self.database, row, last_used_ms, hits, checksum, &bytes)?;
        let usage = CentroidUsage {
            last_used_ms: usage.last_used_ms.max(last_used_ms),
            hits: usage.hits.saturating_add(hits.cast_unsigned()),
        };
        self.write_centroid(id, &bytes, usage)
    }

    fn truncate_centroids(&mut self, k: u32) -> Result<()> {
        self.execute_on(
            "DELETE FROM centroids WHERE position BETWEEN ?1 AND ?2",
            self.rows_from(k),
        )
    }

    fn centroid_count(&self) -> Result<u64> {
        count(
            self.database,
            "SELECT count(*) FROM centroids WHERE position BETWEEN ?1 AND ?2",
            self.namespace().centroid_rows(),
        )
    }

    fn put_packed(&mut self, id: CentroidId, list: &[u8]) -> Result<()> {
        let row = self.namespace().centroid_row(id);
        let sql =
            "INSERT OR REPLACE INTO packed_lists (position, checksum, list) VALUES (?1, ?2, ?3)";
        let checksum = row_checksums::packed_checksum(row, list);
        self.database
            .execute(sql, params![row, checksum, list])
            .map(drop)
    }

    fn truncate_packed(&mut self, k: u32) -> Result<()> {
        self.execute_on(
            "DELETE FROM packed_lists WHERE position BETWEEN ?1 AND ?2",
            self.rows_from(k),
        )
    }

    fn packed_past(&self, k: u32) -> Result<Option<CentroidId>> {
        let sql = "SELECT position FROM packed_lists WHERE position BETWEEN ?1 AND ?2 LIMIT 1";
        let (first, last) = self.rows_from(k).into_inner();
        let found: Option<i64> = self.database.first(sql, [first, last], |row| row.get(0))?;
        found
            .map(|row| rows::position(self.database, self.namespace(), row))
            .transpose()
    }

    fn clear_items(&mut self) -> Result<()> {
        for sql in [
            "DELETE FROM vectors WHERE key BETWEEN ?1 AND ?2",
            "DELETE FROM next_vectors WHERE key BETWEEN ?1 AND ?2",
            "DELETE FROM assignments WHERE key BETWEEN ?1 AND ?2",
            "DELETE FROM items WHERE key BETWEEN ?1 AND ?2",
        ] {
            self.execute_on(sql, self.namespace().keys())?;
        }
        Ok(())
    }

    fn revision(&self) -> Result<u64> {
        Ok(self.row.revision)
    }

    fn log(&mut self, revision: u64, record: Logged) -> Result<()> {
        self.row.revision = revision;
        let (row, record) = (self.log_row(revision), record.to_number());
        let sql = "INSERT INTO log (revision, record, checksum) VALUES (?1, ?2, ?3)";
        self.database
            .execute(
                sql,
                params![row, record, row_checksums::log_checksum(row, record)],
            )
            .map(drop)
    }

    fn shorten_log(&mut self, up_to: u64) -> Result<()> {
        self.execute_on(
            "DELETE FROM log WHERE revision BETWEEN ?1 AND ?2",
            *self.namespace().revisions().start()..=self.log_row(up_to),
        )
    }

    fn finish(&mut self) -> Result<()> {
        if std::mem::take(&mut self.has_gaps) {
            fill_gaps(self.database, self.namespace().keys())?;
        }
        if self.stored == Some(self.row) {
            return Ok(());
        }
        let number = self.row.number.number();
        let (last_key, revision) = (self.row.last_key, self.row.revision.cast_signed());
        let checksum = row_checksums::namespace_checksum(number, self.name, last_key, revision);
        let sql = "INSERT OR REPLACE INTO namespaces (number, name, last_key, revision, checksum) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.database.execute(
            sql,
            params![number, self.name, last_key, revision, checksum],
        )?;
        self.stored = Some(self.row);
        Ok(())
    }
}

/// Returns the number that `sql` counts in a range.
pub(super) fn count(database: &Database, sql: &str, range: RangeInclusive<i64>) -> Result<u64> {
    let (first, last) = range.into_inner();
    let counted: Option<i64> = database.first(sql, [first, last], |row| row.get(0))?;
    Ok(counted.unwrap_or(0).cast_unsigned())
}

fn metadata_text(item: &Item) -> Result<String> {
    // A map of JSON values always has a textual form; the error is passed on all the same.
    serde_json::to_string(&item.metadata).map_err(|error| Error::InvalidMetadata {
        id: item.id.clone(),
        source: error,
    })
}
