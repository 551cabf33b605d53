//! A reader that goes away ends the command quietly; colours are for terminals.
#![cfg(unix)]

mod rmem;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use rmem::{Outcome, Rmem, ended};

#[test]
fn a_reader_that_goes_away_is_no_error() -> Outcome {
    let rmem = Rmem::new()?;
    // More than a pipe holds.
    let long: String = (0..4_000)
        .map(|n| format!("line {n} about green tea\n"))
        .collect();
    rmem.done_with(&["add", "-", "--whole", "--id", "long"], long.as_bytes())?;
    let mut child = rmem
        .command()
        .args(["get", "long"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdout = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut first = String::new();
    stdout.read_line(&mut first)?;
    drop(stdout);
    let status = child.wait()?;
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .ok_or("no errors")?
        .read_to_string(&mut stderr)?;
    assert_eq!(first, "line 0 about green tea\n");
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    Ok(())
}

#[test]
fn colours_are_for_terminals_and_for_whoever_forces_them() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let coloured = |variables: &[&str]| -> Outcome<bool> {
        let mut command = rmem.command();
        command.args(["search", "tea"]);
        for variable in variables {
            command.env(variable, "1");
        }
        Ok(ended(command, b"")?.stdout.contains('\u{1b}'))
    };
    assert!(!coloured(&[])?);
    assert!(coloured(&["CLICOLOR_FORCE"])?);
    assert!(!coloured(&["NO_COLOR"])?);
    Ok(())
}
