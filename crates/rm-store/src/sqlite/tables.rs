//! The primitive writes in SQLite, inside a transaction of the caller's.

use rm_core::{CentroidId, ItemId};
use rusqlite::params;

use super::database::Database;
use super::rows;
use crate::apply::Tables;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Error, Item, Result, blob};

/// Writes to the tables of a database on which a transaction is under way.
pub(crate) struct SqliteTables<'d> {
    database: &'d Database,
    /// The largest key ever given, once it has been asked for.
    last_key: Option<i64>,
}

impl<'d> SqliteTables<'d> {
    pub(crate) fn new(database: &'d Database) -> Self {
        Self {
            database,
            last_key: None,
        }
    }

    fn next_key(&mut self) -> Result<i64> {
        let last = match self.last_key {
            Some(last) => last,
            None => self.stored_last_key()?,
        };
        let next = last
            .checked_add(1)
            .ok_or_else(|| self.database.damaged("no key is left"))?;
        self.last_key = Some(next);
        Ok(next)
    }

    fn stored_last_key(&self) -> Result<i64> {
        let sql =
            "SELECT max(coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'items'), 0),
                              coalesce((SELECT max(key) FROM items), 0))";
        Ok(self.database.first(sql, [], |row| row.get(0))?.unwrap_or(0))
    }

    fn write_vector(&self, key: i64, vector: &[f32]) -> Result<()> {
        let bytes = blob::from_vector(vector);
        let checksum = rows::vector_checksum(key, &bytes);
        let sql = "INSERT OR REPLACE INTO vectors (key, checksum, vector) VALUES (?1, ?2, ?3)";
        self.database
            .execute(sql, params![key, checksum, bytes])
            .map(drop)
    }
}

