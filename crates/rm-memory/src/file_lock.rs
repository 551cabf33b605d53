//! One file, one memory.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Ending of the file that is locked in place of the database.
///
/// SQLite keeps locks of its own on the database, which on Unix are lost when anybody in the process closes it.
const ENDING: &str = ".lock";

/// Keeps every other memory, in this process or another, off a database for as long as it lives.
///
/// Codebook and lists are held in RAM, so a second memory on the same file would route by what the first has
/// changed since. The operating system gives the lock back when the process ends, however it ends; the empty file
/// stays.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Locks the database at `path`, which is there.
    ///
    /// # Errors
    /// [`Error::InUse`] when another memory has it, [`Error::Lock`] when the lock's file cannot be made.
    pub(crate) fn acquire(path: &Path) -> Result<Self> {
        let failed = |source| Error::Lock {
            path: path.to_owned(),
            source,
        };
        let mut options = File::options();
        let options = options.write(true).create(true).truncate(false);
        let file = lock_path(path)
            .and_then(|beside| options.open(beside))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse {
                path: path.to_owned(),
            }),
            // A file system without locks leaves it to the user to open a file once.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { _file: file })
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Names the same file whichever way the database is reached, links included.
fn lock_path(path: &Path) -> io::Result<PathBuf> {
    let mut full = fs::canonicalize(path)?.into_os_string();
    full.push(ENDING);
    Ok(full.into())
}
