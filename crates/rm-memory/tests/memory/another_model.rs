//! Vectors of two models are never mixed.

use std::fs;
use std::sync::Arc;

use rm_memory::{Error, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn a_file_of_another_model_is_refused_and_left_as_it_was() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().path(&path).open()?;
    fill(&memory)?;
    memory.close()?;
    let bytes = fs::read(&path)?;

    let others = [
        (HashedWords::new(384), "model_fingerprint"),
        (HashedWords::new(100), "dim"),
    ];
    for (other, setting) in others {
        let opened = RoutingMemory::builder()
            .path(&path)
            .embedder(Arc::new(other))
            .open();
        let error = opened.err().ok_or("a foreign model was let in")?;
        let message = error.to_string();
        assert!(
            matches!(error, Error::Store(rm_store::Error::ModelMismatch { .. })),
            "{error:?}"
        );
        assert!(
            message.contains(setting) && message.contains("use that model"),
            "{message}"
        );
        assert!(fs::read(&path)? == bytes, "the file was changed");
    }
    let memory = with_minilm().path(&path).open()?;
    assert_eq!(memory.len(), MEMORIES.len());
    assert_eq!(memory.search(QUESTIONS[0].0)?[0].id, "0");
    Ok(())
}

#[test]
fn an_empty_file_belongs_to_the_first_model_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = |name: &str| {
        let embedder = HashedWords::new(8).named(name);
        RoutingMemory::builder()
            .path(&path)
            .embedder(Arc::new(embedder))
            .open()
    };
    open("one")?.close()?;
    let error = open("two").err().ok_or("a foreign model was let in")?;
    assert!(error.to_string().contains("\"one\""), "{error}");
    open("one")?.close()?;
    Ok(())
}
