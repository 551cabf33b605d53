//! Lines of a text file, plain or gzipped, one at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::error::DatasetError;

/// The longest line that is accepted: 200 times the longest of the real files, so that a binary file
/// taken for text ends in an error and not in an exhausted memory.
const LINE_LIMIT_BYTES: usize = 1 << 20;

const READ_BUFFER_BYTES: usize = 1 << 16;

/// Reads a file line by line into one reused buffer; a name that ends in `.gz` is decompressed.
pub(super) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    gzipped: bool,
    number: u64,
    buffer: Vec<u8>,
}

/// Borrows one line, without its line end, and knows where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) path: &'a Path,
    pub(super) number: u64,
    pub(super) text: &'a str,
}

impl Lines {
    pub(super) fn open(path: PathBuf) -> Result<Self, DatasetError> {
        let file = File::open(&path).map_err(|source| DatasetError::io(&path, source))?;
        let file = BufReader::with_capacity(READ_BUFFER_BYTES, file);
        let gzipped = path.extension().is_some_and(|extension| extension == "gz");
        let reader: Box<dyn BufRead + Send> = if gzipped {
            Box::new(BufReader::with_capacity(
                READ_BUFFER_BYTES,
                MultiGzDecoder::new(file),
            ))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path,
            reader,
            gzipped,
            number: 0,
            buffer: Vec::new(),
        })
    }

    /// Returns the next line, or `None` at the end of the file.
    pub(super) fn next_line(&mut self) -> Result<Option<Line<'_>>, DatasetError> {
        self.buffer.clear();
        let limit = LINE_LIMIT_BYTES as u64 + 1;
        match (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut self.buffer)
        {
            Ok(0) => return Ok(None),
            Ok(_) => self.number += 1,
            Err(source) => return Err(self.read_error(source)),
        }
        if self.buffer.len() > LINE_LIMIT_BYTES {
            return Err(DatasetError::LineTooLong {
                path: self.path.clone(),
                line: self.number,
                limit_bytes: LINE_LIMIT_BYTES,
            });
        }
        match std::str::from_utf8(without_line_end(&self.buffer)) {
            Ok(text) => Ok(Some(Line {
                path: &self.path,
                number: self.number,
                text,
            })),
            Err(error) => Err(DatasetError::NotUtf8 {
                path: self.path.clone(),
                line: self.number,
                valid_bytes: error.valid_up_to(),
            }),
        }
    }

    fn read_error(&self, source: io::Error) -> DatasetError {
        let corrupt = matches!(
            source.kind(),
            ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof
        );
        if self.gzipped && corrupt {
            DatasetError::Gzip {
                path: self.path.clone(),
                line: self.number,
                source,
            }
        } else {
            DatasetError::io(&self.path, source)
        }
    }
}

/// Strips `\n` or, for files that passed through Windows, `\r\n`.
fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    fn write(name: &str, bytes: &[u8]) -> io::Result<(tempfile::TempDir, PathBuf)> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(name);
        std::fs::write(&path, bytes)?;
        Ok((folder, path))
    }

    fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes)?;
        encoder.finish()
    }

    fn read_all(path: PathBuf) -> Result<Vec<(u64, String)>, DatasetError> {
        let mut lines = Lines::open(path)?;
        let mut texts = Vec::new();
        while let Some(line) = lines.next_line()? {
            texts.push((line.number, line.text.to_owned()));
        }
        Ok(texts)
    }

    #[test]
    fn plain_and_gzipped_files_give_the_same_lines() -> TestResult {
        let bytes = "one\ntwo\u{2028}still two\r\n\nlast".as_bytes();
        let expected = [
            (1, "one".to_owned()),
            (2, "two\u{2028}still two".to_owned()),
            (3, String::new()),
            (4, "last".to_owned()),
        ];
        let (_plain, path) = write("x.tsv", bytes)?;
        assert_eq!(read_all(path)?, expected);
        let (_gzipped, path) = write("x.tsv.gz", &gzip(bytes)?)?;
        assert_eq!(read_all(path)?, expected);
        Ok(())
    }

    #[test]
    fn gzip_members_that_follow_one_another_are_one_file() -> TestResult {
        let mut bytes = gzip(b"one\n")?;
        bytes.extend(gzip(b"two\n")?);
        let (_folder, path) = write("x.gz", &bytes)?;
        assert_eq!(read_all(path)?.len(), 2);
        Ok(())
    }

    #[test]
    fn what_is_not_whole_gzip_is_refused() -> TestResult {
        let whole = gzip("some text that repeats\n".repeat(10_000).as_bytes())?;
        let mut flipped = whole.clone();
        let checksum = flipped.len() - 8;
        flipped[checksum] ^= 1;
        for bytes in [
            &b"plain text\n"[..],
            &whole[..whole.len() / 2],
            &flipped,
            &[],
        ] {
            let (_folder, path) = write("x.gz", bytes)?;
            let error = read_all(path).err();
            assert!(
                matches!(error, Some(DatasetError::Gzip { .. })),
                "got {error:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn invalid_utf8_names_its_line_and_place() -> TestResult {
        let (_folder, path) = write("x.tsv", b"fine\nbad \xff byte\n")?;
        let error = read_all(path).err();
        assert!(
            matches!(
                error,
                Some(DatasetError::NotUtf8 {
                    line: 2,
                    valid_bytes: 4,
                    ..
                })
            ),
            "got {error:?}"
        );
        Ok(())
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_memory() -> TestResult {
        let (_folder, path) = write("x.gz", &gzip(&vec![b'x'; 3 * LINE_LIMIT_BYTES])?)?;
        let error = read_all(path).err();
        assert!(
            matches!(error, Some(DatasetError::LineTooLong { line: 1, .. })),
            "got {error:?}"
        );
        Ok(())
    }
}
