//! Vectors that a search reads from the store.

use std::sync::Arc;

use rm_core::{Index, ItemId, SourceError, VectorSource};
use rm_store::{CachedVectors, Store, settings};

use crate::layout::ListLayout;
use crate::{Result, RoutingMemory};

/// Reads vectors from a store, while they are those of one model.
pub(crate) struct VectorsInStore {
    store: Arc<dyn Store>,
    /// Fingerprint of the model.
    model: Option<String>,
}

impl VectorsInStore {
    pub(crate) fn new(store: &Arc<dyn Store>) -> Result<Self> {
        Ok(Self {
            store: Arc::clone(store),
            model: store.setting(settings::MODEL_FINGERPRINT)?,
        })
    }
}

impl VectorSource for VectorsInStore {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> std::result::Result<(), SourceError> {
        self.store
            .read_vectors_of(self.model.as_deref(), items, rows)
            .map_err(SourceError::new)
    }
}

/// Items whose vectors are in RAM at once where all are read from the store.
pub(crate) const AT_ONCE: usize = 4_096;

/// Bytes of its file that a memory has SQLite cache for each item whose vector is read from there.
pub const CACHE_BYTES_PER_ITEM: usize = 8;

/// Bytes that it has SQLite cache at least.
const LEAST_CACHE_BYTES: usize = 1 << 20;

/// Has a store cache what leads to the vectors of so many items.
pub(crate) fn cache_for(items: usize, store: &dyn Store) -> Result<()> {
    let bytes = items.saturating_mul(CACHE_BYTES_PER_ITEM);
    Ok(store.set_cache_bytes(bytes.max(LEAST_CACHE_BYTES))?)
}

impl RoutingMemory {
    /// Gives an index, which is to hold some `items` items, what `layout` holds in RAM.
    pub(crate) fn laid_out(&self, index: Index, layout: ListLayout, items: usize) -> Result<Index> {
        Ok(match layout {
            ListLayout::Vectors => index,
            ListLayout::CodesAndVectors(coding) => index.with_coding(coding),
            ListLayout::Codes(coding) => {
                let source = self.vector_source(index.dim(), items)?;
                index.with_coding(coding).with_vectors_in(source)?
            }
        })
    }

    /// Makes what reads the vectors of `dim` components of some `items` items.
    pub(crate) fn vector_source(&self, dim: usize, items: usize) -> Result<Arc<dyn VectorSource>> {
        let source = VectorsInStore::new(&self.space.store)?;
        let wanted = self.config().vector_cache;
        let cache = wanted.then(|| self.store().vector_cache(dim, items));
        Ok(match cache.flatten() {
            Some(cache) => Arc::new(CachedVectors::new(source, cache)),
            None => Arc::new(source),
        })
    }
}
