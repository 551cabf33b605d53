//! The store's contract on SQLite.

use rm_core::{CentroidId, ItemId};
use rusqlite::Rows;

use super::rows::{self, ITEM_COLUMNS, ITEM_JOINS, ItemRow, TEXT_COLUMNS, TextRow};
use super::tables::{count, read_setting};
use super::{Database, SqliteStore, SqliteTables, check};
use crate::store::{VisitItem, VisitPacked, VisitVector};
use crate::{Applied, Changes, Error, Result, RoutingState, Store, StoredItem, apply};

impl Store for SqliteStore {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        // Dropped without a commit, the transaction is rolled back.
        let transaction = self.database.begin_write()?;
        let applied = apply::apply(&mut SqliteTables::new(&self.database), changes)?;
        self.database.named(transaction.commit())?;
        Ok(applied)
    }

    fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS} WHERE i.id = ?1"
        );
        self.database
            .first(&sql, [id], ItemRow::read)?
            .map(|row| row.verified(&self.database))
            .transpose()
    }

    fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        let _same_state = self.database.begin_read()?;
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS} WHERE i.key = ?1"
        );
        let get = |key: &ItemId| {
            let row = self
                .database
                .first(&sql, [key.0.cast_signed()], ItemRow::read)?;
            row.map(|row| row.verified(&self.database)).transpose()
        };
        keys.iter().map(get).collect()
    }

    fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        let sql = "SELECT key FROM items WHERE id = ?1";
        self.database
            .first(sql, [id], |row| row.get(0).map(rows::item_id))
    }

    fn count(&self) -> Result<u64> {
        count(&self.database, "SELECT count(*) FROM items")
    }

    fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        let database = &self.database;
        let _same_state = database.begin_read()?;
        let mut statement = database.prepare(&format!(
            "SELECT {TEXT_COLUMNS} FROM items i ORDER BY i.key"
        ))?;
        let mut found = database.named(statement.query([]))?;
        let mut ids = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let row = database.named(TextRow::read(row))?;
            row.verify(database)?;
            ids.push((rows::item_id(row.key), row.id));
        }
        self.check_count(ids.len() as u64, "texts")?;
        Ok(ids)
    }

    fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        let database = &self.database;
        let _same_state = database.begin_read()?;
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS} ORDER BY i.key"
        );
        let mut seen = 0u64;
        let mut statement = database.prepare(&sql)?;
        let mut found = database.named(statement.query([]))?;
        while let Some(row) = database.named(found.next())? {
            let stored = database.named(ItemRow::read(row))?.verified(database)?;
            seen += 1;
            if visit(stored).is_break() {
                return Ok(());
            }
        }
        self.check_count(seen, "texts")
    }

    fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        let database = &self.database;
        let _same_state = database.begin_read()?;
        let mut assignments =
            database.prepare("SELECT key, centroid, checksum FROM assignments ORDER BY key")?;
        let mut assignments = Assignments::new(database, database.named(assignments.query([]))?)?;
        let mut vectors =
            database.prepare("SELECT key, checksum, vector FROM vectors ORDER BY key")?;
        let mut vectors = database.named(vectors.query([]))?;
        let mut vector = Vec::new();
        let (mut seen, mut last_key) = (0u64, None);
        while let Some(row) = database.named(vectors.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?));
            let (key, checksum, bytes): (i64, i64, &[u8]) = database.named(read())?;
            rows::verify_vector(database, key, checksum, bytes, &mut vector)?;
            if last_key.replace(key).is_some_and(|last| last >= key) {
                return Err(database.damaged(format!("the vector of item {key} is out of order")));
            }
            seen += 1;
            if visit(rows::item_id(key), assignments.take(key)?, &vector).is_break() {
                return Ok(());
            }
        }
        assignments.finish()?;
        self.check_count(seen, "vectors")
    }

    fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        let database = &self.database;
        // Without a transaction each look-up would take and give back the file's lock.
        let _same_state = database.begin_read()?;
        let mut statement =
            database.prepare("SELECT checksum, vector FROM vectors WHERE key = ?1")?;
        for item in keys {
            let key = item.0.cast_signed();
            let mut found = database.named(statement.query([key]))?;
            let Some(row) = database.named(found.next())? else {
                return Err(Error::UnknownItem { key: *item });
            };
            let read = || Ok((row.get(0)?, row.get_ref(1)?.as_blob()?));
            let (checksum, bytes): (i64, &[u8]) = database.named(read())?;
            rows::append_vector(database, key, checksum, bytes, rows)?;
        }
        Ok(())
    }

    fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        let database = &self.database;
        let _same_state = database.begin_read()?;
        let k = rows::read_routing_header(database)?.map_or(0, |header| header.k);
        let mut statement = database
            .prepare("SELECT position, checksum, list FROM packed_lists ORDER BY position")?;
        let mut found = database.named(statement.query([]))?;
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?));
            let (position, checksum, list): (i64, i64, &[u8]) = database.named(read())?;
            let centroid = rows::verify_packed(database, position, checksum, list)?;
            if centroid.0 >= k {
                let what = format!("it has a packed list of centroid {centroid} of {k}");
                return Err(database.damaged(what));
            }
            if visit(centroid, list).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn changed_items(&self) -> Result<Vec<ItemId>> {
        let database = &self.database;
        let mut statement =
            database.prepare("SELECT key, checksum FROM changed_items ORDER BY key")?;
        let mut found = database.named(statement.query([]))?;
        let mut changed = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let (key, checksum) = database.named((|| Ok((row.get(0)?, row.get(1)?)))())?;
            changed.push(rows::verify_changed(database, key, checksum)?);
        }
        Ok(changed)
    }

    fn routing(&self) -> Result<Option<RoutingState>> {
        let database = &self.database;
        let _same_state = database.begin_read()?;
        let Some(header) = rows::read_routing_header(database)? else {
            return Ok(None);
        };
        let sql = "SELECT position, last_used_ms, hits, checksum, vector FROM centroids ORDER BY position";
        let mut statement = database.prepare(sql)?;
        let mut found = database.named(statement.query([]))?;
        let (mut centroids, mut usage) = (Vec::new(), Vec::new());
        while let Some(row) = database.named(found.next())? {
            usage.push(rows::append_centroid(
                database,
                row,
                usage.len(),
                &mut centroids,
            )?);
        }
        let state = RoutingState {
            dim: header.dim,
            centroids,
            usage,
            trained_on: header.trained_on,
            seed: header.seed,
            k_rule: header.k_rule.clone(),
        };
        match state.check() {
            Ok(found) if found == header => Ok(Some(state)),
            Ok(found) => {
                let (expected, found) = (header.k, found.k);
                Err(database.damaged(format!("it holds {found} centroids, expected {expected}")))
            }
            Err(error) => Err(database.damaged(format!("its codebook: {error}"))),
        }
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        read_setting(&self.database, key)
    }

    fn settings(&self) -> Result<Vec<(String, String)>> {
        let database = &self.database;
        let mut statement =
            database.prepare("SELECT key, value, checksum FROM settings ORDER BY key")?;
        let mut found = database.named(statement.query([]))?;
        let mut settings = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (key, value, checksum): (String, String, i64) = database.named(read())?;
            rows::verify_setting(database, &key, &value, checksum)?;
            settings.push((key, value));
        }
        Ok(settings)
    }

    fn cache_bytes(&self) -> Result<usize> {
        let pragma = |name| {
            let connection = self.database.connection();
            let value = connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            self.database.named(value)
        };
        // Pages, or where it is negative KiB.
        let bytes = match pragma("cache_size")? {
            pages @ 0.. => pages.saturating_mul(pragma("page_size")?),
            kib => kib.saturating_neg().saturating_mul(1024),
        };
        Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
    }

    fn set_cache_bytes(&self, bytes: usize) -> Result<()> {
        let kib = i64::try_from(bytes / 1024).unwrap_or(i64::MAX);
        let connection = self.database.connection();
        let set = connection.pragma_update(None, "cache_size", kib.saturating_neg());
        self.database.named(set)
    }

    fn check(&self) -> Result<()> {
        check::check(self)
    }
}

