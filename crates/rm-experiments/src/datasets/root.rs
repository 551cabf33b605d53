//! Where the data sets lie.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::error::{Attempt, DatasetError};

/// Lists the folders in which data sets are looked for, in order.
///
/// A folder counts for a data set only if it holds all files of that set, so a `data/` that contains
/// nothing but its README hides nothing, and two sets may lie in two folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRoot {
    folders: Vec<PathBuf>,
}

impl DataRoot {
    /// The environment variable that names a data folder.
    pub const VARIABLE: &'static str = "RM_DATA";

    /// Looks where the data may lie: `$RM_DATA`, then `data/`, then `../shared/data`.
    ///
    /// The last two are taken relative to the root of the Cargo workspace around the current directory
    /// and relative to the current directory itself.
    #[must_use]
    pub fn find() -> Self {
        let current = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        Self {
            folders: default_folders(env::var_os(Self::VARIABLE), &current),
        }
    }

    /// Looks in one folder and nowhere else.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folders: vec![folder.into()],
        }
    }

    /// Returns the folders in the order in which they are tried.
    #[must_use]
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Returns the first folder that holds all `files` (paths relative to it) of `data_set`.
    ///
    /// # Errors
    /// [`DatasetError::Missing`] with every folder tried and what it lacks, and [`DatasetError::Io`] if
    /// a folder cannot be looked into.
    pub fn locate(
        &self,
        data_set: &'static str,
        files: &[&'static str],
    ) -> Result<&Path, DatasetError> {
        let mut tried = Vec::with_capacity(self.folders.len());
        for folder in &self.folders {
            let lacks = missing_files(folder, files)?;
            if lacks.is_empty() {
                return Ok(folder);
            }
            tried.push(Attempt {
                folder: folder.clone(),
                lacks,
            });
        }
        Err(DatasetError::Missing { data_set, tried })
    }
}

/// Builds the default search list; an empty variable counts as unset.
fn default_folders(variable: Option<OsString>, current: &Path) -> Vec<PathBuf> {
    let workspace = workspace_root(current);
    let bases: Vec<&Path> = workspace.into_iter().chain([current]).collect();
    let named = variable
        .filter(|value| !value.is_empty())
        .map(|value| current.join(value));
    let own = bases.iter().map(|base| base.join("data"));
    // The parent is taken by name, not as `..`, so that messages show the folder a person would type.
    let shared = bases
        .iter()
        .map(|base| base.parent().unwrap_or(base).join("shared").join("data"));
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in named.into_iter().chain(own).chain(shared) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Returns the nearest folder, upwards from `start`, whose `Cargo.toml` declares a workspace.
fn workspace_root(start: &Path) -> Option<&Path> {
    start.ancestors().find(|folder| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == "[workspace]"))
    })
}

fn missing_files(folder: &Path, files: &[&'static str]) -> Result<Vec<&'static str>, DatasetError> {
    let mut missing = Vec::new();
    for &file in files {
        let path = folder.join(file);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => missing.push(file),
            Err(error) if is_absence(error.kind()) => missing.push(file),
            Err(error) => return Err(DatasetError::io(&path, error)),
        }
    }
    Ok(missing)
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_comes_first_then_data_then_shared() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let workspace = home.path().join("project");
        let member = workspace.join("crates").join("member");
        fs::create_dir_all(&member)?;
        fs::write(workspace.join("Cargo.toml"), "[workspace]\nmembers = []\n")?;
        fs::write(member.join("Cargo.toml"), "[package]\nname = \"member\"\n")?;

        let folders = default_folders(Some("/elsewhere".into()), &member);
        assert_eq!(
            folders,
            [
                PathBuf::from("/elsewhere"),
                workspace.join("data"),
                member.join("data"),
                home.path().join("shared").join("data"),
                workspace.join("crates").join("shared").join("data"),
            ]
        );
        Ok(())
    }

    #[test]
    fn at_the_workspace_root_no_folder_stands_twice() -> std::io::Result<()> {
        let home = tempfile::tempdir()?;
        let workspace = home.path().join("project");
        fs::create_dir_all(&workspace)?;
        fs::write(workspace.join("Cargo.toml"), "[workspace]\n")?;

        let folders = default_folders(Some(OsString::new()), &workspace);
        assert_eq!(
            folders,
            [
                workspace.join("data"),
                home.path().join("shared").join("data")
            ]
        );
        Ok(())
    }

    #[test]
    fn a_relative_variable_counts_from_the_current_directory() {
        let folders = default_folders(Some("texts".into()), Path::new("/no/such/place"));
        assert_eq!(folders[0], Path::new("/no/such/place/texts"));
    }
}
