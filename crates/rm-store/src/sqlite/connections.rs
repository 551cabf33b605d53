//! The connections to one file: one that writes, and as many that read as there are threads reading at once.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::database::Database;
use super::open::{connect_to_copy, connect_to_read};
use super::options::Options;
use crate::{Error, Result, new_file};

/// Reading connections that are kept open while nobody needs them.
const IDLE: usize = 8;

/// Bytes of the file that the writing connection caches; SQLite's own default.
const WRITER_CACHE_BYTES: usize = 2_000 * 1024;

/// Gives out the connections to one file.
///
/// Whoever reads sees the last state that was committed, and does not wait for whoever writes; that is what SQLite's write-ahead
/// log gives, to one connection each.
#[derive(Debug)]
pub(crate) struct Connections {
    // Closed first: the last connection to close folds the log into the file, and that is to be the writing one.
    idle: Mutex<Vec<Database>>,
    writer: Mutex<Database>,
    path: PathBuf,
    options: Options,
    /// What each reading connection may cache.
    cache_bytes: AtomicUsize,
}

impl Connections {
    pub(crate) fn new(writer: Database, options: &Options) -> Result<Self> {
        writer.set_cache_bytes(WRITER_CACHE_BYTES)?;
        Ok(Self {
            idle: Mutex::default(),
            path: writer.path().to_owned(),
            writer: Mutex::new(writer),
            options: options.clone(),
            cache_bytes: AtomicUsize::new(WRITER_CACHE_BYTES),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the connection that writes, waiting for other threads to be done with it.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Database> {
        // A thread that panicked left at most a transaction behind, which the next one to begin rolls back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a connection that reads.
    pub(crate) fn reader(&self) -> Result<Lease<'_>> {
        let idle = self.idle().pop();
        let database = match idle {
            Some(database) => database,
            None => connect_to_read(&self.path, &self.options)?,
        };
        let bytes = self.cache_bytes.load(Ordering::Relaxed);
        if database.cache_bytes() != bytes {
            database.set_cache_bytes(bytes)?;
        }
        Ok(Lease {
            of: self,
            database: Some(database),
        })
    }

    /// Copies the file, as it is at one moment, into a new one, without what is free in it; nobody has to wait.
    pub(crate) fn copy_into(&self, new: &Path) -> Result<()> {
        let permissions = fs::metadata(&self.path);
        let into = new_file::as_text(new)?;
        let database = connect_to_copy(&self.path, &self.options)?;
        database.execute("VACUUM INTO ?1", [into])?;
        permissions
            .and_then(|metadata| fs::set_permissions(new, metadata.permissions()))
            .map_err(|source| Error::Io {
                path: new.to_owned(),
                source,
            })?;
        database.close()
    }

    /// Sets what each reading connection may cache from now on.
    pub(crate) fn set_cache_bytes(&self, bytes: usize) {
        self.cache_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Returns what the connections cache at most, with one that reads.
    pub(crate) fn cache_bytes(&self) -> usize {
        let readers = self.idle().len().max(1);
        WRITER_CACHE_BYTES + readers * self.cache_bytes.load(Ordering::Relaxed)
    }

    /// Closes the file and reports what stands in the way.
    pub(crate) fn close(self) -> Result<()> {
        let idle = self.idle.into_inner();
        for database in idle.unwrap_or_else(PoisonError::into_inner) {
            database.close()?;
        }
        let writer = self.writer.into_inner();
        writer.unwrap_or_else(PoisonError::into_inner).close()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Database>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Is a connection lent out for reading.
pub(crate) struct Lease<'c> {
    of: &'c Connections,
    /// Is there until it is given back.
    database: Option<Database>,
}

impl Deref for Lease<'_> {
    type Target = Database;

    fn deref(&self) -> &Database {
        match &self.database {
            Some(database) => database,
            None => unreachable!("a lease holds its connection until it is dropped"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut idle = self.of.idle();
        if let Some(database) = self.database.take()
            && idle.len() < IDLE
        {
            idle.push(database);
        }
    }
}
