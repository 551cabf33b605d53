//! A connection that knows its path, so that every error can name the file.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior,
};

use crate::{Error, Result};

/// Statements kept prepared: more than the crate has, so none is ever prepared twice.
const STATEMENT_CACHE: usize = 64;

/// Is a transaction that reads alone, until it is dropped. Its statements stay prepared, which those of a [`Transaction`] do
/// not: a search reads a few vectors at a time, and would spend more on them than on the vectors.
pub(crate) struct Reading<'d>(&'d Database);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // Nothing was written, so there is nothing that could fail to be.
        if self.0.execute("COMMIT", []).is_err() {
            let _ = self.0.execute("ROLLBACK", []);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Database {
    connection: Connection,
    path: PathBuf,
    busy_timeout: Duration,
    /// What SQLite was last told to cache.
    cache_bytes: Cell<usize>,
}

impl Database {
    pub(crate) fn new(connection: Connection, path: &Path, busy_timeout: Duration) -> Result<Self> {
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        let set = connection.busy_timeout(busy_timeout);
        let database = Self {
            connection,
            path: path.to_owned(),
            busy_timeout,
            cache_bytes: Cell::new(0),
        };
        database.named(set)?;
        Ok(database)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Puts the file's name to an error of SQLite's.
    pub(crate) fn named<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|error| Error::sqlite(&self.path, self.busy_timeout, error))
    }

    pub(crate) fn damaged(&self, what: impl Into<String>) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>> {
        self.named(self.connection.prepare_cached(sql))
    }

    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.named(self.prepare(sql)?.execute(params))
    }

    /// Returns the first row that `sql` gives, if it gives one.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.named(self.prepare(sql)?.query_row(params, read).optional())
    }

    /// Returns what SQLite was last told to cache at most.
    pub(crate) fn cache_bytes(&self) -> usize {
        self.cache_bytes.get()
    }

    /// Tells SQLite how many bytes of the file to cache at most.
    pub(crate) fn set_cache_bytes(&self, bytes: usize) -> Result<()> {
        let kib = i64::try_from(bytes / 1024).unwrap_or(i64::MAX);
        let set = self
            .connection
            .pragma_update(None, "cache_size", kib.saturating_neg());
        self.named(set)?;
        self.cache_bytes.set(bytes);
        Ok(())
    }

    /// Begins a transaction that may write, waiting for others as long as the busy timeout allows.
    pub(crate) fn begin_write(&self) -> Result<Transaction<'_>> {
        self.named(Transaction::new_unchecked(
            &self.connection,
            TransactionBehavior::Immediate,
        ))
    }

    /// Does as [`begin_write`](Self::begin_write) where a thread that panicked may have left a transaction behind.
    pub(crate) fn begin_write_anew(&self) -> Result<Transaction<'_>> {
        if !self.connection.is_autocommit() {
            self.execute("ROLLBACK", [])?;
        }
        self.begin_write()
    }

    /// Begins a transaction in which several statements see the same state, unless one is under way already.
    pub(crate) fn begin_read(&self) -> Result<Option<Reading<'_>>> {
        if !self.connection.is_autocommit() {
            return Ok(None);
        }
        self.execute("BEGIN DEFERRED", [])?;
        Ok(Some(Reading(self)))
    }

    pub(crate) fn close(self) -> Result<()> {
        let Self {
            connection,
            path,
            busy_timeout,
            ..
        } = self;
        connection
            .close()
            .map_err(|(_, error)| Error::sqlite(&path, busy_timeout, error))
    }
}
