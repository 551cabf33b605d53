//! A memory on a file, written without embedding anything: what A4 and H7 measure the bytes of.

use std::path::Path;

use anyhow::Result;
use rm_core::{CentroidId, Index, ItemId};
use rm_embed::{Embedder, Embeddings};
use rm_memory::{SqliteStore, Store};
use rm_store::{CentroidUsage, Changes, Item, RoutingState, settings};

use crate::corpora::EmbeddedCorpus;

/// Items written in one transaction.
const BATCH: usize = 4_096;

/// Says what a file is told about the vectors and lists in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileLabels<'a> {
    /// Model that made the vectors.
    pub(super) fingerprint: &'a str,
    /// Rule by which K follows N.
    pub(super) k_rule: &'a str,
    /// Seed of training.
    pub(super) seed: u64,
}

/// Writes texts, vectors and routing to a new file at `path`.
pub(super) fn write_memory(
    path: &Path,
    corpus: &EmbeddedCorpus,
    index: &Index,
    labels: FileLabels<'_>,
) -> Result<()> {
    let store = SqliteStore::open(path)?;
    store.apply(Changes::new().set(settings::MODEL_FINGERPRINT, labels.fingerprint))?;
    write_items(corpus, &store)?;
    write_routing(index, labels, &store)?;
    store.close()?;
    Ok(())
}

fn write_items(corpus: &EmbeddedCorpus, store: &dyn Store) -> Result<()> {
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
                ..Item::default()
            };
            changes.put(item, None);
        }
        store.apply(&changes)?;
    }
    Ok(())
}

/// Writes the codebook and the lists; item `p` of the index has the key `p + 1` in a fresh store.
fn write_routing(index: &Index, labels: FileLabels<'_>, store: &dyn Store) -> Result<()> {
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
        seed: labels.seed,
        k_rule: labels.k_rule.to_owned(),
    };
    store.apply(Changes::new().replace_routing(state, assignments))?;
    Ok(())
}

/// Is the embedder of a memory that is only opened.
pub(super) struct VectorsGiven {
    /// Components of the vectors.
    pub(super) dim: usize,
    /// Model that made them.
    pub(super) fingerprint: String,
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
        &self.fingerprint
    }

    fn embed(&self, _text: &str) -> rm_embed::Result<Vec<f32>> {
        Self::refuse()
    }

    fn embed_batch(&self, _texts: &[&str]) -> rm_embed::Result<Embeddings> {
        Self::refuse()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rm_core::{Codebook, Vectors};
    use rm_memory::{Query, RoutingMemory};

    use super::super::opened::open_here;
    use super::*;
    use crate::ListCoding;
    use crate::corpora::{Corpus, Dataset};

    #[test]
    fn what_was_written_opens_and_is_found() -> Result<()> {
        let items = Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 1.0, 0.6, 0.8])?;
        let corpus = EmbeddedCorpus {
            corpus: Corpus {
                dataset: Dataset::AgentMemories,
                items: ["east", "north", "between"].map(str::to_owned).to_vec(),
                queries: Vec::new(),
            },
            queries: Vectors::empty(2)?,
            items: items.clone(),
        };
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        let index = Index::build(codebook, &[0, 1, 2].map(ItemId), &items)?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        let labels = FileLabels {
            fingerprint: "by hand",
            k_rule: "2",
            seed: 42,
        };
        write_memory(&path, &corpus, &index, labels)?;

        assert_eq!(open_here(&path, ListCoding::OneBit, 42)?.items, 3);
        let given = VectorsGiven {
            dim: 2,
            fingerprint: "by hand".to_owned(),
        };
        let memory = RoutingMemory::builder()
            .path(&path)
            .embedder(Arc::new(given))
            .open()?;
        let found = memory.search(Query::vector(vec![0.6, 0.8]).top_k(1))?;
        assert_eq!(found[0].text, "between");
        assert_eq!(found[0].centroid, CentroidId(1));
        Ok(())
    }
}
