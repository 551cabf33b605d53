//! Reading one namespace of a file over one connection.

use std::ops::RangeInclusive;

use rm_core::ItemId;
use rusqlite::params;

use super::Database;
use super::assignments::Assignments;
use super::namespace_rows::{NAMESPACE_COLUMNS, StoredNamespace};
use super::rows::{self, ITEM_COLUMNS, ITEM_JOINS, ItemRow, TEXT_COLUMNS, TextRow};
use super::setting_rows::{read_setting, verify_setting};
use super::tables::count;
use crate::namespace::NamespaceId;
use crate::routing::RoutingHeader;
use crate::store::{VisitItem, VisitPacked, VisitVector};
use crate::{ChangesSince, Error, Result, RoutingState, StoredItem, settings};

/// Reads one namespace.
pub(super) struct Reader<'d> {
    database: &'d Database,
    namespace: NamespaceId,
}

impl<'d> Reader<'d> {
    pub(super) fn new(database: &'d Database, namespace: NamespaceId) -> Self {
        Self {
            database,
            namespace,
        }
    }

    /// Returns the name of every namespace that has items, with their number, ordered by name.
    pub(super) fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let mut named: Vec<(String, u64)> = Vec::new();
        for (name, number) in all_namespaces(database)? {
            let items = Reader::new(database, number).count()?;
            if items > 0 {
                named.push((name, items));
            }
        }
        named.sort_unstable();
        Ok(named)
    }

    pub(super) fn get(&self, id: &str) -> Result<Option<StoredItem>> {
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS}
             WHERE i.namespace = ?1 AND i.id = ?2"
        );
        self.database
            .first(&sql, params![self.namespace.number(), id], ItemRow::read)?
            .map(|row| row.verified(self.database))
            .transpose()
    }

    pub(super) fn get_many(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        let _same_state = self.database.begin_read()?;
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS} WHERE i.key = ?1"
        );
        let get = |key: &ItemId| {
            if !self.namespace.holds(*key) {
                return Ok(None);
            }
            let row = self
                .database
                .first(&sql, [key.0.cast_signed()], ItemRow::read)?;
            row.map(|row| row.verified(self.database)).transpose()
        };
        keys.iter().map(get).collect()
    }

    pub(super) fn get_texts(&self, keys: &[ItemId]) -> Result<Vec<Option<StoredItem>>> {
        let _same_state = self.database.begin_read()?;
        let sql = format!("SELECT {TEXT_COLUMNS} FROM items i WHERE i.key = ?1");
        let get = |key: &ItemId| {
            if !self.namespace.holds(*key) {
                return Ok(None);
            }
            let key = [key.0.cast_signed()];
            let row = self.database.first(&sql, key, TextRow::read)?;
            row.map(|row| row.verified(self.database)).transpose()
        };
        keys.iter().map(get).collect()
    }

    pub(super) fn texts_after(&self, after: ItemId, limit: usize) -> Result<Vec<StoredItem>> {
        let database = self.database;
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM items i
             WHERE i.key > ?1 AND i.key BETWEEN ?2 AND ?3 ORDER BY i.key LIMIT ?4"
        );
        let [first, last] = self.keys();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let after = after.0.cast_signed().max(first);
        let mut statement = database.prepare(&sql)?;
        let mut found = database.named(statement.query([after, first, last, limit]))?;
        let mut texts = Vec::new();
        while let Some(row) = database.named(found.next())? {
            texts.push(database.named(TextRow::read(row))?.verified(database)?);
        }
        Ok(texts)
    }

    pub(super) fn for_each_text(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM items i WHERE i.key BETWEEN ?1 AND ?2 ORDER BY i.key"
        );
        let mut seen = 0u64;
        let mut statement = database.prepare(&sql)?;
        let mut found = database.named(statement.query(self.keys()))?;
        while let Some(row) = database.named(found.next())? {
            let stored = database.named(TextRow::read(row))?.verified(database)?;
            seen += 1;
            if visit(stored).is_break() {
                return Ok(());
            }
        }
        self.check_count(seen, "texts")
    }

    pub(super) fn key_of(&self, id: &str) -> Result<Option<ItemId>> {
        let sql = "SELECT key FROM items WHERE namespace = ?1 AND id = ?2";
        self.database
            .first(sql, params![self.namespace.number(), id], |row| {
                row.get(0).map(rows::item_id)
            })
    }

    pub(super) fn count(&self) -> Result<u64> {
        let number = self.namespace.number();
        count(
            self.database,
            "SELECT count(*) FROM items WHERE namespace BETWEEN ?1 AND ?2",
            number..=number,
        )
    }

    pub(super) fn ids(&self) -> Result<Vec<(ItemId, String)>> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let mut statement = database.prepare(&format!(
            "SELECT {TEXT_COLUMNS} FROM items i WHERE i.key BETWEEN ?1 AND ?2 ORDER BY i.key"
        ))?;
        let mut found = database.named(statement.query(self.keys()))?;
        let mut ids = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let row = database.named(TextRow::read(row))?;
            row.verify(database)?;
            ids.push((rows::item_id(row.key), row.id));
        }
        self.check_count(ids.len() as u64, "texts")?;
        Ok(ids)
    }

    pub(super) fn for_each_item(&self, visit: &mut VisitItem<'_>) -> Result<()> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let sql = format!(
            "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS}
             WHERE i.key BETWEEN ?1 AND ?2 ORDER BY i.key"
        );
        let mut seen = 0u64;
        let mut statement = database.prepare(&sql)?;
        let mut found = database.named(statement.query(self.keys()))?;
        while let Some(row) = database.named(found.next())? {
            let stored = database.named(ItemRow::read(row))?.verified(database)?;
            seen += 1;
            if visit(stored).is_break() {
                return Ok(());
            }
        }
        self.check_count(seen, "texts")
    }

    pub(super) fn for_each_vector(&self, visit: &mut VisitVector<'_>) -> Result<()> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let mut assignments =
            database.prepare("SELECT key, centroid, checksum FROM assignments WHERE key BETWEEN ?1 AND ?2 ORDER BY key")?;
        let assigned = database.named(assignments.query(self.keys()))?;
        let mut assignments = Assignments::new(database, assigned)?;
        let mut vectors = database.prepare(
            "SELECT key, checksum, vector FROM vectors WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
        )?;
        let mut vectors = database.named(vectors.query(self.keys()))?;
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

    pub(super) fn read_vectors(&self, keys: &[ItemId], rows: &mut Vec<f32>) -> Result<()> {
        let database = self.database;
        // Without a transaction each look-up would take and give back the file's lock.
        let _same_state = database.begin_read()?;
        let mut statement =
            database.prepare("SELECT checksum, vector FROM vectors WHERE key = ?1")?;
        for item in keys {
            if !self.namespace.holds(*item) {
                return Err(Error::UnknownItem { key: *item });
            }
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

    pub(super) fn read_vectors_of(
        &self,
        model: Option<&str>,
        keys: &[ItemId],
        rows: &mut Vec<f32>,
    ) -> Result<()> {
        let _same_state = self.database.begin_read()?;
        self.read_vectors(keys, rows)?;
        settings::check_same_model(model, self.setting(settings::MODEL_FINGERPRINT)?)
    }

    pub(super) fn for_each_packed(&self, visit: &mut VisitPacked<'_>) -> Result<()> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let header = rows::read_routing_header(database, self.namespace)?;
        let k = match header {
            Some(header) if header.packed_at.is_some() => header.k,
            _ => 0,
        };
        let mut statement = database.prepare(
            "SELECT position, checksum, list FROM packed_lists WHERE position BETWEEN ?1 AND ?2 ORDER BY position",
        )?;
        let range = bounds(self.namespace.centroid_rows());
        let mut found = database.named(statement.query(range))?;
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?));
            let (position, checksum, list): (i64, i64, &[u8]) = database.named(read())?;
            let centroid = rows::verify_packed(database, self.namespace, position, checksum, list)?;
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

    pub(super) fn changed_items(&self) -> Result<Vec<ItemId>> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let header = rows::read_routing_header(database, self.namespace)?;
        let Some(packed_at) = header.and_then(|header| header.packed_at) else {
            return Ok(Vec::new());
        };
        match self.changes_since(packed_at)? {
            Some(since) => Ok(since.items),
            None => Err(database.damaged(format!(
                "its log does not reach back to revision {packed_at}, when lists were packed"
            ))),
        }
    }

    pub(super) fn revision(&self) -> Result<u64> {
        let sql = format!("SELECT {NAMESPACE_COLUMNS} FROM namespaces WHERE number = ?1");
        let number = [self.namespace.number()];
        let row = self.database.first(&sql, number, StoredNamespace::read)?;
        match row {
            Some(row) => Ok(row.verified(self.database)?.1.revision),
            None => Ok(0),
        }
    }

    pub(super) fn changes_since(&self, since: u64) -> Result<Option<ChangesSince>> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let revision = self.revision()?;
        if since >= revision {
            // A number from the future is that of another file, which was here before.
            let nothing = ChangesSince {
                revision,
                ..ChangesSince::default()
            };
            return Ok((since == revision).then_some(nothing));
        }
        let first = *self.namespace.revisions().start();
        let sql = "SELECT revision, record, checksum FROM log WHERE revision > ?1 AND revision <= ?2 ORDER BY revision";
        let mut statement = database.prepare(sql)?;
        let range = [since, revision].map(|at| first + at.cast_signed());
        let mut found = database.named(statement.query(range))?;
        let mut records = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (at, record, checksum): (i64, i64, i64) = database.named(read())?;
            let expected = first + (since + 1).cast_signed() + records.len() as i64;
            if at != expected && !records.is_empty() {
                return Err(database.damaged(format!("record {expected} of its log is missing")));
            }
            if at != expected {
                // Those before were dropped.
                return Ok(None);
            }
            records.push(rows::verify_logged(database, at, record, checksum)?);
        }
        if records.is_empty() {
            // All were dropped: the namespace was cleared last.
            return Ok(None);
        }
        if records.len() as u64 != revision - since {
            return Err(database.damaged("the end of its log is missing"));
        }
        Ok(Some(ChangesSince::of(revision, records)))
    }

    pub(super) fn routing(&self) -> Result<Option<RoutingState>> {
        let database = self.database;
        let _same_state = database.begin_read()?;
        let Some(header) = rows::read_routing_header(database, self.namespace)? else {
            return Ok(None);
        };
        let sql = "SELECT position, last_used_ms, hits, checksum, vector FROM centroids WHERE position BETWEEN ?1 AND ?2 ORDER BY position";
        let mut statement = database.prepare(sql)?;
        let rows_of_it = self.namespace.centroid_rows();
        let first = *rows_of_it.start();
        let mut found = database.named(statement.query(bounds(rows_of_it)))?;
        let (mut centroids, mut usage) = (Vec::new(), Vec::new());
        while let Some(row) = database.named(found.next())? {
            usage.push(rows::append_centroid(
                database,
                row,
                first + usage.len() as i64,
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
        let packed_at = header.packed_at;
        match state.check() {
            Ok(found)
                if (RoutingHeader {
                    packed_at,
                    ..found.clone()
                }) == header =>
            {
                Ok(Some(state))
            }
            Ok(found) => {
                let (expected, found) = (header.k, found.k);
                Err(database.damaged(format!("it holds {found} centroids, expected {expected}")))
            }
            Err(error) => Err(database.damaged(format!("its codebook: {error}"))),
        }
    }

    pub(super) fn setting(&self, key: &str) -> Result<Option<String>> {
        read_setting(self.database, &settings::stored_key(self.namespace, key))
    }

    pub(super) fn settings(&self) -> Result<Vec<(String, String)>> {
        let database = self.database;
        let mut statement =
            database.prepare("SELECT key, value, checksum FROM settings ORDER BY key")?;
        let mut found = database.named(statement.query([]))?;
        let mut settings = Vec::new();
        while let Some(row) = database.named(found.next())? {
            let read = || Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (key, value, checksum): (String, String, i64) = database.named(read())?;
            verify_setting(database, &key, &value, checksum)?;
            settings.push((key, value));
        }
        Ok(settings)
    }

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

    fn keys(&self) -> [i64; 2] {
        bounds(self.namespace.keys())
    }
}

/// Returns name and number of every namespace, in the order of the numbers.
pub(super) fn all_namespaces(database: &Database) -> Result<Vec<(String, NamespaceId)>> {
    let sql = format!("SELECT {NAMESPACE_COLUMNS} FROM namespaces ORDER BY number");
    let mut statement = database.prepare(&sql)?;
    let mut found = database.named(statement.query([]))?;
    let mut all = Vec::new();
    while let Some(row) = database.named(found.next())? {
        let stored = database.named(StoredNamespace::read(row))?;
        let (name, row) = stored.verified(database)?;
        all.push((name, row.number));
    }
    if all
        .first()
        .is_none_or(|(_, number)| *number != NamespaceId::DEFAULT)
    {
        // It has no row before something is put into it by this version.
        all.insert(0, (String::new(), NamespaceId::DEFAULT));
    }
    Ok(all)
}

/// Returns first and last of a range, as parameters of a statement.
pub(super) fn bounds(range: RangeInclusive<i64>) -> [i64; 2] {
    let (first, last) = range.into_inner();
    [first, last]
}
