//! Which centroid each item is assigned to, read beside the vectors.

use rm_core::CentroidId;
use rusqlite::Rows;

use super::Database;
use super::rows;
use crate::Result;

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
                    rows::verify_assignment(self.database, key, centroid, checksum)?,
                ))
            }
            None => None,
        };
        Ok(())
    }
}
