//! The built binary, for the tests of the command line.

use std::process::Command;

/// Lets tests use `?` on whatever fails.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

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
