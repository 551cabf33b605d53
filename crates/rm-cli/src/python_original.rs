//! A database of the Python package `routing-memory` as lines that an import reads.

use std::io::{self, BufRead, Read};
use std::path::Path;

use anyhow::Result;
use rm_store::legacy::{is_python_original, read_python_original};
use serde_json::json;

/// Reads the lines of an export, made of the items of a database, one at a time.
pub(crate) struct PythonOriginal {
    lines: Box<dyn Iterator<Item = Vec<u8>>>,
    line: Vec<u8>,
    read: usize,
    /// What was taken over otherwise than it stands.
    pub(crate) repairs: Vec<String>,
}

impl PythonOriginal {
    /// Reads a database of the original, and changes nothing in it; `None` for any other file.
    ///
    /// The original does not say which model its vectors are of, and has one by default: all-MiniLM-L6-v2, whose `fingerprint` this
    /// is. Vectors of another length are not taken over, and their texts are embedded.
    ///
    /// # Errors
    /// When the file cannot be read, or holds a row that cannot be taken over.
    pub(crate) fn read(path: &Path, fingerprint: &str, dim: usize) -> Result<Option<Self>> {
        if !path.is_file() || !is_python_original(path)? {
            return Ok(None);
        }
        let original = read_python_original(path)?;
        let n_items = original.items.len();
        let is_ours = original
            .items
            .iter()
            .all(|(item, _)| item.vector.len() == dim);
        let header = json!({
            "format": "routing-memory",
            "version": 1,
            "model": is_ours.then_some(fingerprint),
            "items": n_items,
        });
        let items = original.items.into_iter().map(move |(item, _)| {
            let mut line = json!({
                "id": item.id,
                "text": item.text,
                "metadata": item.metadata,
                "created_at_ms": item.created_at_ms,
                "updated_at_ms": item.updated_at_ms,
            });
            if is_ours {
                line["vector"] = json!(item.vector);
            }
            line
        });
        let lines = std::iter::once(header).chain(items);
        Ok(Some(Self {
            lines: Box::new(lines.map(|line| format!("{line}\n").into_bytes())),
            line: Vec::new(),
            read: 0,
            repairs: original.repairs,
        }))
    }
}

impl Read for PythonOriginal {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for PythonOriginal {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.line.len() {
            self.line = self.lines.next().unwrap_or_default();
            self.read = 0;
        }
        Ok(&self.line[self.read..])
    }

    fn consume(&mut self, bytes: usize) {
        self.read += bytes;
    }
}
