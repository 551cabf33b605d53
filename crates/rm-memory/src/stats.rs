//! What a memory tells about itself.

use rm_core::{CentroidId, CodebookStats, DriftAlarm, DriftStats, Index, IndexBytes};

use crate::{Counters, Result, RoutingMemory};

/// Sums up a memory.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryStats {
    /// Number of items.
    pub items: usize,
    /// Number of centroids, 0 before the first item.
    pub k: usize,
    /// Components of each vector.
    pub dim: usize,
    /// Bytes held in RAM for search, by part.
    pub resident: IndexBytes,
    /// Bytes that are held in RAM at most to read the file, and the cache of vectors beside it, sooner; those of the system's own
    /// cache not counted.
    pub cache_bytes: usize,
    /// Bytes of the last questions and their vectors, which all namespaces share.
    pub question_bytes: usize,
    /// Bits that say which of K lists an item is in, `ceil(log2 K)`.
    pub code_bits: u32,
    /// Searches answered since the memory was made.
    pub queries: u64,
    /// Cycles of adaptation since the memory was opened.
    pub adaptations: u64,
    /// Trainings of the whole codebook after drift alarms, since the memory was opened.
    pub refits: u64,
    /// The drift monitor.
    pub drift: DriftStats,
    /// What this process has done since it was opened.
    pub counters: Counters,
}

/// Describes a codebook.
#[derive(Debug, Clone, PartialEq)]
pub struct CodebookInfo {
    /// Number of centroids, 0 before the first item.
    pub k: usize,
    /// Components of each centroid.
    pub dim: usize,
    /// Gini coefficient of the list sizes, 0 where all are equal.
    pub gini: f64,
    /// Centroids without items.
    pub dead_codes: usize,
    /// Mean cosine of an item and its centroid.
    pub fidelity: f64,
    /// Mean over all items of `(1 - <x, c>)^2`.
    pub variance: f64,
}

/// Describes one bucket: a centroid and its list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketStats {
    /// The centroid.
    pub centroid: CentroidId,
    /// Number of items in its list.
    pub size: usize,
    /// Mean of `(1 - <x, c>)^2` over them, 0 for fewer than two.
    pub variance: f32,
    /// Queries that were nearest to it.
    pub access_count: u64,
    /// Time of the last of them, in milliseconds since 1970.
    pub last_used_ms: Option<i64>,
}

impl RoutingMemory {
    /// Sums up the memory; costs a step for each list.
    #[must_use]
    pub fn stats(&self) -> MemoryStats {
        let index = self.read_index();
        let (items, k) = index
            .as_ref()
            .map_or((0, 0), |index| (index.len(), index.k()));
        let dim = self.embedder().dim();
        // A store that cannot tell has other troubles, which the next search will meet.
        let cache_bytes =
            self.store().cache_bytes().unwrap_or(0) + index.as_ref().map_or(0, Index::source_bytes);
        let observer = self.lock_observer();
        MemoryStats {
            cache_bytes,
            question_bytes: self.family.questions.bytes(),
            items,
            k,
            dim,
            resident: index.as_ref().map(Index::bytes).unwrap_or_default(),
            code_bits: k.max(1).next_power_of_two().ilog2(),
            queries: observer.all_queries(),
            adaptations: observer.adaptations,
            refits: observer.refits,
            drift: observer.drift.stats(),
            counters: self.counting().now(),
        }
    }

    /// Describes the codebook; costs one dot product an item.
    #[must_use]
    pub fn codebook_info(&self) -> CodebookInfo {
        match self.read_index().as_ref().map(Index::stats) {
            None => CodebookInfo {
                k: 0,
                dim: self.embedder().dim(),
                gini: 0.0,
                dead_codes: 0,
                fidelity: 0.0,
                variance: 0.0,
            },
            Some(CodebookStats {
                k,
                dim,
                gini,
                dead_codes,
                fidelity,
                variance,
                ..
            }) => CodebookInfo {
                k,
                dim,
                gini,
                dead_codes,
                fidelity,
                variance,
            },
        }
    }

    /// Describes one bucket, `None` while the memory is empty.
    ///
    /// # Errors
    /// When the memory has no such centroid.
    pub fn bucket_stats(&self, centroid: CentroidId) -> Result<Option<BucketStats>> {
        let index = self.read_index();
        let Some(index) = index.as_ref() else {
            return Ok(None);
        };
        let size = index.list(centroid)?.len();
        let usage = index.usage().nth(centroid.index()).unwrap_or_default();
        Ok(Some(BucketStats {
            centroid,
            size,
            variance: index.bucket_variance(centroid)?,
            access_count: usage.hits,
            last_used_ms: usage.last_used_ms,
        }))
    }

    /// Returns the alarms that the drift monitor raised since the memory was opened, oldest first.
    #[must_use]
    pub fn drift_alarms(&self) -> Vec<DriftAlarm> {
        self.lock_observer().drift.alarms().copied().collect()
    }

    /// Returns a copy of the index, to look into or to experiment with; `None` while the memory is empty.
    #[must_use]
    pub fn index(&self) -> Option<Index> {
        self.read_index().clone()
    }
}
