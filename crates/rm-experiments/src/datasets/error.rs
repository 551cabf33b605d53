//! What can go wrong between a data folder and its records.

use std::io;
use std::path::{Path, PathBuf};

/// Records one folder that was looked at for a data set, and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The folder that was looked at.
    pub folder: PathBuf,
    /// Files of the data set that are not in it, relative to the folder.
    pub lacks: Vec<&'static str>,
}

/// Says why a data set could not be found or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// No folder holds all files of the data set.
    #[error(
        "data set {data_set} was not found: {}; put the files there, or name their folder in $RM_DATA \
         or with --data (data/README.md says how to get them)",
        describe(.tried)
    )]
    Missing {
        /// The data set that was asked for.
        data_set: &'static str,
        /// The folders that were looked at, in order.
        tried: Vec<Attempt>,
    },

    /// The operating system refused to open or read a file.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// A compressed file is not gzip, is cut short or fails its checksum.
    #[error(
        "{} cannot be decompressed after line {line}: expected a whole gzip file, got: {source}; \
         fetch the file again",
        .path.display()
    )]
    Gzip {
        /// The file.
        path: PathBuf,
        /// The last line that was read whole; 0 if none was.
        line: u64,
        /// What the decompressor said.
        source: io::Error,
    },

    /// A line holds bytes that are not UTF-8.
    #[error(
        "{}:{line}: expected UTF-8 text, got an invalid byte after {valid_bytes} valid ones; \
         convert the file to UTF-8",
        .path.display()
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// How many bytes of the line are valid.
        valid_bytes: usize,
    },

    /// A line is longer than any record can be; the file is probably not text.
    #[error(
        "{}:{line}: expected a line of at most {limit_bytes} bytes, got a longer one; \
         check that the file is the one data/README.md describes",
        .path.display()
    )]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The longest line that is accepted, in bytes.
        limit_bytes: usize,
    },

    /// A line has too few or too many tab-separated fields.
    #[error(
        "{}:{line}: expected {} tab-separated fields ({}), got {got}; \
         compare the file with its format in data/README.md",
        .path.display(), .expected.len(), .expected.join(", ")
    )]
    FieldCount {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The names of the fields that were expected.
        expected: &'static [&'static str],
        /// How many fields the line has.
        got: usize,
    },

    /// A field does not hold what its column requires.
    #[error(
        "{}:{line}: expected {expected} in field {field}, got {got:?}; \
         compare the file with its format in data/README.md",
        .path.display()
    )]
    InvalidField {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The name of the field.
        field: &'static str,
        /// What the field should hold.
        expected: &'static str,
        /// What it holds, cut to 80 characters.
        got: String,
    },

    /// A JSON record is malformed or lacks a member.
    #[error(
        "{}:{line}: expected {expected}, got: {source}; \
         compare the file with its format in data/README.md",
        .path.display()
    )]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What the record should be.
        expected: &'static str,
        /// What the JSON parser said.
        source: serde_json::Error,
    },

    /// A conversation is valid JSON and yet not a conversation.
    #[error(
        "{}: {place}: expected {expected}, got {got}; \
         compare the file with its format in data/README.md",
        .path.display()
    )]
    Conversation {
        /// The file.
        path: PathBuf,
        /// The place inside the file, such as `conv-26, session_3, turn 7`.
        place: String,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
}

impl DatasetError {
    /// Tells whether the data set is absent, as against present and unreadable.
    ///
    /// Generated text may stand in for an absent data set; for an unreadable one it must not.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn describe(tried: &[Attempt]) -> String {
    if tried.is_empty() {
        return "there was no folder to look in".to_owned();
    }
    let folders: Vec<String> = tried
        .iter()
        .map(|attempt| {
            format!(
                "{} lacks {}",
                attempt.folder.display(),
                attempt.lacks.join(", ")
            )
        })
        .collect();
    folders.join("; ")
}

/// Cuts what a message quotes from a file to 80 characters.
pub(super) fn excerpt(text: &str) -> String {
    const LIMIT: usize = 80;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_data_set_names_every_folder_and_file() {
        let error = DatasetError::Missing {
            data_set: "reddit",
            tried: vec![
                Attempt {
                    folder: "/a".into(),
                    lacks: vec!["reddit/titles.tsv.gz"],
                },
                Attempt {
                    folder: "/b".into(),
                    lacks: vec!["reddit/x", "reddit/y"],
                },
            ],
        };
        assert_eq!(
            error.to_string(),
            "data set reddit was not found: /a lacks reddit/titles.tsv.gz; /b lacks reddit/x, \
             reddit/y; put the files there, or name their folder in $RM_DATA or with --data \
             (data/README.md says how to get them)"
        );
        assert!(error.is_missing());
    }

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        assert_eq!(excerpt("short"), "short");
        assert_eq!(excerpt(&"ü".repeat(80)), "ü".repeat(80));
        assert_eq!(excerpt(&"ü".repeat(81)), format!("{}…", "ü".repeat(80)));
    }
}
