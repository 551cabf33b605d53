//! A stream of records from one file.

use std::fmt;
use std::path::PathBuf;

use super::error::DatasetError;
use super::lines::{Line, Lines};

/// Streams the records of one file, one line in memory at a time; ends after the first error.
pub struct Records<T> {
    lines: Lines,
    parse: fn(&Line<'_>) -> Result<T, DatasetError>,
    failed: bool,
}

impl<T> Records<T> {
    pub(super) fn open(
        path: PathBuf,
        parse: fn(&Line<'_>) -> Result<T, DatasetError>,
    ) -> Result<Self, DatasetError> {
        Ok(Self {
            lines: Lines::open(path)?,
            parse,
            failed: false,
        })
    }
}

impl<T> Iterator for Records<T> {
    type Item = Result<T, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let record = match self.lines.next_line() {
            Ok(Some(line)) => (self.parse)(&line),
            Ok(None) => return None,
            Err(error) => Err(error),
        };
        self.failed = record.is_err();
        Some(record)
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_ends_after_an_error() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("numbers.tsv");
        std::fs::write(&path, "1\nx\n3\n")?;
        let mut numbers = Records::open(path, |line| {
            line.number::<u8>("number", line.text, "a whole number")
        })?;
        assert_eq!(numbers.next().transpose()?, Some(1));
        assert!(matches!(
            numbers.next(),
            Some(Err(DatasetError::InvalidField {
                line: 2,
                field: "number",
                ..
            }))
        ));
        assert!(numbers.next().is_none());
        Ok(())
    }
}
