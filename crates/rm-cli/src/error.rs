//! Errors in one line, and the exit status that each leads to.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::output::{ERROR, ReaderGone};

/// Status of a command that could not be understood.
const NOT_UNDERSTOOD: u8 = 2;

/// What shells add to the number of the signal that ended a process.
pub(crate) const ENDED_BY_SIGNAL: i32 = 128;

/// Where the part of clap's messages begins that tells how the command is used.
const USAGE: &str = "Usage: ";

/// Is a command that clap takes and that means nothing all the same.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotUnderstood(pub(crate) String);

/// Is a command that a signal has ended after it had put everything away.
#[derive(Debug, thiserror::Error)]
#[error("ended by signal {0}")]
pub(crate) struct EndedBySignal(pub(crate) i32);

/// Writes an error to standard error, and returns the status to end with.
///
/// A reader that has gone away (`| head`) is no error.
pub(crate) fn tell(error: &anyhow::Error) -> ExitCode {
    if error.is::<ReaderGone>() {
        return ExitCode::SUCCESS;
    }
    if let Some(EndedBySignal(signal)) = error.downcast_ref() {
        return ExitCode::from(u8::try_from(ENDED_BY_SIGNAL + signal).unwrap_or(u8::MAX));
    }
    write(&in_one_line(error));
    if error.is::<NotUnderstood>() {
        ExitCode::from(NOT_UNDERSTOOD)
    } else {
        ExitCode::FAILURE
    }
}

/// Writes what clap has to say: help and version as they are, refusals in one line.
pub(crate) fn refuse(refusal: &clap::Error) -> ExitCode {
    match refusal.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Where nobody reads it, there is nobody to tell.
            drop(refusal.print());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            drop(refusal.print());
            ExitCode::from(NOT_UNDERSTOOD)
        }
        _ => {
            write(&refused_in_one_line(&refusal.render().to_string()));
            ExitCode::from(NOT_UNDERSTOOD)
        }
    }
}

fn write(message: &str) {
    let mut stderr = anstream::stderr().lock();
    // Where nobody reads it any more, the status still tells.
    drop(writeln!(stderr, "{ERROR}error:{ERROR:#} {message}"));
}

/// Joins clap's message, which has a paragraph each for what is wrong, what may be meant and how the command is used.
fn refused_in_one_line(message: &str) -> String {
    let (what, usage) = message.split_once(USAGE).unwrap_or((message, ""));
    let what = what.trim_start_matches("error: ");
    let what = what.split("For more information").next().unwrap_or(what);
    let is_word = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
    let mut command: Vec<&str> = usage.split_whitespace().take_while(is_word).collect();
    if command.is_empty() {
        command.push("rmem");
    }
    format!("{}; see `{} --help`", joined(what), command.join(" "))
}

/// Joins lines: what a colon opens goes on, anything else is a part of its own.
fn joined(text: &str) -> String {
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        match line.chars().next_back() {
            None => {}
            Some(':' | ',' | ';') => line.push(' '),
            Some(_) => line.push_str("; "),
        }
        line.push_str(part);
    }
    line
}

/// Returns an error with its causes in one line.
pub(crate) fn in_one_line(error: &anyhow::Error) -> String {
    InOneLine(error).to_string()
}

/// Shows an error with its causes, less those that the words before them tell already, in one line.
struct InOneLine<'a>(&'a anyhow::Error);

impl fmt::Display for InOneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = String::new();
        for cause in self.0.chain().map(ToString::to_string) {
            if told.is_empty() {
                told = cause;
            } else if !told.contains(&cause) {
                told = format!("{told}: {cause}");
            }
        }
        f.write_str(&joined(&told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser as _;

    fn refusal(words: &[&str]) -> String {
        let words = std::iter::once("rmem").chain(words.iter().copied());
        let Err(error) = Cli::try_parse_from(words) else {
            return String::new();
        };
        refused_in_one_line(&error.render().to_string())
    }

    #[test]
    fn refusals_are_one_line_that_says_what_to_do() {
        for (words, expected) in [
            (
                &["serch", "tea"][..],
                "unrecognized subcommand 'serch'; tip: a similar subcommand exists: 'search'; see `rmem --help`",
            ),
            (
                &["get"],
                "the following required arguments were not provided: <ID>; see `rmem get --help`",
            ),
            (
                &["search", "tea", "--top-k", "many"],
                "invalid value 'many' for '--top-k <N>': invalid digit found in string; see `rmem --help`",
            ),
        ] {
            assert_eq!(refusal(words), expected);
        }
    }

    #[test]
    fn lists_and_advice_stand_in_one_line() {
        let error = anyhow::anyhow!("not found; tried:\n  1. a: no b\n  2. c: off\nput it there");
        let line = InOneLine(&error).to_string();
        assert_eq!(
            line,
            "not found; tried: 1. a: no b; 2. c: off; put it there"
        );
    }

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let cause = std::io::Error::other("it is gone");
        let error = anyhow::Error::from(cause).context("cannot read x");
        assert_eq!(InOneLine(&error).to_string(), "cannot read x: it is gone");
        let error = error.context("it is gone, says the disk");
        assert_eq!(
            InOneLine(&error).to_string(),
            "it is gone, says the disk: cannot read x"
        );
    }
}
