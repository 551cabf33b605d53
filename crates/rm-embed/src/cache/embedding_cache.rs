//! All segments of one model, and the index over them.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::half_precision::{COMPONENT_BYTES, decode, encode};
use super::key::{KeyMap, TextKey};
use super::record::{Header, KeyRecord};
use super::segment::{KEYS, Segment};
use crate::{Embeddings, Error, Result};

/// Vectors that one read brings at most.
const VECTORS_PER_READ: u32 = 1024;
/// Unwanted vectors that a read rather runs over than be split in two.
const GAP: u32 = 16;

/// Keeps the vectors of one model on disk, keyed by their text.
///
/// Holds an index of about 50 bytes a text in memory, and reads the vectors, in half precision, from
/// the files. Several processes may have one cache open: each appends to a segment of its own, and
/// sees what the others had written when it opened the cache. Survives `kill -9` at any moment; after
/// a power cut, a vector that did not reach the disk is found out by its checksum and counts as absent.
///
/// ```
/// use rm_embed::{EmbeddingCache, Embeddings};
///
/// let folder = tempfile::tempdir()?;
/// let mut cache = EmbeddingCache::open(folder.path(), "toy", 2)?;
/// let vectors = Embeddings::from_rows(2, vec![0.0, 1.0]).map_err(|_| "not a block")?;
/// cache.insert(&["green tea"], &vectors)?;
/// assert_eq!(cache.get("green tea")?, Some(vec![0.0, 1.0]));
/// assert_eq!(cache.get("coffee")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EmbeddingCache {
    folder: PathBuf,
    header: Header,
    dim: usize,
    segments: Vec<Segment>,
    index: KeyMap<Location>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Location {
    segment: u32,
    place: u32,
    vector_crc: u32,
}

impl EmbeddingCache {
    /// Opens the cache of the model with this fingerprint under `folder`, making it if need be.
    ///
    /// Reads the keys alone: 24 bytes a text.
    ///
    /// # Errors
    /// When the folder cannot be used ([`Error::CacheIo`]), or a file in it is not of this model and
    /// dimension ([`Error::CacheForeign`]).
    pub fn open(folder: &Path, fingerprint: &str, dim: usize) -> Result<Self> {
        let n_components = u32::try_from(dim).ok().filter(|&dim| dim > 0);
        let n_components = n_components.ok_or(Error::WrongDimension {
            expected: 1,
            got: dim,
        })?;
        let folder = folder.join(folder_name(fingerprint));
        fs::create_dir_all(&folder).map_err(|source| Error::CacheIo {
            path: folder.clone(),
            source,
        })?;
        let header = Header::new(fingerprint, n_components);
        let mut cache = Self {
            folder,
            header,
            dim,
            segments: Vec::new(),
            index: KeyMap::default(),
        };
        for path in cache.segment_paths()? {
            let wants_lock = !cache.segments.iter().any(Segment::is_writable);
            let (segment, records) = Segment::open(&path, header, dim, wants_lock)?;
            let number = cache.segments.len() as u32;
            cache.segments.push(segment);
            cache.index.reserve(records.len());
            for (place, KeyRecord { key, vector_crc }) in records {
                cache.index.insert(
                    key,
                    Location {
                        segment: number,
                        place,
                        vector_crc,
                    },
                );
            }
        }
        Ok(cache)
    }

