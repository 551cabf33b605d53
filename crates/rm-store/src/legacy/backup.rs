//! The copy of the original that an import in place leaves behind.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};

use crate::sqlite::Database;
use crate::{Error, Result};

/// Names tried before giving up: `x.python-backup`, `x.python-backup-2`, ...
const MOST_BACKUPS: u32 = 1000;

/// Writes a copy of what `database` holds, log included, beside it, and returns its path once it is safely on disk. An earlier
/// backup is never overwritten.
pub(super) fn write(database: &Database) -> Result<PathBuf> {
    let path = database.path();
    let folder = path.parent().unwrap_or(Path::new("."));
    let io = |source: IoError| Error::Io {
        path: path.to_owned(),
        source,
    };
    let mut copy = tempfile::Builder::new()
        .prefix(".python-backup-")
        .tempfile_in(folder)
        .map_err(io)?;
    let into = copy.path().to_str().ok_or_else(|| {
        io(IoError::new(
            ErrorKind::InvalidInput,
            "to be imported, the path must be valid UTF-8",
        ))
    })?;
    database.execute("VACUUM INTO ?1", [into])?;
    let permissions = fs::metadata(path).map_err(io)?.permissions();
    fs::set_permissions(copy.path(), permissions).map_err(io)?;
    copy.as_file().sync_all().map_err(io)?;
    for number in 1..=MOST_BACKUPS {
        let backup = backup_path(path, number);
        match copy.persist_noclobber(&backup) {
            Ok(_) => return sync_folder(folder).map_err(io).map(|()| backup),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => copy = taken.file,
            Err(other) => return Err(io(other.error)),
        }
    }
    Err(io(IoError::new(
        ErrorKind::AlreadyExists,
        "there are too many backups beside it",
    )))
}

fn backup_path(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".python-backup");
    if number > 1 {
        name.push(format!("-{number}"));
    }
    PathBuf::from(name)
}

/// Makes the new name survive a power cut, where folders can be synced.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
