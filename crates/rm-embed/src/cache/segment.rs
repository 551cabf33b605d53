//! One pair of files: keys and vectors.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::half_precision::COMPONENT_BYTES;
use super::record::{HEADER_BYTES, Header, KeyRecord, RECORD_BYTES};
use super::vector_file::read_exact_at;
use crate::{Error, Result};

/// Extension of the file of keys, which names the segment.
pub(crate) const KEYS: &str = "keys";
const VECTORS: &str = "f16";
const LOCK: &str = "lock";

/// An open segment.
#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    keys: File,
    vectors: File,
    /// Held for as long as this process may append; `None` when another process does.
    write_lock: Option<File>,
    vector_bytes: usize,
    /// Whole records, good or bad.
    n_records: u32,
}

/// The good records of a segment, each with its place.
pub(crate) type Records = Vec<(u32, KeyRecord)>;

impl Segment {
    /// Opens an existing segment, for appending too where `wants_lock` and nobody else has the lock.
    pub(crate) fn open(
        path: &Path,
        header: Header,
        dim: usize,
        wants_lock: bool,
    ) -> Result<(Self, Records)> {
        let write_lock = if wants_lock { try_lock(path) } else { Ok(None) };
        write_lock
            .and_then(|write_lock| Self::with_lock(path, dim, write_lock))
            .map_err(|source| Error::CacheIo {
                path: path.to_owned(),
                source,
            })
            .and_then(|mut segment| {
                let records = segment.recover(header)?;
                Ok((segment, records))
            })
    }

    /// Starts a segment under the first free number from `number` on.
    pub(crate) fn create(
        folder: &Path,
        mut number: u32,
        header: Header,
        dim: usize,
    ) -> Result<Self> {
        loop {
            let path = folder.join(format!("{number:04}.{KEYS}"));
            let started = Self::start(&path, dim).map_err(|source| Error::CacheIo {
                path: path.clone(),
                source,
            })?;
            if let Some(mut segment) = started {
                segment.recover(header)?;
                return Ok(segment);
            }
            number += 1;
        }
    }

    /// Makes the files of a segment, or returns `None` when they are or are about to be another's.
    fn start(path: &Path, dim: usize) -> io::Result<Option<Self>> {
        let Some(write_lock) = try_lock(path)? else {
            return Ok(None);
        };
        if path.try_exists()? {
            return Ok(None);
        }
        // The keys name the segment, so they come last: who sees them finds the vectors too.
        File::create(path.with_extension(VECTORS))?;
        File::create_new(path)?;
        Self::with_lock(path, dim, Some(write_lock)).map(Some)
    }

    fn with_lock(path: &Path, dim: usize, write_lock: Option<File>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(write_lock.is_some());
        Ok(Self {
            path: path.to_owned(),
            keys: options.open(path)?,
            vectors: options.open(path.with_extension(VECTORS))?,
            write_lock,
            vector_bytes: dim * COMPONENT_BYTES,
            n_records: 0,
        })
    }

    /// Returns whether this process may append.
    pub(crate) fn is_writable(&self) -> bool {
        self.write_lock.is_some()
    }

    /// Appends vectors (already encoded, one after the other) and then their keys.
    ///
    /// Returns the place of the first. A failure part-way leaves the segment as it was.
    pub(crate) fn append(&mut self, keys: &[KeyRecord], vectors: &[u8]) -> Result<u32> {
        let first = self.n_records;
        let n_new = u32::try_from(keys.len()).ok();
        let last = n_new
            .and_then(|n_new| first.checked_add(n_new))
            .ok_or_else(|| {
                self.io_error(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "more than 2^32 records",
                ))
            })?;
        let bytes: Vec<u8> = keys.iter().flat_map(|record| record.to_bytes()).collect();
        write_at(
            &self.vectors,
            u64::from(first) * self.vector_bytes as u64,
            vectors,
        )
        .and_then(|()| write_at(&self.keys, key_offset(first), &bytes))
        .map_err(|source| self.io_error(source))?;
        self.n_records = last;
        Ok(first)
    }

    /// Reads the encoded vectors from place `first` on into the whole of `bytes`.
    pub(crate) fn read_vectors(&self, first: u32, bytes: &mut [u8]) -> Result<()> {
        read_exact_at(
            &self.vectors,
            bytes,
            u64::from(first) * self.vector_bytes as u64,
        )
        .map_err(|source| self.io_error(source))
    }

    /// Finds the whole records, and cuts off what lies behind the last good one where it may.
    fn recover(&mut self, header: Header) -> Result<Records> {
        let bytes = fs::read(&self.path).map_err(|source| self.io_error(source))?;
        if bytes.len() < HEADER_BYTES {
            if self.is_writable() {
                self.restart(header)
                    .map_err(|source| self.io_error(source))?;
            }
            return Ok(Records::new());
        }
        let expected = header.to_bytes();
        if bytes[..HEADER_BYTES] != expected {
            return Err(Error::CacheForeign {
                path: self.path.clone(),
                expected: Header::describe(&expected),
                found: Header::describe(&bytes),
            });
        }
        let n_vectors = self
            .vectors
            .metadata()
            .map_err(|source| self.io_error(source))?
            .len()
            / self.vector_bytes as u64;
        let rows = bytes[HEADER_BYTES..].as_chunks::<RECORD_BYTES>().0;
        let mut records = Records::with_capacity(rows.len());
        for (place, row) in (0..u32::try_from(n_vectors).unwrap_or(u32::MAX)).zip(rows) {
            records.extend(KeyRecord::from_bytes(row).map(|record| (place, record)));
        }
        self.n_records = records.last().map_or(0, |&(place, _)| place + 1);
        if self.is_writable() {
            self.cut_tail().map_err(|source| self.io_error(source))?;
        }
        Ok(records)
    }

    fn restart(&mut self, header: Header) -> io::Result<()> {
        self.keys.set_len(0)?;
        self.vectors.set_len(0)?;
        write_at(&self.keys, 0, &header.to_bytes())
    }

    fn cut_tail(&mut self) -> io::Result<()> {
        self.keys.set_len(key_offset(self.n_records))?;
        self.vectors
            .set_len(u64::from(self.n_records) * self.vector_bytes as u64)
    }

    fn io_error(&self, source: io::Error) -> Error {
        Error::CacheIo {
            path: self.path.clone(),
            source,
        }
    }
}

fn key_offset(place: u32) -> u64 {
    HEADER_BYTES as u64 + u64::from(place) * RECORD_BYTES as u64
}

fn write_at(mut file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// Takes the writer's lock of a segment, or returns `None` when another has it.
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let lock = File::create(path.with_extension(LOCK))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
