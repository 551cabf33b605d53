//! Vectors in an SQLite file, as a memory keeps them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rm_core::{ItemId, SourceError, VectorSource, Vectors};
use rm_memory::{CACHE_BYTES_PER_ITEM, SqliteStore, Store};
use rm_store::{CachedVectors, Changes, Item, VectorCache};
use tempfile::TempDir;

use super::npy::for_each_block;

/// Vectors written in one transaction.
const BLOCK_ROWS: usize = 4_096;

/// Holds vectors in a store of its own, which is gone when it is dropped.
pub(super) struct VectorFile {
    /// Bytes that SQLite holds of the file at most.
    pub(super) cache_bytes: usize,
    store: Mutex<SqliteStore>,
    folder: TempDir,
    items: usize,
}

impl VectorFile {
    /// Writes the vectors of a NumPy file; that at position `p` gets the key `p + 1`.
    pub(super) fn write(base: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = SqliteStore::open(folder.path().join("vectors.db"))?;
        let mut seen = 0usize;
        for_each_block(base, BLOCK_ROWS, |block| {
            store.apply(&put(&block, seen))?;
            seen += block.len();
            Ok::<_, anyhow::Error>(())
        })?;
        store.set_cache_bytes(CACHE_BYTES_PER_ITEM * seen)?;
        Ok(Self {
            cache_bytes: store.cache_bytes()?,
            store: Mutex::new(store),
            folder,
            items: seen,
        })
    }
}

/// Puts a cache before a file, and every vector into it.
pub(super) fn cached(file: Arc<VectorFile>, dim: usize) -> Result<CachedVectors<Arc<VectorFile>>> {
    let cache = VectorCache::new_in(file.folder.path(), dim, file.items)?;
    let keys: Vec<ItemId> = (1..=file.items as u64).map(ItemId).collect();
    let cached = CachedVectors::new(file, cache);
    let mut rows = Vec::new();
    for keys in keys.chunks(BLOCK_ROWS) {
        rows.clear();
        cached.read(keys, &mut rows)?;
    }
    Ok(cached)
}

fn put(block: &Vectors, first: usize) -> Changes {
    let mut changes = Changes::new();
    for (at, vector) in block.iter().enumerate() {
        let item = Item {
            id: (first + at).to_string(),
            text: String::new(),
            metadata: serde_json::Map::new(),
            vector: vector.to_vec(),
            created_at_ms: 0,
            updated_at_ms: 0,
            ..Item::default()
        };
        changes.put(item, None);
    }
    changes
}

impl VectorSource for VectorFile {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> std::result::Result<(), SourceError> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.read_vectors(items, rows).map_err(SourceError::new)
    }
}
