//! A copy of a memory in use is the memory at one moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rm_memory::{Layout, NewItem, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn copies_taken_while_others_add_are_whole() -> Outcome {
    let folder = tempfile::tempdir()?;
    let open = |name: String| {
        RoutingMemory::builder()
            .embedder(Arc::new(HashedWords::new(16)))
            .path(folder.path().join(name))
            .score_threshold(-1.0)
            .layout(Layout::Codes)
            .durability(rm_memory::Durability::Normal)
            .open()
    };
    let memory = open("memory.db".into())?;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| -> Outcome {
        let writer = scope.spawn(|| -> rm_memory::Result<usize> {
            let mut added = 0;
            while !is_over.load(Ordering::Relaxed) || added == 0 {
                // Pairs come together or not at all.
                let pair = ["left", "right"].map(|side| NewItem::new(format!("{side} {added}")));
                memory.add_batch(pair)?;
                added += 2;
            }
            Ok(added)
        });
        let mut sizes = Vec::new();
        for n in 0..8 {
            let name = format!("copy-{n}.db");
            memory.snapshot_to(folder.path().join(&name))?;
            let copy = open(name)?;
            assert_eq!(copy.len() % 2, 0);
            assert_eq!(copy.check()?.findings, []);
            sizes.push(copy.len());
        }
        is_over.store(true, Ordering::Relaxed);
        let added = writer.join().map_err(|_| "the writer panicked")??;
        assert!(sizes.is_sorted() && sizes[7] <= added, "{sizes:?}, {added}");
        Ok(())
    })
}

#[test]
fn a_memory_in_ram_becomes_a_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().open()?;
    fill(&memory)?;
    memory
        .namespace("acme")?
        .add("The pet of Acme's owner is called Rex")?;
    memory.snapshot_to(&path)?;
    let copy = with_minilm().path(&path).open()?;
    assert_eq!(copy.len(), MEMORIES.len());
    assert_eq!(copy.namespaces()?, memory.namespaces()?);
    let answers = |memory: &RoutingMemory| -> rm_memory::Result<Vec<(String, u32)>> {
        let found = memory.search(Query::text(QUESTIONS[3].0).top_k(10).threshold(-1.0))?;
        Ok(found
            .into_iter()
            .map(|item| (item.id, item.score.to_bits()))
            .collect())
    };
    assert_eq!(answers(&copy)?, answers(&memory)?);
    assert_eq!(copy.check()?.findings, []);
    Ok(())
}

#[test]
fn a_file_that_is_there_is_left_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().path(&path).open()?;
    memory.add(MEMORIES[0])?;
    let error = memory
        .snapshot_to(&path)
        .err()
        .ok_or("it was written over")?;
    assert!(
        error
            .to_string()
            .contains("name a file that does not exist"),
        "{error}"
    );
    assert_eq!(memory.search(QUESTIONS[0].0)?.len(), 1);
    Ok(())
}
