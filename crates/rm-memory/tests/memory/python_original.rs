//! A database of the Python original becomes a memory.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rm_embed::{Embeddings, Error as EmbedError, Result as EmbedResult};
use rm_memory::{Embedder, Query, RoutingMemory};
use rm_store::legacy;
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Outcome;
use crate::index_state::IndexState;
use crate::memories::by_hand;

/// Written by routing-memory 0.1.0 itself, see `write_python_original.py` beside it.
const FIXTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../rm-store/tests/fixtures/python-original.sqlite"
);

/// The original's tables, as its code makes them.
const TABLES: &str = "
    CREATE TABLE rm_items (
        id TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        embedding BLOB NOT NULL,
        metadata TEXT DEFAULT '{}',
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE rm_codebook (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        centroids BLOB NOT NULL,
        assignments TEXT NOT NULL,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    );";

const TEXTS: [(&str, &str); 12] = [
    (
        "meeting",
        "Meeting with Alice scheduled for March 15 at 2pm",
    ),
    ("deadline", "Project deadline is end of Q1 2026"),
    ("note-0", "Note 0: größe, 重要, and a 'quote'"),
    ("note-1", "Note 1: größe, 重要, and a 'quote'"),
    ("note-2", "Note 2: größe, 重要, and a 'quote'"),
    ("note-4", "Note 4: größe, 重要, and a 'quote'"),
    ("note-5", "Note 5: größe, 重要, and a 'quote'"),
    ("note-6", "Note 6: größe, 重要, and a 'quote'"),
    ("note-7", "Note 7: größe, 重要, and a 'quote'"),
    ("note-8", "Note 8: größe, 重要, and a 'quote'"),
    ("ui", "User prefers light mode after all"),
    ("late", "Added after the codebook was saved"),
];

/// Is the model that the fixture was written with: the first 16 bytes of the text's SHA-256, centred.
struct DigestOfText(&'static str);

impl Embedder for DigestOfText {
    fn dim(&self) -> usize {
        16
    }

    fn fingerprint(&self) -> &str {
        self.0
    }

    fn embed(&self, text: &str) -> EmbedResult<Vec<f32>> {
        let digest = Sha256::digest(text.as_bytes());
        let centred: Vec<f32> = digest[..16]
            .iter()
            .map(|byte| f32::from(*byte) - 127.5)
            .collect();
        let norm = centred.iter().map(|x| x * x).sum::<f32>().sqrt();
        Ok(centred.into_iter().map(|x| x / norm).collect())
    }

    fn embed_batch(&self, texts: &[&str]) -> EmbedResult<Embeddings> {
        let rows = texts
            .iter()
            .map(|text| self.embed(text))
            .collect::<EmbedResult<Vec<_>>>()?;
        Embeddings::from_rows(16, rows.concat())
            .map_err(|_| EmbedError::Model("ragged rows".into()))
    }
}

fn open(path: &Path, seed: u64) -> rm_memory::Result<RoutingMemory> {
    let embedder = Arc::new(DigestOfText("digest"));
    RoutingMemory::builder()
        .path(path)
        .embedder(embedder)
        .seed(seed)
        .open()
}

#[test]
fn every_item_of_the_original_is_found() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rm_memory.db");
    fs::copy(FIXTURE, &path)?;
    let memory = open(&path, 42)?;
    assert_eq!(memory.len(), TEXTS.len());
    assert_eq!(memory.get("note-3")?, None, "the original had deleted it");
    for (id, text) in TEXTS {
        // One probe, and the original's own drift of items does not show.
        let probe = Query::text(text)
            .n_probes(1)
            .min_candidates(0)
            .hybrid(false)
            .threshold(0.999);
        let found = memory.search(probe)?;
        assert_eq!(
            (found.len(), found[0].id.as_str(), found[0].text.as_str()),
            (1, id, text)
        );
    }
    let meeting = memory.search(TEXTS[0].1)?;
    assert_eq!(
        Value::Object(meeting[0].metadata.clone()),
        json!({"people": ["Alice", "Zoë"]})
    );
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);

    let texts = TEXTS.map(|(_, text)| text);
    for question in ["anything", "Alice", "which mode?"] {
        let query = Query::text(question).top_k(12).threshold(-1.0);
        let found = memory.search(
            query
                .n_probes(memory.stats().k)
                .min_candidates(0)
                .hybrid(false),
        )?;
        let ids: Vec<&str> = found.iter().map(|item| item.id.as_str()).collect();
        let best = by_hand(memory.embedder(), &texts, question, -1.0)?;
        let expected: Vec<&str> = best.iter().map(|(at, _)| TEXTS[*at].0).collect();
        assert_eq!(ids, expected, "{question:?}");
    }
    Ok(())
}

#[test]
fn an_imported_memory_is_trained_once_and_goes_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rm_memory.db");
    fs::copy(FIXTURE, &path)?;
    let memory = open(&path, 42)?;
    let routed = IndexState::of(&memory);
    memory.close()?;
    let backup = path.with_file_name("rm_memory.db.python-backup");
    let kept = legacy::read_python_original(backup)?;
    assert_eq!(kept, legacy::read_python_original(FIXTURE)?);

    let memory = open(&path, 7)?;
    assert_eq!(IndexState::of(&memory), routed, "opening has trained again");
    memory.add("A memory of the new kind")?;
    memory.delete("ui")?;
    memory.close()?;
    let memory = open(&path, 7)?;
    assert_eq!(memory.len(), TEXTS.len());
    assert_eq!(
        memory.search("A memory of the new kind")?[0].text,
        "A memory of the new kind"
    );
    Ok(())
}

/// The original does not write down its model, so the first that opens the file with the right dimension is
/// taken at its word; from then on it is the only one.
#[test]
fn the_first_model_of_the_right_dimension_is_believed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rm_memory.db");
    fs::copy(FIXTURE, &path)?;
    open(&path, 42)?.close()?;
    let other = Arc::new(DigestOfText("another digest"));
    let opened = RoutingMemory::builder().path(&path).embedder(other).open();
    let error = opened.err().ok_or("a foreign model was let in")?;
    assert!(error.to_string().contains("\"digest\""), "{error}");
    Ok(())
}

#[test]
fn an_original_without_items_is_not_trained_again_later() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rm_memory.db");
    Connection::open(&path)?.execute_batch(TABLES)?;
    let memory = open(&path, 42)?;
    assert!(memory.is_empty());
    for (id, text) in TEXTS {
        memory.add(rm_memory::NewItem::new(text).id(id))?;
    }
    let routed = IndexState::of(&memory);
    memory.close()?;
    assert_eq!(
        IndexState::of(&open(&path, 7)?),
        routed,
        "opening has trained"
    );
    Ok(())
}
