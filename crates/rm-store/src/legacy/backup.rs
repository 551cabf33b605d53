//! The copy of the original that an import in place leaves behind.

use std::ffi::OsString;
use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::new_file::{as_text, sync_folder};
use crate::sqlite::Database;
use crate::{Error, Result};

/// Names tried before giving up: `x.python-backup`, `x.python-backup-2`, ...
const MOST_BACKUPS: u32 = 1000;

/// A copy that is removed when dropped, unless it is kept.
pub(super) struct Backup {
    of: PathBuf,
    copy: NamedTempFile,
}

impl Backup {
    /// Copies what `database` holds, log included, into a nameless file beside it, and sees it safely on disk.
    pub(super) fn write(database: &Database) -> Result<Self> {
        let path = database.path();
        let io = |source| io(path, source);
        let mut builder = tempfile::Builder::new();
        let copy = builder
            .prefix(".python-backup-")
            .tempfile_in(folder(path))
            .map_err(io)?;
        let into = as_text(copy.path())?;
        database.execute("VACUUM INTO ?1", [into])?;
        let permissions = fs::metadata(path).map_err(io)?.permissions();
        fs::set_permissions(copy.path(), permissions).map_err(io)?;
        copy.as_file().sync_all().map_err(io)?;
        Ok(Self {
            of: path.to_owned(),
            copy,
        })
    }

    /// Gives the copy the first backup name that is free, and returns its path. An earlier backup is never overwritten.
    pub(super) fn keep(self) -> Result<PathBuf> {
        let Self { of, mut copy } = self;
        for number in 1..=MOST_BACKUPS {
            let backup = backup_path(&of, number);
            match copy.persist_noclobber(&backup) {
                Ok(_) => {
                    return sync_folder(folder(&of))
                        .map_err(|source| io(&of, source))
                        .map(|()| backup);
                }
                Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => copy = taken.file,
                Err(other) => return Err(io(&of, other.error)),
            }
        }
        Err(io(
            &of,
            IoError::new(
                ErrorKind::AlreadyExists,
                "there are too many backups beside it",
            ),
        ))
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn io(path: &Path, source: IoError) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
    }
}

fn backup_path(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".python-backup");
    if number > 1 {
        name.push(format!("-{number}"));
    }
    PathBuf::from(name)
}
