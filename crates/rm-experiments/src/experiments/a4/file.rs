//! What a memory on a file costs: writing it, opening it, its bytes.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use rm_core::Index;
use rm_memory::RoutingMemory;

use super::super::memory_file::{FileLabels, VectorsGiven, write_memory};
use super::super::opened::open_in_own_process;
use super::FileRow;
use crate::ListCoding;
use crate::corpora::EmbeddedCorpus;

/// Name under which the vectors are filed; nothing is embedded here.
const FINGERPRINT: &str = "vectors given";

/// Writes texts, vectors and routing to a file, closes it, and opens it as a memory, once with each coding.
///
/// A memory with codes makes them at its first opening and keeps them in the file; it is the second that is timed.
///
/// Takes the index, so that it is gone when the memory holds all vectors again.
pub(super) fn measure(
    corpus: &EmbeddedCorpus,
    index: Index,
    rule: &str,
    codings: &[ListCoding],
    seed: u64,
) -> Result<Vec<FileRow>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let started = Instant::now();
    let labels = FileLabels {
        fingerprint: FINGERPRINT,
        k_rule: rule,
        seed,
    };
    write_memory(&path, corpus, &index, labels)?;
    let write_file_s = started.elapsed().as_secs_f64();
    let (k, dim) = (index.k(), index.dim());
    drop(index);
    let row = |&coding: &ListCoding| {
        if coding.is_coded() {
            open(&path, dim, coding, seed)?;
        }
        let opened = open(&path, dim, coding, seed)?;
        anyhow::ensure!(
            opened.items == corpus.items.len(),
            "the opened memory lacks items"
        );
        Ok(FileRow {
            dataset: corpus.corpus.dataset,
            n_items: opened.items,
            k_rule: rule.to_owned(),
            coding,
            k,
            write_file_s,
            open_file_s: opened.open_file_s,
            file_bytes: fs::metadata(&path)?.len(),
            resident_growth_bytes: open_in_own_process(&path, coding, seed)
                .and_then(|own| own.open_bytes.checked_sub(own.before_bytes)),
        })
    };
    codings.iter().map(row).collect()
}

/// Is what opening a memory came to.
struct Opened {
    items: usize,
    open_file_s: f64,
}

fn open(path: &Path, dim: usize, coding: ListCoding, seed: u64) -> Result<Opened> {
    let started = Instant::now();
    let embedder = Arc::new(VectorsGiven {
        dim,
        fingerprint: FINGERPRINT.to_owned(),
    });
    let memory = RoutingMemory::builder()
        .path(path)
        .embedder(embedder)
        .layout(coding.layout())
        .seed(seed)
        .open()?;
    let open_file_s = started.elapsed().as_secs_f64();
    let items = memory.len();
    memory.close()?;
    Ok(Opened { items, open_file_s })
}
