//! The lock by which one run has a results folder for itself.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::atomic::explained;

/// Locks a folder until it is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub(super) struct FolderLock {
    path: PathBuf,
    file: Option<File>,
}

impl FolderLock {
    /// Locks the folder itself, which leaves no lock file; only Unix can open a folder as a file.
    pub(super) fn acquire(path: &Path) -> Result<Self> {
        let lock = |file| Self {
            path: path.to_owned(),
            file,
        };
        if !cfg!(unix) {
            return Ok(lock(None));
        }
        let folder = File::open(path)
            .map_err(|error| explained(&error, &format!("cannot open {}", path.display())))?;
        match folder.try_lock() {
            Ok(()) => Ok(lock(Some(folder))),
            Err(TryLockError::WouldBlock) => bail!(
                "another run is writing to {}; wait for it or choose another folder with --out",
                path.display()
            ),
            // Some network file systems know no locks; results there are as safe as their user is
            // careful.
            Err(TryLockError::Error(_)) => Ok(lock(Some(folder))),
        }
    }

    /// Returns whether the path still leads to the folder that was locked.
    pub(super) fn still_holds(&self) -> bool {
        match &self.file {
            Some(file) => same_folder(file, &self.path),
            None => self.path.is_dir(),
        }
    }
}

#[cfg(unix)]
fn same_folder(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of_lock = file.metadata().map(|now| (now.dev(), now.ino()));
    let of_path = std::fs::metadata(path).map(|now| (now.dev(), now.ino()));
    matches!((of_lock, of_path), (Ok(lock), Ok(path)) if lock == path)
}

#[cfg(not(unix))]
fn same_folder(_file: &File, path: &Path) -> bool {
    path.is_dir()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_that_was_replaced_is_no_longer_held() -> Result<()> {
        let outer = tempfile::tempdir()?;
        let path = outer.path().join("results");
        fs::create_dir(&path)?;
        let lock = FolderLock::acquire(&path)?;
        assert!(lock.still_holds());
        fs::rename(&path, outer.path().join("elsewhere"))?;
        assert!(!lock.still_holds());
        fs::create_dir(&path)?;
        assert!(!lock.still_holds());
        Ok(())
    }
}
