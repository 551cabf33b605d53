//! Many threads, one memory.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rm_memory::{AdaptationPolicy, NewItem, Query, RoutingMemory, Update};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, minilm, with_minilm};

const ITEMS: usize = 100;

/// Each of these is a text of its own, though it means much the same as its neighbours.
fn text(n: usize) -> String {
    format!("{} ({n})", MEMORIES[n % MEMORIES.len()])
}

#[test]
fn searches_run_beside_a_writer_and_find_all_it_has_acknowledged() -> Outcome {
    let folder = tempfile::tempdir()?;
    let policy = AdaptationPolicy {
        interval: Some(5),
        ..AdaptationPolicy::default()
    };
    let memory = with_minilm()
        .path(folder.path().join("memory.db"))
        .adaptation(policy)
        .open()?;
    let acknowledged = AtomicUsize::new(0);
    let is_done = AtomicBool::new(false);
    let searched: rm_memory::Result<Vec<usize>> = thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|reader| {
                let (memory, acknowledged, is_done) = (&memory, &acknowledged, &is_done);
                scope.spawn(move || read(memory, reader, acknowledged, is_done))
            })
            .collect();
        let written = write(&memory, &acknowledged);
        is_done.store(true, Ordering::Release);
        let read = readers
            .into_iter()
            .map(|reader| reader.join().expect("no panic"));
        let read = read.collect();
        written.and(read)
    });
    assert!(searched?.iter().all(|searches| *searches > 0));
    assert_eq!(memory.len(), ITEMS);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    for n in 0..ITEMS {
        find(&memory, n)?;
    }
    Ok(())
}

/// Adds items, one in ten twice and one in ten with another text first, and says which are there.
fn write(memory: &RoutingMemory, acknowledged: &AtomicUsize) -> rm_memory::Result<()> {
    for n in 0..ITEMS {
        let id = n.to_string();
        match n % 10 {
            3 => {
                memory.add(NewItem::new("To be changed at once").id(&id))?;
                memory.update(&id, Update::new().text(text(n)))?;
            }
            7 => {
                memory.add(NewItem::new(text(n)).id(&id))?;
                assert!(memory.delete(&id)?);
                memory.add(NewItem::new(text(n)).id(&id))?;
            }
            _ => drop(memory.add(NewItem::new(text(n)).id(&id))?),
        }
        acknowledged.store(n + 1, Ordering::Release);
    }
    Ok(())
}

/// Searches until the writer is done, for what it has acknowledged and for what users ask.
fn read(
    memory: &RoutingMemory,
    reader: usize,
    acknowledged: &AtomicUsize,
    is_done: &AtomicBool,
) -> rm_memory::Result<usize> {
    let mut searches = 0;
    while !is_done.load(Ordering::Acquire) {
        let there = acknowledged.load(Ordering::Acquire);
        if there == 0 {
            thread::yield_now();
            continue;
        }
        find(memory, (searches * 31 + reader * 7) % there)?;
        let (question, _) = QUESTIONS[(searches + reader) % QUESTIONS.len()];
        for found in memory.search(Query::text(question).top_k(20))? {
            assert!(found.score >= 0.3 && !found.text.is_empty());
        }
        searches += 1;
    }
    Ok(searches)
}

fn find(memory: &RoutingMemory, n: usize) -> rm_memory::Result<()> {
    let found = memory.search(Query::text(text(n)).threshold(0.9999))?;
    let is_found = found
        .iter()
        .any(|item| item.id == n.to_string() && item.text == text(n));
    assert!(is_found, "{n} is not in {found:?}");
    Ok(())
}

#[test]
fn writers_side_by_side_lose_nothing() -> Outcome {
    let memory = with_minilm().open()?;
    let ids: rm_memory::Result<Vec<String>> = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let memory = &memory;
                scope.spawn(move || {
                    let mine = (0..20).map(|n| memory.add(text(writer * 20 + n)));
                    mine.collect::<rm_memory::Result<Vec<String>>>()
                })
            })
            .collect();
        let written = writers
            .into_iter()
            .map(|writer| writer.join().expect("no panic"));
        Ok(written.collect::<rm_memory::Result<Vec<_>>>()?.concat())
    });
    let ids = ids?;
    assert_eq!((memory.len(), ids.len()), (80, 80));
    for (n, id) in ids.iter().enumerate() {
        let found = memory.search(Query::vector(minilm_vector(&text(n))?).threshold(0.9999))?;
        assert!(found.iter().any(|item| &item.id == id), "{n}");
    }
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

fn minilm_vector(text: &str) -> rm_embed::Result<Vec<f32>> {
    rm_memory::Embedder::embed(minilm().as_ref(), text)
}
