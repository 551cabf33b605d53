//! Writing a file that is there whole or not at all.

use std::fs::{self, File};
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::{TempDir, TempPath};

use crate::sqlite::full_path;
use crate::{Error, Result};

/// Endings of the files that SQLite keeps beside a database: one that was left behind would be taken for part of the new one.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Has `write` make a file in a folder beside `target`, sees it safely on disk and gives it its name.
///
/// Nothing that exists is overwritten, and an attempt that fails leaves nothing behind; one that is killed leaves the folder, whose
/// name begins with `.rm-snapshot-`.
pub(crate) fn write_new(target: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let target = full_path(target)?;
    let io = |source| Error::Io {
        path: target.clone(),
        source,
    };
    let folder = target.parent().unwrap_or(Path::new("/"));
    if !folder.is_dir() {
        return Err(Error::MissingFolder {
            path: target.clone(),
            folder: folder.to_owned(),
        });
    }
    refuse_occupied(&target)?;
    let beside: TempDir = tempfile::Builder::new()
        .prefix(".rm-snapshot-")
        .tempdir_in(folder)
        .map_err(io)?;
    let unnamed = beside.path().join("memory.db");
    write(&unnamed)?;
    File::open(&unnamed)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    let unnamed = TempPath::try_from_path(unnamed).map_err(io)?;
    match unnamed.persist_noclobber(&target) {
        Ok(()) => {}
        Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::SnapshotExists {
                occupant: target.clone(),
                path: target,
            });
        }
        Err(other) => return Err(io(other.error)),
    }
    sync_folder(folder).map_err(io)
}

/// Makes a new name survive a power cut, where folders can be synced.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Returns a path as text, for a statement of SQLite's.
pub(crate) fn as_text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| Error::Io {
        path: path.to_owned(),
        source: IoError::new(
            ErrorKind::InvalidInput,
            "to be copied, the path must be valid UTF-8",
        ),
    })
}

fn refuse_occupied(target: &Path) -> Result<()> {
    let companions = COMPANIONS.iter().map(|ending| {
        let mut name = target.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    });
    for occupant in std::iter::once(target.to_owned()).chain(companions) {
        if fs::symlink_metadata(&occupant).is_ok() {
            return Err(Error::SnapshotExists {
                path: target.to_owned(),
                occupant,
            });
        }
    }
    Ok(())
}
