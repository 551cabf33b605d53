//! Files that bear their name only when they are whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tempfile::{Builder, NamedTempFile};

/// How temporary names end; they begin with a dot.
pub(super) const TEMPORARY_ENDING: &str = ".partial";

/// Takes bytes under a temporary name in the folder of its target; [`finish`](Self::finish) gives
/// it the target's name.
///
/// Dropped before that, it leaves nothing behind; killed, it leaves a file whose name begins with a
/// dot.
#[derive(Debug)]
pub struct AtomicFile {
    file: NamedTempFile,
    target: PathBuf,
}

impl AtomicFile {
    /// Starts the file that will be `target`.
    ///
    /// # Errors
    /// When the folder of `target` is missing or cannot be written to.
    pub fn create(target: &Path) -> Result<Self> {
        let folder = target.parent().unwrap_or_else(|| Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".").suffix(TEMPORARY_ENDING);
        // Temporary files are private by default; results are for everyone whom the umask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder
            .tempfile_in(folder)
            .map_err(|error| explained(&error, &format!("cannot create {}", target.display())))?;
        Ok(Self {
            file,
            target: target.to_owned(),
        })
    }

    /// Writes `bytes` as the whole of `target`.
    ///
    /// # Errors
    /// When the file cannot be written; an earlier `target` is then still there.
    pub fn write(target: &Path, bytes: &[u8]) -> Result<()> {
        let mut file = Self::create(target)?;
        file.write_all(bytes)
            .map_err(|error| explained(&error, &format!("cannot write {}", target.display())))?;
        file.finish()
    }

    /// Brings the bytes to the disk and gives the file its name, in place of an earlier one.
    ///
    /// # Errors
    /// When the disk is full or the folder has gone.
    pub fn finish(self) -> Result<()> {
        let Self { file, target } = self;
        let task = format!("cannot write {}", target.display());
        file.as_file()
            .sync_all()
            .map_err(|error| explained(&error, &task))?;
        file.persist(&target)
            .map_err(|error| explained(&error.error, &task))?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Joins what was tried, what the system said and what to do about it.
pub(super) fn explained(error: &io::Error, task: &str) -> anyhow::Error {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space there or choose another folder with --out"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder you may write to with --out"
        }
        _ => return anyhow!("{task}: {error}"),
    };
    anyhow!("{task}: {error}; {advice}")
}

/// Reads a file, naming it when that fails.
pub(super) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(folder: &Path) -> Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    #[test]
    fn the_name_appears_with_the_last_byte() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("table.csv");
        let mut file = AtomicFile::create(&target)?;
        file.write_all(b"half")?;
        file.flush()?;
        assert!(!target.exists());
        file.finish()?;
        assert_eq!(fs::read(&target)?, b"half");
        assert_eq!(names(folder.path())?, ["table.csv"]);
        Ok(())
    }

    #[test]
    fn an_unfinished_file_leaves_the_old_one() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("table.csv");
        AtomicFile::write(&target, b"old")?;
        let mut file = AtomicFile::create(&target)?;
        file.write_all(b"new")?;
        drop(file);
        assert_eq!(fs::read(&target)?, b"old");
        assert_eq!(names(folder.path())?, ["table.csv"]);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_the_result() -> Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("table.csv");
        AtomicFile::write(&target, b"x")?;
        fs::write(folder.path().join("plain"), b"x")?;
        let mode = |path: &Path| fs::metadata(path).map(|meta| meta.permissions().mode());
        assert_eq!(mode(&target)?, mode(&folder.path().join("plain"))?);
        Ok(())
    }

    #[test]
    fn a_full_disk_is_explained() {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        assert!(
            explained(&error, "cannot write x")
                .to_string()
                .contains("free some space")
        );
    }
}
