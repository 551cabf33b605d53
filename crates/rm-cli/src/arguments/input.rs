//! Texts from the command line, from files and from standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// What stands for standard input.
pub(crate) const STDIN: &str = "-";

/// Returns a text, or where it is `-` the whole of standard input.
pub(crate) fn text_or_stdin(text: &str) -> Result<String> {
    if text == STDIN {
        return Lines::stdin().whole();
    }
    Ok(text.to_owned())
}

/// Is a line that is not blank.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    /// Its number, counted from 1.
    pub(crate) number: u64,
    pub(crate) text: String,
    /// Bytes read up to its end.
    pub(crate) end: u64,
}

/// Reads texts, one a line; blank lines are passed over.
pub(crate) struct Lines {
    name: String,
    reader: Box<dyn BufRead>,
    /// Bytes that there are, where that can be known.
    pub(crate) total_bytes: Option<u64>,
    n_read: u64,
    bytes_read: u64,
}

impl Lines {
    /// Reads standard input.
    pub(crate) fn stdin() -> Self {
        Self::of("standard input", Box::new(io::stdin().lock()), None)
    }

    /// Reads a file.
    pub(crate) fn file(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        let about = file.metadata();
        let about = about.with_context(|| format!("cannot read {name}"))?;
        if about.is_dir() {
            bail!("{name} is a folder; name a file");
        }
        // A pipe has no length that means anything.
        let total_bytes = about.is_file().then_some(about.len());
        Ok(Self::of(&name, Box::new(BufReader::new(file)), total_bytes))
    }

    fn of(name: &str, reader: Box<dyn BufRead>, total_bytes: Option<u64>) -> Self {
        Self {
            name: name.to_owned(),
            reader,
            total_bytes,
            n_read: 0,
            bytes_read: 0,
        }
    }

    /// Returns what is read, in words.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads all of it as one text, less the line ends after it.
    pub(crate) fn whole(mut self) -> Result<String> {
        let mut bytes = Vec::new();
        let read = self.reader.read_to_end(&mut bytes);
        read.with_context(|| format!("cannot read {}", self.name))?;
        let text = String::from_utf8(bytes).map_err(|_| self.not_utf8("it"))?;
        let text = text.trim_end_matches(['\n', '\r']);
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    }

    /// Reads the next line that is not blank, `None` at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let read = self.reader.read_until(b'\n', &mut bytes);
            let read = read.with_context(|| format!("cannot read {}", self.name))?;
            if read == 0 {
                return Ok(None);
            }
            self.n_read += 1;
            self.bytes_read += read as u64;
            let Ok(text) = std::str::from_utf8(&bytes) else {
                return Err(self.not_utf8(&format!("line {}", self.n_read)));
            };
            // What marks the byte order stands at the beginning alone.
            let text = match self.n_read {
                1 => text.trim_start_matches('\u{feff}'),
                _ => text,
            };
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.trim().is_empty() {
                return Ok(Some(Line {
                    number: self.n_read,
                    text: text.to_owned(),
                    end: self.bytes_read,
                }));
            }
        }
    }

    fn not_utf8(&self, what: &str) -> anyhow::Error {
        anyhow::anyhow!("{}: {what} is not UTF-8; convert it first", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &'static [u8]) -> Lines {
        Lines::of("x", Box::new(bytes), None)
    }

    fn all(bytes: &'static [u8]) -> Result<Vec<(u64, String)>> {
        let mut lines = lines(bytes);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line()? {
            all.push((line.number, line.text));
        }
        Ok(all)
    }

    #[test]
    fn blank_lines_are_passed_over_and_counted() -> Result<()> {
        let found = all("\u{feff}one\r\n\n  \ntwo \nthree".as_bytes())?;
        let expected = [(1, "one"), (4, "two "), (5, "three")];
        assert_eq!(found, expected.map(|(n, text)| (n, text.to_owned())));
        assert!(all(b"\n\n")?.is_empty());
        Ok(())
    }

    #[test]
    fn a_line_in_another_encoding_is_named() {
        let said = all(b"one\ncaf\xe9\n").err().map(|error| error.to_string());
        let expected = "x: line 2 is not UTF-8; convert it first";
        assert_eq!(said.as_deref(), Some(expected));
    }

    #[test]
    fn a_whole_text_keeps_its_lines() -> Result<()> {
        assert_eq!(lines(b"one\n\ntwo\n").whole()?, "one\n\ntwo");
        Ok(())
    }
}
