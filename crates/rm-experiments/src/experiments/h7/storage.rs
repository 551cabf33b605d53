//! Bytes of a memory: counted by part, measured in RAM, and on disk.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use rm_core::{Index, ItemId};
use serde::Serialize;

use super::Parameters;
use crate::ListCoding;
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
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    /// Bits that tell K lists apart.
    pub(super) code_bits_needed: u32,
    /// Of the code that says which list an item is in.
    pub(super) code_bytes_per_item: usize,
    pub(super) vector_bytes_per_item: usize,
    pub(super) vector_over_code: f64,
    pub(super) centroid_bytes: usize,
    pub(super) vector_bytes: usize,
    /// Of the codes that lists hold for the scan.
    pub(super) list_code_bytes: usize,
    pub(super) id_bytes: usize,
    pub(super) list_head_bytes: usize,
    pub(super) place_table_bytes: usize,
    pub(super) resident_bytes: usize,
    pub(super) resident_bytes_per_item: f64,
    pub(super) bytes_per_item_without_vectors: f64,
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
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) write_file_s: f64,
    pub(super) resident_growth_bytes: Option<u64>,
    pub(super) resident_growth_bytes_per_item: Option<f64>,
    /// What opening holds at most, above what the process held before.
    pub(super) peak_growth_bytes: Option<u64>,
}

/// Writes `index` to `path`, and opens that in a process of its own for each coding; `counted` holds the bytes that the
/// index has with each.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    index: &Index,
    counted: &[(ListCoding, ResidentBytes)],
    path: &Path,
) -> Result<(Vec<StorageRow>, Vec<FileRow>)> {
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
    let file = |&(coding, _): &(ListCoding, ResidentBytes)| {
        if coding.is_coded() {
            // The first opening makes the codes and keeps them in the file.
            open_in_own_process(path, coding, context.seed());
        }
        let opened = open_in_own_process(path, coding, context.seed());
        let opened = opened.filter(|opened| opened.items == index.len());
        let growth = opened.and_then(|o| o.open_bytes.checked_sub(o.before_bytes));
        FileRow {
            dataset: corpus.corpus.dataset,
            n_items: index.len(),
            coding,
            k: index.k(),
            write_file_s,
            resident_growth_bytes: growth,
            resident_growth_bytes_per_item: growth.map(|bytes| bytes as f64 / index.len() as f64),
            peak_growth_bytes: opened.and_then(|o| o.peak_bytes?.checked_sub(o.before_bytes)),
        }
    };
    let files = counted.iter().map(file).collect();
    let storage = counted.iter().map(|&(coding, bytes)| {
        storage_row(parameters, corpus, index, (coding, bytes), file_bytes)
    });
    Ok((storage.collect(), files))
}

fn storage_row(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    index: &Index,
    (coding, bytes): (ListCoding, ResidentBytes),
    file_bytes: u64,
) -> StorageRow {
    let (n_items, k) = (index.len(), index.k());
    let vector_bytes_per_item = index.dim() * size_of::<f32>();
    let code_bits_needed = k.max(1).next_power_of_two().ilog2();
    let code_bytes = parameters
        .code_bytes
        .max(code_bits_needed.div_ceil(8) as usize);
    let dense_bytes = vector_bytes_per_item + size_of::<ItemId>();
    StorageRow {
        dataset: corpus.corpus.dataset,
        text_kind: corpus.corpus.kind(),
        n_items,
        k_rule: parameters.k_rule.clone(),
        coding,
        k,
        code_bits_needed,
        code_bytes_per_item: code_bytes,
        vector_bytes_per_item,
        vector_over_code: vector_bytes_per_item as f64 / code_bytes as f64,
        centroid_bytes: bytes.centroid_bytes,
        vector_bytes: bytes.vector_bytes,
        list_code_bytes: bytes.code_bytes,
        id_bytes: bytes.id_bytes,
        list_head_bytes: bytes.list_bytes,
        place_table_bytes: bytes.place_bytes,
        resident_bytes: bytes.resident_bytes,
        resident_bytes_per_item: bytes.resident_bytes_per_item,
        bytes_per_item_without_vectors: bytes.bytes_per_item_without_vectors,
        dense_bytes_per_item: dense_bytes,
        dense_over_resident: (dense_bytes * n_items) as f64 / bytes.resident_bytes as f64,
        text_bytes: corpus.corpus.items.iter().map(String::len).sum(),
        file_bytes,
        file_bytes_per_item: file_bytes as f64 / n_items.max(1) as f64,
    }
}
