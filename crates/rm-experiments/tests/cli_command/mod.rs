//! The built binary, for the tests of the command line.

// Each test file is a crate of its own and needs only some of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Lets tests use `?` on whatever fails.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How long a run may take to say what a test waits for; long enough for a machine that has other work as well.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the one experiment that these tests run says when it has its vectors and begins to measure.
pub(crate) const MEASURING: &str = "A4 agent-memories";

/// Returns the command `rm-experiments`, run in a folder that holds no results.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rm-experiments"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs the command; returns its exit status, what it wrote to standard output and to standard
/// error.
pub(crate) fn output(arguments: &[&str]) -> Result<(Option<i32>, String, String)> {
    let output = command().args(arguments).output()?;
    let stdout = String::from_utf8(output.stdout)?;
    let stderr = String::from_utf8(output.stderr)?;
    Ok((output.status.code(), stdout, stderr))
}

/// Returns the words for a run of a few seconds, A4 at its smallest on generated text in 8 bits, into `out`.
pub(crate) fn small_run(out: &Path, cache: &Path) -> Vec<String> {
    let words = "--select A4 --scale smoke --data generated --precision int8 --threads 2";
    let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    for (option, folder) in [("--out", out), ("--cache", cache)] {
        words.extend([option.to_owned(), folder.to_string_lossy().into_owned()]);
    }
    words
}

/// Returns the folder of vectors that the tests keep from run to run.
pub(crate) fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors")
}

/// Is a run that is going on; dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    stderr: String,
}

impl Running {
    /// Starts `command`, whose standard error it follows.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let stderr = child.stderr.take().ok_or("no standard error")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut lines = BufReader::new(stderr).lines().map_while(io::Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Ok(Self {
            child,
            lines,
            stderr: String::new(),
        })
    }

    /// Starts [`small_run`].
    pub(crate) fn small(out: &Path, cache: &Path) -> Result<Self> {
        let mut command = command();
        command.args(small_run(out, cache));
        Self::start(command)
    }

    /// Waits for a line of standard error that begins with `start`.
    pub(crate) fn wait_for(&mut self, start: &str) -> Result<()> {
        loop {
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .map_err(|error| format!("no line {start:?} ({error}) in {}", self.stderr))?;
            let found = line.starts_with(start);
            self.stderr.push_str(&line);
            self.stderr.push('\n');
            if found {
                return Ok(());
            }
        }
    }

    /// Returns the process id.
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Sends a signal, `INT`.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        succeed(Command::new("kill").args(["-s", name, &self.id()]))
    }

    /// Waits for the end; returns what [`output`] returns.
    pub(crate) fn end(mut self) -> Result<(Option<i32>, String, String)> {
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout)?;
        }
        let status = self.child.wait()?;
        let mut stderr = std::mem::take(&mut self.stderr);
        for line in self.lines.iter() {
            stderr.push_str(&line);
            stderr.push('\n');
        }
        Ok((status.code(), stdout, stderr))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        drop(self.child.kill());
    }
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

/// Returns all files below a folder with their bytes, by their paths in it.
pub(crate) fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.to_path_buf(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// Returns the names in a folder, sorted, those with a leading dot included.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into()));
    let mut names: Vec<String> = names.collect::<io::Result<_>>()?;
    names.sort();
    Ok(names)
}
