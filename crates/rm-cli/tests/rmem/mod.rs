//! The built command on a memory of its own, for the tests.

// Each test file is a crate of its own and needs only some of this.
#![allow(dead_code)]

pub(crate) mod mcp;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Lets tests use `?` on whatever fails.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Texts that the tests remember.
pub(crate) const TEXTS: [&str; 3] = [
    "The user prefers dark mode",
    "Meeting with Alice about the garden on Friday",
    "Green tea is what the user drinks in the morning",
];

/// Is a memory in a folder that is gone after the test, and the command to use it by.
pub(crate) struct Rmem {
    folder: TempDir,
}

/// Is how a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Rmem {
    pub(crate) fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self { folder })
    }

    /// Holds [`TEXTS`], with the ids `a`, `b` and `c`.
    pub(crate) fn with_texts() -> Outcome<Self> {
        let rmem = Self::new()?;
        for (id, text) in ["a", "b", "c"].into_iter().zip(TEXTS) {
            rmem.done(&["add", text, "--id", id])?;
        }
        Ok(rmem)
    }

    pub(crate) fn db(&self) -> PathBuf {
        self.folder.path().join("memory.db")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rmem"));
        command
            .current_dir(self.folder.path())
            .env("RMEM_DB", self.db())
            .env_remove("RMEM_NAMESPACE")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("NO_COLOR");
        command
    }

    /// Runs the command with nothing on standard input.
    pub(crate) fn run(&self, words: &[&str]) -> Outcome<Ended> {
        self.run_with(words, b"")
    }

    /// Runs the command with some bytes on standard input.
    pub(crate) fn run_with(&self, words: &[&str], input: &[u8]) -> Outcome<Ended> {
        let mut command = self.command();
        command.args(words);
        ended(command, input)
    }

    /// Runs a command that has to succeed and to be silent about it; returns what it wrote.
    pub(crate) fn done(&self, words: &[&str]) -> Outcome<String> {
        self.done_with(words, b"")
    }

    /// Does as [`done`](Self::done), with some bytes on standard input.
    pub(crate) fn done_with(&self, words: &[&str], input: &[u8]) -> Outcome<String> {
        let ended = self.run_with(words, input)?;
        if ended.code == Some(0) && ended.stderr.is_empty() {
            Ok(ended.stdout)
        } else {
            Err(format!("{words:?}: {ended:?}").into())
        }
    }

    /// Runs a command that has to succeed, and reads its one line of JSON.
    pub(crate) fn json(&self, words: &[&str]) -> Outcome<Value> {
        let stdout = self.done(&[words, &["--json"]].concat())?;
        assert_eq!(stdout.lines().count(), 1, "{stdout}");
        Ok(serde_json::from_str(&stdout)?)
    }

    /// Runs a command that has to end with a status and one line of error, which it returns.
    pub(crate) fn refused(&self, words: &[&str], code: i32) -> Outcome<String> {
        let ended = self.run(words)?;
        assert_eq!(ended.code, Some(code), "{words:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{words:?}: {ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{words:?}: {ended:?}");
        Ok(ended.stderr)
    }
}

/// Runs a command with some bytes on standard input.
pub(crate) fn ended(mut command: Command, input: &[u8]) -> Outcome<Ended> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that reads nothing may have ended already.
        drop(stdin.write_all(input));
    }
    let output = child.wait_with_output()?;
    Ok(Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

/// Returns the ids of items or results, in their order.
pub(crate) fn ids(items: &Value) -> Vec<&str> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect()
}
