//! What a memory on a file costs: writing it, opening it, its bytes.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use rm_core::{CentroidId, Index, ItemId};
use rm_embed::{Embedder, Embeddings};
use rm_memory::{RoutingMemory, SqliteStore, Store};
use rm_store::{CentroidUsage, Changes, Item, RoutingState, settings};

use super::super::resident::resident_bytes;
use super::BuildRow;
use crate::corpora::EmbeddedCorpus;

/// Items written in one transaction.
const BATCH: usize = 4_096;

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
    let mut store = SqliteStore::open(&path)?;
    write_items(corpus, &mut store)?;
    write_routing(index, rule, seed, &mut store)?;
    store.close()?;
    let write_file_s = started.elapsed().as_secs_f64();

    let before = resident_bytes();
    let started = Instant::now();
    let embedder = Arc::new(VectorsGiven { dim: index.dim() });
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

fn write_items(corpus: &EmbeddedCorpus, store: &mut dyn Store) -> Result<()> {
    store.apply(Changes::new().set(settings::MODEL_FINGERPRINT, FINGERPRINT))?;
    let texts: Vec<(usize, &String)> = corpus.corpus.items.iter().enumerate().collect();
    for batch in texts.chunks(BATCH) {
        let mut changes = Changes::new();
        for &(at, text) in batch {
            let vector = corpus.items.get(at).unwrap_or_default().to_vec();
            let item = Item {
                id: at.to_string(),
                text: text.clone(),
                metadata: serde_json::Map::new(),
                vector,
                created_at_ms: 0,
                updated_at_ms: 0,
            };
            changes.put(item, None);
        }
        store.apply(&changes)?;
    }
    Ok(())
}

/// Writes the codebook and the lists; item `p` of the index has the key `p + 1` in a fresh store.
fn write_routing(index: &Index, rule: &str, seed: u64, store: &mut dyn Store) -> Result<()> {
    let keys: Vec<ItemId> = store.ids()?.into_iter().map(|(key, _)| key).collect();
    let mut assignments: Vec<(ItemId, CentroidId)> = Vec::with_capacity(index.len());
    for (centroid, list) in index.lists() {
        let stored = list
            .ids()
            .iter()
            .filter_map(|item| keys.get(item.0 as usize));
        assignments.extend(stored.map(|key| (*key, centroid)));
    }
    let state = RoutingState {
        dim: index.dim(),
        centroids: index.codebook().as_slice().to_vec(),
        usage: vec![CentroidUsage::default(); index.k()],
        trained_on: index.len() as u64,
        seed,
        k_rule: rule.to_owned(),
    };
    store.apply(Changes::new().replace_routing(state, assignments))?;
    Ok(())
}

/// Is the embedder of a memory that is only opened.
struct VectorsGiven {
    dim: usize,
}

impl VectorsGiven {
    fn refuse<T>() -> rm_embed::Result<T> {
        Err(rm_embed::Error::Model(
            "vectors are given here, no text is embedded".to_owned(),
        ))
    }
}

impl Embedder for VectorsGiven {
    fn dim(&self) -> usize {
        self.dim
    }

    fn fingerprint(&self) -> &str {
        FINGERPRINT
    }

    fn embed(&self, _text: &str) -> rm_embed::Result<Vec<f32>> {
        Self::refuse()
    }

    fn embed_batch(&self, _texts: &[&str]) -> rm_embed::Result<Embeddings> {
        Self::refuse()
    }
}
