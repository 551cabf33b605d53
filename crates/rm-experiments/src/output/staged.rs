//! The folder of an experiment that is still running.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::atomic::explained;
use super::folder::remove;
use super::rows::write_rows;
use super::{Passage, ResultsFolder, RunRecord};
use crate::suite::{ExperimentId, ResultRow};

/// Holds the folder that an experiment writes to while it runs; dropped without a commit, it
/// vanishes.
#[derive(Debug)]
pub struct Staged<'a> {
    results: &'a ResultsFolder,
    id: ExperimentId,
    path: PathBuf,
}

impl<'a> Staged<'a> {
    /// Starts an empty folder for experiment `id`.
    pub(super) fn create(results: &'a ResultsFolder, id: ExperimentId) -> Result<Self> {
        let path = results.path().join(staging_name(id));
        remove(&path)?;
        fs::create_dir(&path)
            .map_err(|error| explained(&error, &format!("cannot create {}", path.display())))?;
        Ok(Self { results, id, path })
    }

    /// Returns where the experiment writes its files.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds rows and record, then puts the folder in the place of the experiment's earlier one.
    ///
    /// # Errors
    /// When something cannot be written or renamed; the earlier folder is then still there.
    pub fn commit(
        self,
        passage: &mut Passage<'_>,
        rows: &[ResultRow],
        record: &RunRecord,
    ) -> Result<()> {
        self.results.check_still_there()?;
        write_rows(&self.path, rows, record)?;
        let current = self.results.final_path(self.id);
        let previous = self.results.previous_path(self.id);
        let cannot = || format!("cannot replace {}", current.display());
        if current.exists() {
            fs::rename(&current, &previous).with_context(cannot)?;
        }
        if let Err(error) = fs::rename(&self.path, &current) {
            if previous.exists() {
                fs::rename(&previous, &current).with_context(cannot)?;
            }
            return Err(error).with_context(cannot);
        }
        passage.done(self.id);
        remove(&previous)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // After a commit there is nothing left here; what cannot be removed is removed by the next
        // run.
        drop(fs::remove_dir_all(&self.path));
    }
}

/// Returns the name of the folder that experiment `id` writes to while it runs.
pub(super) fn staging_name(id: ExperimentId) -> String {
    format!(".{}.partial", id.folder())
}
