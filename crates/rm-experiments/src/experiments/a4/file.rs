//! What a memory on a file costs: writing it, opening it, its bytes.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use rm_core::Index;
use rm_memory::RoutingMemory;

use super::super::memory_file::{FileLabels, VectorsGiven, write_memory};
use super::super::resident::resident_bytes;
use super::BuildRow;
use crate::corpora::EmbeddedCorpus;

/// Name under which the vectors are filed; nothing is embedded here.
const FINGERPRINT: &str = "vectors given";

/// Writes texts, vectors and routing to a file, closes it, and opens it as a memory.
pub(super) fn measure(
    corpus: &EmbeddedCorpus,
    index: &Index,
    rule: &str,
    seed: u64,
    train_and_route_s: f64,
) -> Result<BuildRow> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let started = Instant::now();
    let labels = FileLabels {
        fingerprint: FINGERPRINT,
        k_rule: rule,
        seed,
    };
    write_memory(&path, corpus, index, labels)?;
    let write_file_s = started.elapsed().as_secs_f64();

    let before = resident_bytes();
    let started = Instant::now();
    let embedder = Arc::new(VectorsGiven {
        dim: index.dim(),
        fingerprint: FINGERPRINT.to_owned(),
    });
    let memory = RoutingMemory::builder()
        .path(&path)
        .embedder(embedder)
        .open()?;
    let open_file_s = started.elapsed().as_secs_f64();
    let after = resident_bytes();
    anyhow::ensure!(memory.len() == index.len(), "the opened memory lacks items");
    memory.close()?;
    Ok(BuildRow {
        dataset: corpus.corpus.dataset,
        n_items: corpus.items.len(),
        k_rule: rule.to_owned(),
        k: index.k(),
        train_and_route_s,
        write_file_s,
        open_file_s,
        file_bytes: fs::metadata(&path)?.len(),
        resident_growth_bytes: before.zip(after).and_then(|(b, a)| a.checked_sub(b)),
    })
}
