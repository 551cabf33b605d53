//! Puts checked files into our model folder, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::pinned::ModelFile;

/// Checks the contents, writes them under a temporary name in `folder`, and renames.
///
/// Two processes that do this at once both succeed: each has its own temporary name, and either's
/// file is the right one.
pub(crate) fn install(folder: &Path, file: ModelFile, bytes: &[u8]) -> Result<(), String> {
    let name = file.name();
    file.check(bytes)
        .map_err(|problem| format!("{name} is not the right file: {problem}"))?;
    write_renamed(folder, name, bytes)
        .map_err(|error| format!("{name} cannot be written to {}: {error}", folder.display()))
}

/// Holds others off while one process fetches; let go when dropped, or when the process ends.
///
/// Only spares the second process a download, so a file system without locks does no harm.
pub(crate) fn lock(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join(".lock"))?;
    match lock.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(lock),
    }
}

fn write_renamed(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut temporary = NamedTempFile::with_prefix_in(format!(".{name}."), folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(folder.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{ModelFile, install, write_renamed};

    #[test]
    fn leaves_nothing_behind_when_the_bytes_are_wrong() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let problem =
            install(folder.path(), ModelFile::Weights, b"half").expect_err("not the weights");
        assert!(problem.contains("(4 bytes)"), "{problem}");
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    }

    #[test]
    fn replaces_a_half_written_file_as_a_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("config.json"), "{\"hid").expect("writable");
        write_renamed(folder.path(), "config.json", b"{}").expect("installed");
        let names: Vec<_> = fs::read_dir(folder.path())
            .expect("readable")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(names, ["config.json"]);
        assert_eq!(
            fs::read(folder.path().join("config.json")).expect("readable"),
            b"{}"
        );
    }
}
