//! How much memory a search needs, by part, and how much this process holds.

use std::fs;

use rm_core::ItemId;
use serde::Serialize;

/// Counts what a search keeps in memory: centroids, vectors and ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct ResidentBytes {
    pub(super) centroid_bytes: usize,
    pub(super) vector_bytes: usize,
    pub(super) id_bytes: usize,
}

impl ResidentBytes {
    /// Counts for `n_items` items and `k` centroids of `dim` components.
    pub(super) fn of(n_items: usize, k: usize, dim: usize) -> Self {
        Self {
            centroid_bytes: k * dim * size_of::<f32>(),
            vector_bytes: n_items * dim * size_of::<f32>(),
            id_bytes: n_items * size_of::<ItemId>(),
        }
    }

    /// Returns the sum of all parts.
    pub(super) fn total(self) -> usize {
        self.centroid_bytes + self.vector_bytes + self.id_bytes
    }
}

/// Returns the resident memory of this process, where the system tells.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}
