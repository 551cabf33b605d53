//! The original saves the codebook and never loads it, so every open refits on all embeddings.

use std::fs;
use std::path::Path;

use rm_memory::{AdaptationPolicy, KRule, MemoryBuilder, Query, RoutingMemory};

use crate::Outcome;
use crate::index_state::IndexState;
use crate::memories::{QUESTIONS, fill, with_minilm};

/// Is answered alike only by memories with the same codebook and the same lists.
fn answers(memory: &RoutingMemory) -> rm_memory::Result<Vec<Vec<(String, u32)>>> {
    let questions = QUESTIONS.iter().map(|(question, _)| {
        let query = Query::text(*question).threshold(-1.0);
        let found = memory.search(query.n_probes(1).min_candidates(0).hybrid(false))?;
        let found = found
            .into_iter()
            .map(|item| (item.id, item.score.to_bits()));
        Ok(found.collect())
    });
    questions.collect()
}

fn on(path: &Path) -> MemoryBuilder {
    with_minilm()
        .path(path)
        .adaptation(AdaptationPolicy::manual())
}

#[test]
fn opening_loads_the_codebook_and_never_trains_it_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = on(&path).open()?;
    fill(&memory)?;
    let before = answers(&memory)?;
    let state = IndexState::of(&memory);
    let k = memory.stats().k;
    memory.close()?;

    // Another seed and another rule would train another codebook.
    let memory = on(&path).seed(7).k_rule(KRule::Fixed(2)).open()?;
    assert_eq!(IndexState::of(&memory), state);
    assert_eq!(answers(&memory)?, before);
    memory.refit()?;
    assert_ne!(IndexState::of(&memory), state, "a refit would have shown");
    assert_eq!((memory.stats().k, k > 2), (2, true));
    Ok(())
}

#[test]
fn reopening_leaves_the_file_byte_for_byte() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = on(&path).open()?;
    fill(&memory)?;
    let before = answers(&memory)?;
    memory.close()?;
    let bytes = fs::read(&path)?;
    for seed in [42, 7] {
        let memory = on(&path).seed(seed).open()?;
        assert_eq!(memory.get("0")?.map(|item| item.id).as_deref(), Some("0"));
        memory.close()?;
        assert!(fs::read(&path)? == bytes, "opening has written");
    }
    assert_eq!(answers(&on(&path).open()?)?, before);
    Ok(())
}

/// A fresh file is not trained by opening it either.
#[test]
fn an_empty_memory_opens_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    for _ in 0..2 {
        let memory = on(&path).open()?;
        assert_eq!((memory.len(), memory.stats().k), (0, 0));
        assert!(memory.search(QUESTIONS[0].0)?.is_empty());
        memory.close()?;
    }
    Ok(())
}