impl SqliteStore {
    /// Holds what a walk has seen against the number of items, which SQLite counts in the index of ids.
    fn check_count(&self, seen: u64, what: &str) -> Result<()> {
        match self.count()? {
            items if items == seen => Ok(()),
            items => {
                let what = format!("it holds {items} ids of items but {seen} {what}");
                Err(self.database.damaged(what))
            }
        }
    }
}

/// The assignments in the order of their keys, to be taken one by one as the vectors go by.
struct Assignments<'s> {
    database: &'s Database,
    rows: Rows<'s>,
    next: Option<(i64, CentroidId)>,
}

impl<'s> Assignments<'s> {
    fn new(database: &'s Database, rows: Rows<'s>) -> Result<Self> {
        let mut assignments = Self {
            database,
            rows,
            next: None,
        };
        assignments.advance()?;
        Ok(assignments)
    }

    /// Returns the centroid of the item `key`. Keys must be asked for in ascending order, each once.
    fn take(&mut self, key: i64) -> Result<Option<CentroidId>> {
        match self.next {
            Some((assigned, _)) if assigned < key => self.finish().map(|()| None),
            Some((assigned, centroid)) if assigned == key => {
                self.advance()?;
                Ok(Some(centroid))
            }
            _ => Ok(None),
        }
    }

    /// Refuses an assignment that is left over.
    fn finish(&self) -> Result<()> {
        match self.next {
            Some((key, _)) => Err(self
                .database
                .damaged(format!("item {key} is assigned but not there"))),
            None => Ok(()),
        }
    }

    fn advance(&mut self) -> Result<()> {
        self.next = match self.database.named(self.rows.next())? {
            Some(row) => {
                let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?));
                let (key, centroid, checksum): (i64, i64, i64) = self.database.named(read())?;
                Some((
                    key,
                    rows::verify_assignment(self.database, key, centroid, checksum)?,
                ))
            }
            None => None,
        };
        Ok(())
    }
}
