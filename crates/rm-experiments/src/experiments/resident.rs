//! How much memory a search needs, by part, and how much this process holds.

use std::fs;

use rm_core::{Index, IndexBytes};
use serde::Serialize;

use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::suite::TextKind;

/// Holds the columns that say what an index keeps in memory, as it counts it itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct ResidentBytes {
    pub(super) centroid_bytes: usize,
    pub(super) vector_bytes: usize,
    pub(super) code_bytes: usize,
    pub(super) id_bytes: usize,
    /// The tables that find an item by its id.
    pub(super) place_bytes: usize,
    /// What each list takes, however many items it holds.
    pub(super) list_bytes: usize,
    pub(super) resident_bytes: usize,
    pub(super) resident_bytes_per_item: f64,
    /// What an item would take were the vectors elsewhere.
    pub(super) bytes_per_item_without_vectors: f64,
}

impl ResidentBytes {
    /// Asks an index.
    pub(super) fn of(index: &Index) -> Self {
        let bytes = index.bytes();
        let IndexBytes {
            centroids,
            vectors,
            codes,
            ids,
            places,
            lists,
        } = bytes;
        let per_item = |bytes: usize| bytes as f64 / index.len().max(1) as f64;
        Self {
            centroid_bytes: centroids,
            vector_bytes: vectors,
            code_bytes: codes,
            id_bytes: ids,
            place_bytes: places,
            list_bytes: lists,
            resident_bytes: bytes.total(),
            resident_bytes_per_item: per_item(bytes.total()),
            bytes_per_item_without_vectors: per_item(bytes.total() - vectors),
        }
    }
}

/// Is one line of `bytes.csv`.
pub(super) type BytesRow = (IndexColumns, ResidentBytes);

/// Holds the columns that say which index it is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct IndexColumns {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
}

impl IndexColumns {
    /// Names an index over a corpus.
    pub(super) fn of(corpus: &EmbeddedCorpus, index: &Index, k_rule: &str) -> Self {
        Self {
            dataset: corpus.corpus.dataset,
            text_kind: corpus.corpus.kind(),
            n_items: index.len(),
            k_rule: k_rule.to_owned(),
            coding: ListCoding::of(index),
            k: index.k(),
        }
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

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use rm_core::{Codebook, ItemId, Vectors};

    use super::*;

    #[test]
    fn a_line_has_the_columns_of_index_and_parts() -> Result<()> {
        let items = Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        let codebook = Codebook::new(&items)?;
        let index = Index::build(codebook, &[ItemId(0), ItemId(1)], &items)?;
        let columns = IndexColumns {
            dataset: Dataset::Reddit,
            text_kind: TextKind::Real,
            n_items: 2,
            k_rule: "2".to_owned(),
            coding: ListCoding::of(&index),
            k: 2,
        };
        let bytes = ResidentBytes::of(&index);
        assert_eq!(bytes.vector_bytes, 2 * 2 * size_of::<f32>());
        let without = bytes.resident_bytes - bytes.vector_bytes;
        assert_eq!(bytes.bytes_per_item_without_vectors, without as f64 / 2.0);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize((columns, bytes))?;
        let text = String::from_utf8(writer.into_inner()?)?;
        assert!(text.starts_with("dataset,text_kind,n_items,k_rule,coding,k,centroid_bytes"));
        assert!(text.contains("\nreddit,real,2,2,exact,2,"));
        Ok(())
    }
}