impl Tables for SqliteTables<'_> {
    fn setting(&self, key: &str) -> Result<Option<String>> {
        read_setting(self.database, key)
    }

    fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO settings (key, value, checksum) VALUES (?1, ?2, ?3)";
        self.database
            .execute(sql, params![key, value, rows::setting_checksum(key, value)])
            .map(drop)
    }

    fn find(&self, id: &str) -> Result<Option<(ItemId, i64)>> {
        let sql = "SELECT key, created_at_ms FROM items WHERE id = ?1";
        self.database.first(sql, [id], |row| {
            Ok((rows::item_id(row.get(0)?), row.get(1)?))
        })
    }

    fn has_item(&self, key: ItemId) -> Result<bool> {
        let found = self.database.first(
            "SELECT 1 FROM items WHERE key = ?1",
            [key.0.cast_signed()],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    fn insert_item(&mut self, item: &Item) -> Result<ItemId> {
        let key = self.next_key()?;
        let metadata = metadata_text(item)?;
        let Item {
            id,
            text,
            created_at_ms,
            updated_at_ms,
            ..
        } = item;
        let checksum =
            rows::text_checksum(key, id, text, &metadata, *created_at_ms, *updated_at_ms);
        self.database.execute(
            "INSERT INTO items (key, id, text, metadata, created_at_ms, updated_at_ms, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                key,
                id,
                text,
                metadata,
                created_at_ms,
                updated_at_ms,
                checksum
            ],
        )?;
        self.write_vector(key, &item.vector)?;
        Ok(rows::item_id(key))
    }

    fn replace_item(&mut self, key: ItemId, created_at_ms: i64, item: &Item) -> Result<()> {
        let key = key.0.cast_signed();
        let metadata = metadata_text(item)?;
        let Item {
            id,
            text,
            updated_at_ms,
            ..
        } = item;
        let checksum = rows::text_checksum(key, id, text, &metadata, created_at_ms, *updated_at_ms);
        self.database.execute(
            "UPDATE items SET text = ?2, metadata = ?3, created_at_ms = ?4, updated_at_ms = ?5, checksum = ?6
             WHERE key = ?1",
            params![key, text, metadata, created_at_ms, updated_at_ms, checksum],
        )?;
        self.write_vector(key, &item.vector)
    }

    fn delete_item(&mut self, key: ItemId) -> Result<bool> {
        let key = key.0.cast_signed();
        self.database
            .execute("DELETE FROM vectors WHERE key = ?1", [key])?;
        self.database
            .execute("DELETE FROM assignments WHERE key = ?1", [key])?;
        Ok(self
            .database
            .execute("DELETE FROM items WHERE key = ?1", [key])?
            > 0)
    }

    fn assign(&mut self, key: ItemId, centroid: Option<CentroidId>) -> Result<()> {
        let key = key.0.cast_signed();
        let Some(centroid) = centroid.map(|centroid| i64::from(centroid.0)) else {
            return self
                .database
                .execute("DELETE FROM assignments WHERE key = ?1", [key])
                .map(drop);
        };
        let sql =
            "INSERT OR REPLACE INTO assignments (key, centroid, checksum) VALUES (?1, ?2, ?3)";
        let checksum = rows::assignment_checksum(key, centroid);
        self.database
            .execute(sql, params![key, centroid, checksum])
            .map(drop)
    }

    fn unassign_all(&mut self) -> Result<()> {
        self.database
            .execute("DELETE FROM assignments", [])
            .map(drop)
    }

    fn assigned_past(&self, k: u32) -> Result<Option<(ItemId, CentroidId)>> {
        let sql = "SELECT key, centroid FROM assignments WHERE centroid >= ?1 ORDER BY key LIMIT 1";
        let found = self
            .database
            .first(sql, [k], |row| Ok((row.get(0)?, row.get(1)?)))?;
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
        rows::read_routing_header(self.database)
    }

    fn set_routing_header(&mut self, header: Option<&RoutingHeader>) -> Result<()> {
        let Some(RoutingHeader {
            dim,
            k,
            trained_on,
            seed,
            k_rule,
        }) = header
        else {
            return self.database.execute("DELETE FROM routing", []).map(drop);
        };
        let dim = i64::try_from(*dim).map_err(|_| Error::InvalidRouting {
            expected: format!("a dimension up to {}", i64::MAX),
            got: dim.to_string(),
        })?;
        let (k, trained_on, seed) = (i64::from(*k), trained_on.cast_signed(), seed.cast_signed());
        let checksum = rows::routing_checksum(dim, k, trained_on, seed, k_rule);
        let sql =
            "INSERT OR REPLACE INTO routing (only, dim, k, trained_on, seed, k_rule, checksum)
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
        self.database
            .execute(sql, params![dim, k, trained_on, seed, k_rule, checksum])
            .map(drop)
    }

    fn put_centroid(&mut self, id: CentroidId, vector: &[f32], usage: CentroidUsage) -> Result<()> {
        let bytes = blob::from_vector(vector);
        let (position, hits) = (i64::from(id.0), usage.hits.cast_signed());
        let checksum = rows::centroid_checksum(position, usage.last_used_ms, hits, &bytes);
        let sql =
            "INSERT OR REPLACE INTO centroids (position, last_used_ms, hits, checksum, vector)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        self.database
            .execute(
                sql,
                params![position, usage.last_used_ms, hits, checksum, bytes],
            )
            .map(drop)
    }

    fn truncate_centroids(&mut self, k: u32) -> Result<()> {
        self.database
            .execute("DELETE FROM centroids WHERE position >= ?1", [k])
            .map(drop)
    }

    fn centroid_count(&self) -> Result<u64> {
        count(self.database, "SELECT count(*) FROM centroids")
    }

    fn has_packed(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM packed_lists LIMIT 1";
        Ok(self.database.first(sql, [], |_| Ok(()))?.is_some())
    }

    fn put_packed(&mut self, id: CentroidId, list: &[u8]) -> Result<()> {
        let position = i64::from(id.0);
        let sql =
            "INSERT OR REPLACE INTO packed_lists (position, checksum, list) VALUES (?1, ?2, ?3)";
        let checksum = rows::packed_checksum(position, list);
        self.database
            .execute(sql, params![position, checksum, list])
            .map(drop)
    }

    fn truncate_packed(&mut self, k: u32) -> Result<()> {
        self.database
            .execute("DELETE FROM packed_lists WHERE position >= ?1", [k])
            .map(drop)
    }

    fn packed_past(&self, k: u32) -> Result<Option<CentroidId>> {
        let sql = "SELECT position FROM packed_lists WHERE position >= ?1 LIMIT 1";
        let found: Option<i64> = self.database.first(sql, [k], |row| row.get(0))?;
        found
            .map(|position| rows::centroid_id(self.database, position))
            .transpose()
    }

    fn mark_changed(&mut self, key: ItemId) -> Result<()> {
        let key = key.0.cast_signed();
        let sql = "INSERT OR REPLACE INTO changed_items (key, checksum) VALUES (?1, ?2)";
        self.database
            .execute(sql, params![key, rows::changed_checksum(key)])
            .map(drop)
    }

    fn clear_changed(&mut self) -> Result<()> {
        self.database
            .execute("DELETE FROM changed_items", [])
            .map(drop)
    }
}

/// Returns the setting `key`, verified.
pub(super) fn read_setting(database: &Database, key: &str) -> Result<Option<String>> {
    let sql = "SELECT value, checksum FROM settings WHERE key = ?1";
    let row = database.first(sql, [key], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?))
    })?;
    row.map(|(value, checksum)| {
        rows::verify_setting(database, key, &value, checksum)?;
        Ok(value)
    })
    .transpose()
}

/// Returns the number that `sql` counts.
pub(super) fn count(database: &Database, sql: &str) -> Result<u64> {
    let counted: Option<i64> = database.first(sql, [], |row| row.get(0))?;
    Ok(counted.unwrap_or(0).cast_unsigned())
}

fn metadata_text(item: &Item) -> Result<String> {
    // A map of JSON values always has a textual form; the error is passed on all the same.
    serde_json::to_string(&item.metadata).map_err(|error| Error::InvalidMetadata {
        id: item.id.clone(),
        source: error,
    })
}