    /// Returns the number of components of every vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the number of texts whose vector is kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Returns whether no text's vector is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Returns the folder that holds the files of this model.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the unit vector of a text, or `None` when it is not kept.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn get(&self, text: &str) -> Result<Option<Vec<f32>>> {
        let mut row = vec![0.0; self.dim];
        let missing = self.read(&[TextKey::of(text)], &mut row)?;
        Ok(missing.is_empty().then_some(row))
    }

    /// Appends the vectors of texts, rounded to half precision; the last of two for one text counts.
    ///
    /// # Errors
    /// When the vectors are not one a text and of this cache's dimension, or cannot be written; the
    /// cache is then as before.
    pub fn insert(&mut self, texts: &[&str], vectors: &Embeddings) -> Result<()> {
        let keys: Vec<TextKey> = texts.par_iter().map(|text| TextKey::of(text)).collect();
        self.append(&keys, vectors).map(drop)
    }

    /// Appends vectors and returns them as they will be read, row-major `(len, dim)`.
    pub(crate) fn append(&mut self, keys: &[TextKey], vectors: &Embeddings) -> Result<Vec<f32>> {
        let (expected, got) = (keys.len() * self.dim, vectors.as_slice().len());
        if expected != got || vectors.dim() != self.dim {
            return Err(Error::WrongDimension {
                expected: self.dim,
                got: vectors.dim(),
            });
        }
        let vector_bytes = self.dim * COMPONENT_BYTES;
        let mut bytes = Vec::with_capacity(keys.len() * vector_bytes);
        vectors.iter().for_each(|vector| encode(vector, &mut bytes));
        let records: Vec<KeyRecord> = keys
            .iter()
            .zip(bytes.chunks_exact(vector_bytes))
            .map(|(&key, vector)| KeyRecord {
                key,
                vector_crc: crc32fast::hash(vector),
            })
            .collect();
        let segment = self.writable_segment()?;
        let first = self.segments[segment].append(&records, &bytes)?;
        for (place, KeyRecord { key, vector_crc }) in (first..).zip(records) {
            self.index.insert(
                key,
                Location {
                    segment: segment as u32,
                    place,
                    vector_crc,
                },
            );
        }
        let mut rows = vec![0.0; expected];
        for (vector, row) in bytes
            .chunks_exact(vector_bytes)
            .zip(rows.chunks_exact_mut(self.dim))
        {
            decode(vector, row);
        }
        Ok(rows)
    }

    /// Writes the vectors of texts into `rows`, row-major `(keys.len(), dim)`.
    ///
    /// Returns the indices of those that are not kept, or whose vector does not fit its checksum, in
    /// rising order; their rows are left alone. Reads in the order of the files, not of the keys.
    pub(crate) fn read(&self, keys: &[TextKey], rows: &mut [f32]) -> Result<Vec<usize>> {
        let mut missing = Vec::new();
        let mut wanted = Vec::with_capacity(keys.len());
        for (i, key) in keys.iter().enumerate() {
            match self.index.get(key) {
                Some(&location) => wanted.push((location, i)),
                None => missing.push(i),
            }
        }
        wanted.par_sort_unstable();
        let mut buffer = Vec::new();
        for run in wanted.chunk_by(|(a, _), (b, _)| adjacent(*a, *b)) {
            for run in split_long(run) {
                self.read_run(run, &mut buffer, rows, &mut missing)?;
            }
        }
        missing.sort_unstable();
        Ok(missing)
    }

    /// Reads vectors that lie close together, in one go.
    fn read_run(
        &self,
        run: &[(Location, usize)],
        buffer: &mut Vec<u8>,
        rows: &mut [f32],
        missing: &mut Vec<usize>,
    ) -> Result<()> {
        let (Some(&(first, _)), Some(&(last, _))) = (run.first(), run.last()) else {
            return Ok(());
        };
        let vector_bytes = self.dim * COMPONENT_BYTES;
        buffer.resize((last.place - first.place + 1) as usize * vector_bytes, 0);
        self.segments[first.segment as usize].read_vectors(first.place, buffer)?;
        for &(location, i) in run {
            let start = (location.place - first.place) as usize * vector_bytes;
            let vector = &buffer[start..start + vector_bytes];
            if crc32fast::hash(vector) == location.vector_crc {
                decode(vector, &mut rows[i * self.dim..(i + 1) * self.dim]);
            } else {
                missing.push(i);
            }
        }
        Ok(())
    }

    /// Returns the segment that this process appends to, starting one when all have other writers.
    fn writable_segment(&mut self) -> Result<usize> {
        if let Some(found) = self.segments.iter().position(Segment::is_writable) {
            return Ok(found);
        }
        let number = self.segments.len() as u32;
        self.segments.push(Segment::create(
            &self.folder,
            number,
            self.header,
            self.dim,
        )?);
        Ok(self.segments.len() - 1)
    }

    fn segment_paths(&self) -> Result<Vec<PathBuf>> {
        let io = |source| Error::CacheIo {
            path: self.folder.clone(),
            source,
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|extension| extension == KEYS) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }
}

fn adjacent(a: Location, b: Location) -> bool {
    a.segment == b.segment && b.place - a.place <= GAP
}

/// Splits a run so that no part spans more than one read's worth of places.
fn split_long(run: &[(Location, usize)]) -> impl Iterator<Item = &[(Location, usize)]> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let (first, _) = *rest.first()?;
        let end = rest.partition_point(|(l, _)| l.place - first.place < VECTORS_PER_READ);
        let (part, others) = rest.split_at(end);
        rest = others;
        Some(part)
    })
}

/// Makes a folder's name of a fingerprint: readable, and different for different fingerprints.
fn folder_name(fingerprint: &str) -> String {
    let readable: String = fingerprint
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    let digest = Sha256::digest(fingerprint.as_bytes());
    let suffix: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{readable}-{suffix}")
}
