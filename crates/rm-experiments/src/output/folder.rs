//! The results folder: checked before work, locked during it, and changed one whole experiment at a
//! time.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::atomic::{TEMPORARY_ENDING, explained};
use super::folder_lock::FolderLock;
use super::report::{MARKER, REPORT};
use super::rows::{RECORD, read_rows};
use super::staged::staging_name;
use super::{Gate, Passage, Recorded, Staged};
use crate::suite::ExperimentId;

/// Room that must be there before work starts: more than the tables and plots of a whole run take.
const ROOM_BYTES: usize = 16 << 20;

/// Holds the folder of all results, which no other run can open meanwhile.
#[derive(Debug)]
pub struct ResultsFolder {
    path: PathBuf,
    lock: FolderLock,
    gate: Gate,
}

impl ResultsFolder {
    /// Creates the folder where it is missing, checks that it can take results, and clears away
    /// what an interrupted run left. All changes then go through `gate`.
    ///
    /// # Errors
    /// When the path is a file, the folder cannot be written to or has no room, another run is
    /// using it, or it holds a `README.md` or a folder with an experiment's name that this program
    /// did not make and would have to replace.
    pub fn open(path: &Path, gate: &Gate) -> Result<Self> {
        let shown = path.display();
        ensure!(
            !path.exists() || path.is_dir(),
            "expected a folder for the results at {shown}, which is a file; choose another with --out"
        );
        fs::create_dir_all(path).map_err(|error| {
            explained(&error, &format!("cannot create the results folder {shown}"))
        })?;
        let mut passage = gate.pass();
        let results = Self {
            path: path.to_owned(),
            lock: FolderLock::acquire(path)?,
            gate: gate.clone(),
        };
        results.check_room()?;
        results.clear_leftovers()?;
        results.check_ownership()?;
        passage.opened(path.to_owned());
        Ok(results)
    }

    /// Returns where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until the folder may be changed, which is never where the run is being interrupted.
    #[must_use]
    pub fn pass(&self) -> Passage<'_> {
        self.gate.pass()
    }

    /// Starts an empty folder for experiment `id`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn stage(&self, id: ExperimentId) -> Result<Staged<'_>> {
        let _passage = self.pass();
        self.check_still_there()?;
        Staged::create(self, id)
    }

    /// Checks that nobody took the folder away while the run was writing to it.
    ///
    /// # Errors
    /// When the path leads to nothing, or to another folder, which another run may be using.
    pub fn check_still_there(&self) -> Result<()> {
        ensure!(
            self.lock.still_holds(),
            "the results folder {} was removed or replaced while this run was writing to it; run the same command \
             again",
            self.path.display()
        );
        Ok(())
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

    pub(super) fn final_path(&self, id: ExperimentId) -> PathBuf {
        self.path.join(id.folder())
    }

    pub(super) fn previous_path(&self, id: ExperimentId) -> PathBuf {
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
            remove(&self.path.join(staging_name(id)))?;
        }
        let cannot = || format!("cannot list {}", self.path.display());
        for entry in fs::read_dir(&self.path).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && name.ends_with(TEMPORARY_ENDING) && entry.path().is_file() {
                fs::remove_file(entry.path())
                    .with_context(|| format!("cannot remove {}", entry.path().display()))?;
            }
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

/// Removes a folder with all that is in it, where there is one.
pub(super) fn remove(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::RunState;
    use crate::output::samples::{record, row};

    const ID: ExperimentId = ExperimentId::H2;

    fn commit(results: &ResultsFolder, ours: f64) -> Result<()> {
        let staged = results.stage(ID)?;
        fs::write(staged.path().join("curve.svg"), ours.to_string())?;
        staged.commit(
            &mut results.pass(),
            &[row(ID, "r_at_5", ours)?],
            &record(ID),
        )
    }

    fn open(path: &Path) -> Result<ResultsFolder> {
        ResultsFolder::open(path, &Gate::default())
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
        open(path)
            .map_err(|error| format!("{error:#}"))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn a_commit_replaces_the_whole_folder() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = open(folder.path())?;
        let staged = results.stage(ID)?;
        fs::write(staged.path().join("stale.png"), "x")?;
        staged.commit(&mut results.pass(), &[row(ID, "r_at_5", 0.5)?], &record(ID))?;
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
        let results = open(folder.path())?;
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
        commit(&open(folder.path())?, 0.5)?;
        // Killed while it was measuring:
        fs::create_dir(folder.path().join(".h1.partial"))?;
        fs::write(folder.path().join(".h1.partial/rows.csv"), "half")?;
        // Killed between the two renames of a commit:
        fs::rename(folder.path().join("h2"), folder.path().join(".h2.previous"))?;
        fs::create_dir(folder.path().join(".h2.partial"))?;
        // Killed while it was writing the report:
        fs::write(folder.path().join(".x7Qf2A.partial"), "half")?;
        let results = open(folder.path())?;
        assert_eq!(ours(&results)?, Some(0.5));
        assert_eq!(names(folder.path())?, ["h2"]);
        Ok(())
    }

    #[test]
    fn an_interrupted_run_takes_its_folders_away() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = open(folder.path())?;
        commit(&results, 0.5)?;
        let _staged = results.stage(ExperimentId::A4)?;
        ResultsFolder::discard_staged(folder.path());
        assert_eq!(names(folder.path())?, ["h2"]);
        Ok(())
    }

    #[test]
    fn an_interruption_learns_what_is_done() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let gate = Gate::default();
        let results = ResultsFolder::open(folder.path(), &gate)?;
        commit(&results, 0.5)?;
        let expected = RunState {
            folder: Some(folder.path().to_owned()),
            done: vec![ID],
        };
        assert_eq!(gate.close(), expected);
        Ok(())
    }

    #[test]
    fn a_run_that_was_refused_has_nothing_to_clear_up() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("h1"))?;
        let gate = Gate::default();
        assert!(ResultsFolder::open(folder.path(), &gate).is_err());
        assert_eq!(gate.close(), RunState::default());
        Ok(())
    }

    #[test]
    fn a_folder_that_went_away_is_named() -> Result<()> {
        let outer = tempfile::tempdir()?;
        let path = outer.path().join("results");
        let results = open(&path)?;
        let staged = results.stage(ID)?;
        fs::remove_dir_all(&path)?;
        let late = staged.commit(&mut results.pass(), &[row(ID, "r_at_5", 0.5)?], &record(ID));
        for error in [late.err(), results.stage(ID).err()] {
            let message = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains("was removed or replaced"), "{message}");
        }
        assert!(!path.exists());
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
        let first = open(folder.path())?;
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
