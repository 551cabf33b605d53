//! The results folder: checked before work, locked during it, and changed one whole experiment at a
//! time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::atomic::explained;
use super::report::{MARKER, REPORT};
use super::rows::{RECORD, read_rows, write_rows};
use super::{Recorded, RunRecord};
use crate::suite::{ExperimentId, ResultRow};

/// Room that must be there before work starts: more than the tables and plots of a whole run take.
const ROOM_BYTES: usize = 16 << 20;

/// Holds the folder of all results, which no other run can open meanwhile.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    // Held for its lock, which ends with it.
    _lock: Option<File>,
}

/// Holds the folder that an experiment writes to while it runs; dropped without a commit, it
/// vanishes.
#[derive(Debug)]
pub struct Staged<'a> {
    results: &'a ResultsFolder,
    id: ExperimentId,
    path: PathBuf,
}

impl ResultsFolder {
    /// Creates the folder where it is missing, checks that it can take results, and clears away
    /// what an interrupted run left.
    ///
    /// # Errors
    /// When the path is a file, the folder cannot be written to or has no room, another run is
    /// using it, or it holds a `README.md` or a folder with an experiment's name that this program
    /// did not make and would have to replace.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        ensure!(
            !path.exists() || path.is_dir(),
            "expected a folder for the results at {shown}, which is a file; choose another with --out"
        );
        fs::create_dir_all(path).map_err(|error| {
            explained(&error, &format!("cannot create the results folder {shown}"))
        })?;
        let results = Self {
            path: path.to_owned(),
            _lock: lock(path)?,
        };
        results.check_room()?;
        results.clear_leftovers()?;
        results.check_ownership()?;
        Ok(results)
    }

    /// Returns where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts an empty folder for experiment `id`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn stage(&self, id: ExperimentId) -> Result<Staged<'_>> {
        let path = self.staging_path(id);
        remove(&path)?;
        fs::create_dir(&path)
            .map_err(|error| explained(&error, &format!("cannot create {}", path.display())))?;
        Ok(Staged {
            results: self,
            id,
            path,
        })
    }

    /// Reads the results of experiment `id`, or `None` where it has not run yet.
    ///
    /// # Errors
    /// As [`read_rows`].
    pub fn read(&self, id: ExperimentId) -> Result<Option<Recorded>> {
        read_rows(&self.final_path(id))
    }

    /// Returns the names of the CSV tables of experiment `id`, sorted.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn tables(&self, id: ExperimentId) -> Result<Vec<String>> {
        let path = self.final_path(id);
        let cannot = || format!("cannot list {}", path.display());
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).with_context(cannot)? {
            let name = entry
                .with_context(cannot)?
                .file_name()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".csv") && !name.starts_with('.') {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Removes the unfinished folders in `path`, for a run that is being interrupted.
    pub fn discard_staged(path: &Path) {
        for id in ExperimentId::ALL {
            // The process is about to end; what cannot be removed now is removed by the next run.
            drop(fs::remove_dir_all(path.join(staging_name(id))));
        }
    }

    fn final_path(&self, id: ExperimentId) -> PathBuf {
        self.path.join(id.folder())
    }

    fn staging_path(&self, id: ExperimentId) -> PathBuf {
        self.path.join(staging_name(id))
    }

    fn previous_path(&self, id: ExperimentId) -> PathBuf {
        self.path.join(format!(".{}.previous", id.folder()))
    }

    /// Writes and removes a file, because a folder's permissions do not tell of full disks and
    /// read-only mounts.
    fn check_room(&self) -> Result<()> {
        let probe = || -> io::Result<()> {
            let mut file = tempfile::tempfile_in(&self.path)?;
            file.write_all(&vec![0; ROOM_BYTES])?;
            file.sync_all()
        };
        let task = format!(
            "cannot write a test file of {} MiB to the results folder {}",
            ROOM_BYTES >> 20,
            self.path.display()
        );
        probe().map_err(|error| explained(&error, &task))
    }

    /// Undoes what a killed run left: a swap that stopped between its two renames, and unfinished
    /// folders.
    fn clear_leftovers(&self) -> Result<()> {
        for id in ExperimentId::ALL {
            let (current, previous) = (self.final_path(id), self.previous_path(id));
            if previous.exists() && !current.exists() {
                fs::rename(&previous, &current)
                    .with_context(|| format!("cannot restore {}", current.display()))?;
            }
            remove(&previous)?;
            remove(&self.staging_path(id))?;
        }
        Ok(())
    }

    fn check_ownership(&self) -> Result<()> {
        for id in ExperimentId::ALL {
            let path = self.final_path(id);
            if path.exists() && !path.join(RECORD).exists() {
                bail!(
                    "{} was not made by this program (it holds no {RECORD}) and would be replaced; \
                     move it away or choose another folder with --out",
                    path.display()
                );
            }
        }
        let report = self.path.join(REPORT);
        if report.exists() && !super::atomic::read(&report)?.starts_with(MARKER) {
            bail!(
                "{} was not made by this program and would be replaced; \
                 move it away or choose another folder with --out",
                report.display()
            );
        }
        Ok(())
    }
}

