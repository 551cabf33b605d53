//! Bytes of a memory: counted by part, measured in RAM, and on disk.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use rm_core::{CentroidId, Index, InvertedList, ItemId, Usage};
use serde::Serialize;

use super::Parameters;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::experiments::memory_file::{FileLabels, write_memory};
use crate::experiments::opened::open_in_own_process;
use crate::experiments::resident::ResidentBytes;
use crate::suite::{Context, TextKind};

/// Is one line of `storage.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct StorageRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) k: usize,
    /// Bits that tell K lists apart.
    pub(super) code_bits_needed: u32,
    pub(super) code_bytes_per_item: usize,
    pub(super) vector_bytes_per_item: usize,
    pub(super) vector_over_code: f64,
    pub(super) centroid_bytes: usize,
    pub(super) vector_bytes: usize,
    pub(super) id_bytes: usize,
    pub(super) list_head_bytes: usize,
    pub(super) place_table_bytes: usize,
    pub(super) resident_bytes: usize,
    pub(super) resident_bytes_per_item: f64,
    pub(super) dense_bytes_per_item: usize,
    pub(super) dense_over_resident: f64,
    pub(super) text_bytes: usize,
    pub(super) file_bytes: u64,
    pub(super) file_bytes_per_item: f64,
}

/// Is one line of `file_timing.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FileRow {
    pub(super) dataset: Dataset,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) write_file_s: f64,
    pub(super) resident_growth_bytes: Option<u64>,
    pub(super) resident_growth_bytes_per_item: Option<f64>,
    /// What opening holds at most, above what the process held before.
    pub(super) peak_growth_bytes: Option<u64>,
}

/// Counts the bytes of `index`, writes it to `path`, and opens that in a process of its own.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    index: &Index,
    path: &Path,
) -> Result<(StorageRow, FileRow)> {
    let embedder = context.embedder()?;
    let labels = FileLabels {
        fingerprint: embedder.fingerprint(),
        k_rule: &parameters.k_rule,
        seed: context.seed(),
    };
    let started = Instant::now();
    write_memory(path, corpus, index, labels)?;
    let write_file_s = started.elapsed().as_secs_f64();
    let file_bytes = fs::metadata(path)?.len();
    let opened = open_in_own_process(path).filter(|opened| opened.items == index.len());
    let growth = opened.and_then(|o| o.open_bytes.checked_sub(o.before_bytes));
    let peak = opened.and_then(|o| o.peak_bytes?.checked_sub(o.before_bytes));
    let file = FileRow {
        dataset: corpus.corpus.dataset,
        n_items: index.len(),
        k: index.k(),
        write_file_s,
        resident_growth_bytes: growth,
        resident_growth_bytes_per_item: growth.map(|bytes| bytes as f64 / index.len() as f64),
        peak_growth_bytes: peak,
    };
    let row = storage_row(parameters, corpus, index, file_bytes);
    Ok((row, file))
}

fn storage_row(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    index: &Index,
    file_bytes: u64,
) -> StorageRow {
    let (n_items, k) = (index.len(), index.k());
    let vector_bytes_per_item = index.dim() * size_of::<f32>();
    let counted = ResidentBytes::of(n_items, k, index.dim());
    let list_head_bytes = k * (size_of::<InvertedList>() + size_of::<Usage>());
    let place_table_bytes = place_table_bytes(n_items);
    let resident = counted.total() + list_head_bytes + place_table_bytes;
    let code_bits_needed = k.max(1).next_power_of_two().ilog2();
    let code_bytes = parameters
        .code_bytes
        .max(code_bits_needed.div_ceil(8) as usize);
    let dense_bytes = vector_bytes_per_item + size_of::<ItemId>();
    let per_item = |bytes: f64| bytes / n_items.max(1) as f64;
    StorageRow {
        dataset: corpus.corpus.dataset,
        text_kind: corpus.corpus.kind(),
        n_items,
        k_rule: parameters.k_rule.clone(),
        k,
        code_bits_needed,
        code_bytes_per_item: code_bytes,
        vector_bytes_per_item,
        vector_over_code: vector_bytes_per_item as f64 / code_bytes as f64,
        centroid_bytes: counted.centroid_bytes,
        vector_bytes: counted.vector_bytes,
        id_bytes: counted.id_bytes,
        list_head_bytes,
        place_table_bytes,
        resident_bytes: resident,
        resident_bytes_per_item: per_item(resident as f64),
        dense_bytes_per_item: dense_bytes,
        dense_over_resident: (dense_bytes * n_items) as f64 / resident as f64,
        text_bytes: corpus.corpus.items.iter().map(String::len).sum(),
        file_bytes,
        file_bytes_per_item: per_item(file_bytes as f64),
    }
}

/// Returns the bytes of the hash table that says in which list, and where in it, each of `n` items is.
///
/// The standard library's table has a power of two of slots, seven eighths of which it fills, and one byte
/// beside each slot; its capacity tells how many it took.
fn place_table_bytes(n: usize) -> usize {
    let table: HashMap<ItemId, (CentroidId, u32)> = HashMap::with_capacity(n);
    let slots = (table.capacity() * 8).div_ceil(7);
    slots * (size_of::<(ItemId, (CentroidId, u32))>() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_places_has_a_power_of_two_of_slots() {
        // 1,000 items need 1,143 slots: 2,048 of 16 + 1 bytes.
        assert_eq!(place_table_bytes(1_000), 2_048 * 17);
        assert_eq!(place_table_bytes(100_000), 131_072 * 17);
    }
}
