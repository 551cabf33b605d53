//! Rows of the table `assignments`: which centroid each item is assigned to, and how they are read beside the vectors.

use std::ops::RangeInclusive;

use rm_core::CentroidId;
use rusqlite::{Connection, Rows};

use super::Database;
use super::row_checksums::assignment_checksum;
use super::rows::{centroid_id, verify};
use super::tables::count;
use crate::Result;
use crate::namespace::NamespaceId;

/// The assignments in the order of their keys, to be taken one by one as the vectors go by.
pub(super) struct Assignments<'s> {
    database: &'s Database,
    rows: Rows<'s>,
    next: Option<(i64, Option<CentroidId>)>,
}

impl<'s> Assignments<'s> {
    pub(super) fn new(database: &'s Database, rows: Rows<'s>) -> Result<Self> {
        let mut assignments = Self {
            database,
            rows,
            next: None,
        };
        assignments.advance()?;
        Ok(assignments)
    }

    /// Returns the centroid of the item `key`. Keys must be asked for in ascending order, each once.
    pub(super) fn take(&mut self, key: i64) -> Result<Option<CentroidId>> {
        match self.next {
            Some((assigned, _)) if assigned < key => self.finish().map(|()| None),
            Some((assigned, centroid)) if assigned == key => {
                self.advance()?;
                Ok(centroid)
            }
            _ => Err(self
                .database
                .damaged(format!("item {key} has no assignment"))),
        }
    }

    /// Refuses an assignment that is left over.
    pub(super) fn finish(&self) -> Result<()> {
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
                    verify_assignment(self.database, key, centroid, checksum)?,
                ))
            }
            None => None,
        };
        Ok(())
    }
}

/// Stands for no centroid in a row of `assignments`. Every item has such a row, so that none can be missing unnoticed.
const UNASSIGNED: i64 = -1;

/// Returns what stands in a row of `assignments` for a centroid.
pub(super) fn assigned(centroid: Option<CentroidId>) -> i64 {
    centroid.map_or(UNASSIGNED, |centroid| centroid.0.into())
}

/// Gives every item in a range of keys that has no row in `assignments` one that says that it has no centroid.
pub(super) fn assign_to_none(
    connection: &Connection,
    keys: RangeInclusive<i64>,
) -> rusqlite::Result<()> {
    let sql = "SELECT i.key FROM items i LEFT JOIN assignments a ON a.key = i.key
               WHERE i.key BETWEEN ?1 AND ?2 AND a.key IS NULL";
    let mut statement = connection.prepare(sql)?;
    let missing = statement.query_map([keys.start(), keys.end()], |row| row.get(0))?;
    let missing: Vec<i64> = missing.collect::<rusqlite::Result<_>>()?;
    let sql = "INSERT INTO assignments (key, centroid, checksum) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare(sql)?;
    for key in missing {
        insert.execute([key, UNASSIGNED, assignment_checksum(key, UNASSIGNED)])?;
    }
    Ok(())
}

/// Verifies a row of `assignments`.
pub(super) fn verify_assignment(
    database: &Database,
    key: i64,
    centroid: i64,
    checksum: i64,
) -> Result<Option<CentroidId>> {
    verify(
        database,
        checksum,
        assignment_checksum(key, centroid),
        || format!("the assignment of item {key}"),
    )?;
    match centroid {
        UNASSIGNED => Ok(None),
        centroid => centroid_id(database, centroid).map(Some),
    }
}

/// Gives every item in a range that has no row in `assignments` one that says that it has no centroid.
pub(super) fn fill_gaps(database: &Database, keys: RangeInclusive<i64>) -> Result<()> {
    let items = "SELECT count(*) FROM items WHERE namespace BETWEEN ?1 AND ?2";
    let namespace = |key: &i64| NamespaceId::of_key(*key).map_or(0, NamespaceId::number);
    let namespaces = namespace(keys.start())..=namespace(keys.end());
    let rows = "SELECT count(*) FROM assignments WHERE key BETWEEN ?1 AND ?2";
    if count(database, items, namespaces)? == count(database, rows, keys.clone())? {
        return Ok(());
    }
    database.named(assign_to_none(database.connection(), keys))
}