impl Staged<'_> {
    /// Returns where the experiment writes its files.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds rows and record, then puts the folder in the place of the experiment's earlier one.
    ///
    /// # Errors
    /// When something cannot be written or renamed; the earlier folder is then still there.
    pub fn commit(self, rows: &[ResultRow], record: &RunRecord) -> Result<()> {
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

fn staging_name(id: ExperimentId) -> String {
    format!(".{}.partial", id.folder())
}

fn remove(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Locks the folder itself, which leaves no lock file; only Unix can open a folder as a file.
fn lock(path: &Path) -> Result<Option<File>> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let folder = File::open(path)
        .map_err(|error| explained(&error, &format!("cannot open {}", path.display())))?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => bail!(
            "another run is writing to {}; wait for it or choose another folder with --out",
            path.display()
        ),
        // Some network file systems know no locks; results there are as safe as their user is
        // careful.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::{record, row};

    const ID: ExperimentId = ExperimentId::H2;

    fn commit(results: &ResultsFolder, ours: f64) -> Result<()> {
        let staged = results.stage(ID)?;
        fs::write(staged.path().join("curve.svg"), ours.to_string())?;
        staged.commit(&[row(ID, "r_at_5", ours)?], &record(ID))
    }

    fn ours(results: &ResultsFolder) -> Result<Option<f64>> {
        Ok(results.read(ID)?.map(|recorded| recorded.rows[0].ours))
    }

    fn names(folder: &Path) -> Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn refusal(path: &Path) -> String {
        ResultsFolder::open(path)
            .map_err(|error| format!("{error:#}"))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn a_commit_replaces_the_whole_folder() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = ResultsFolder::open(folder.path())?;
        let staged = results.stage(ID)?;
        fs::write(staged.path().join("stale.png"), "x")?;
        staged.commit(&[row(ID, "r_at_5", 0.5)?], &record(ID))?;
        commit(&results, 0.9)?;
        assert_eq!(ours(&results)?, Some(0.9));
        assert_eq!(names(folder.path())?, ["h2"]);
        assert_eq!(
            names(&folder.path().join("h2"))?,
            ["curve.svg", "rows.csv", "run.json"]
        );
        Ok(())
    }

    #[test]
    fn without_a_commit_nothing_changes() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = ResultsFolder::open(folder.path())?;
        commit(&results, 0.5)?;
        let staged = results.stage(ID)?;
        fs::write(staged.path().join("rows.csv"), "half")?;
        drop(staged);
        assert_eq!(ours(&results)?, Some(0.5));
        assert_eq!(names(folder.path())?, ["h2"]);
        Ok(())
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_away() -> Result<()> {
        let folder = tempfile::tempdir()?;
        commit(&ResultsFolder::open(folder.path())?, 0.5)?;
        // Killed while it was measuring:
        fs::create_dir(folder.path().join(".h1.partial"))?;
        fs::write(folder.path().join(".h1.partial/rows.csv"), "half")?;
        // Killed between the two renames of a commit:
        fs::rename(folder.path().join("h2"), folder.path().join(".h2.previous"))?;
        fs::create_dir(folder.path().join(".h2.partial"))?;
        let results = ResultsFolder::open(folder.path())?;
        assert_eq!(ours(&results)?, Some(0.5));
        assert_eq!(names(folder.path())?, ["h2"]);
        Ok(())
    }

    #[test]
    fn an_interrupted_run_takes_its_folders_away() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = ResultsFolder::open(folder.path())?;
        commit(&results, 0.5)?;
        let _staged = results.stage(ExperimentId::A4)?;
        ResultsFolder::discard_staged(folder.path());
        assert_eq!(names(folder.path())?, ["h2"]);
        Ok(())
    }

    #[test]
    fn a_file_is_no_results_folder() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("results");
        fs::write(&file, "mine")?;
        assert!(refusal(&file).contains("which is a file"));
        assert!(refusal(&file.join("below")).contains("cannot create the results folder"));
        assert_eq!(fs::read(&file)?, b"mine");
        Ok(())
    }

    #[test]
    fn other_peoples_files_are_not_replaced() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("README.md"), "# A project\n")?;
        assert!(refusal(folder.path()).contains("README.md was not made by this program"));
        fs::remove_file(folder.path().join("README.md"))?;
        fs::create_dir(folder.path().join("h1"))?;
        assert!(refusal(folder.path()).contains("h1 was not made by this program"));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn two_runs_do_not_write_to_one_folder() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let first = ResultsFolder::open(folder.path())?;
        assert!(refusal(folder.path()).contains("another run is writing"));
        drop(first);
        assert_eq!(refusal(folder.path()), "");
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_refused() {
        // Even root can write nothing to the kernel's own file systems.
        assert!(refusal(Path::new("/proc/self")).contains("test file"));
        assert!(refusal(Path::new("/proc/results")).contains("cannot create"));
    }
}
