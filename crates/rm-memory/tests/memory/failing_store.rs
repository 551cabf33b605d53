//! A store that cannot write now: what was refused leaves no trace, and what was not written is written later.

use std::sync::Arc;

use rm_memory::{
    AdaptationPolicy, CentroidId, Error, KRule, Layout, MemoryBuilder, NewItem, Query,
    RoutingMemory, Update,
};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::index_state::IndexState;
use crate::shared_store::SharedStore;

const RULE: KRule = KRule::ItemsPerCentroid(4);

fn on(store: &SharedStore) -> MemoryBuilder {
    let policy = AdaptationPolicy {
        interval: Some(5),
        ema_rate: 0.3,
        ..AdaptationPolicy::default()
    };
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(12)))
        .store(Arc::new(store.clone()))
        .k_rule(RULE)
        .adaptation(policy)
}

macro_rules! with_each_layout {
    ($($name:ident)*) => {
        mod vectors_in_memory {
            $(#[test] fn $name() -> super::Outcome { super::$name(super::Layout::Vectors) })*
        }
        mod vectors_in_the_store {
            $(#[test] fn $name() -> super::Outcome { super::$name(super::Layout::Codes) })*
        }
    };
}

with_each_layout! { a_failing_add_changes_nothing failing_updates_and_deletes_change_nothing }

fn text(n: usize) -> String {
    format!("topic-{} word-{n}", n % 5)
}

fn assert_full<T: std::fmt::Debug>(result: rm_memory::Result<T>) {
    let is_full = matches!(result, Err(Error::Store(rm_store::Error::DiskFull { .. })));
    assert!(is_full, "{result:?}");
}

fn fill(memory: &RoutingMemory) -> rm_memory::Result<()> {
    let items = (0..40).map(|n| NewItem::new(text(n)).id(n.to_string()));
    memory.add_batch(items).map(drop)
}

/// Asks about one topic, so that centroids move and are saved, or not.
fn ask(memory: &RoutingMemory, times: usize) -> rm_memory::Result<()> {
    (0..times).try_for_each(|n| memory.search(text(5 * n)).map(drop))
}

/// A change that failed has changed nothing; one that did not is stored, though a refit after it failed.
fn a_failing_add_changes_nothing(layout: Layout) -> Outcome {
    let mut failed_adds = 0;
    let mut failed_refits = 0;
    // Opening writes once, thirty adds write thirty times, and in between the codebook is trained again.
    for nth in 0..45 {
        let store = SharedStore::default();
        let memory = on(&store).layout(layout).open()?;
        store.fail(nth, 1);
        for n in 0..30 {
            let before = (IndexState::of(&memory), memory.stats(), store.snapshot()?);
            let applied = store.applied();
            match memory.add(NewItem::new(text(n)).id(n.to_string())) {
                Ok(_) => {
                    let wanted = RULE.k(memory.len()) as f64;
                    failed_refits += usize::from(wanted > 1.5 * memory.stats().k as f64);
                }
                Err(error) => {
                    assert_full::<()>(Err(error));
                    assert_eq!(
                        (IndexState::of(&memory), memory.stats(), store.snapshot()?),
                        before
                    );
                    assert_eq!(
                        (memory.get(&n.to_string())?, store.applied()),
                        (None, applied)
                    );
                    memory.add(NewItem::new(text(n)).id(n.to_string()))?;
                    failed_adds += 1;
                }
            }
            let found = memory.search(Query::text(text(n)).threshold(0.999))?;
            assert_eq!((found.len(), memory.len()), (1, n + 1));
        }
        assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
        store.heal();
        assert_same_with(layout, memory, &store)?;
    }
    assert!(failed_adds >= 30, "{failed_adds} adds failed");
    assert!(failed_refits > 0, "no refit failed");
    Ok(())
}

fn failing_updates_and_deletes_change_nothing(layout: Layout) -> Outcome {
    let store = SharedStore::default();
    let memory = on(&store).layout(layout).open()?;
    fill(&memory)?;
    let before = (IndexState::of(&memory), memory.stats(), store.snapshot()?);
    store.fail(0, usize::MAX);
    assert_full(memory.update("3", Update::new().text("another text")));
    assert_full(memory.update("3", Update::new().metadata(serde_json::Map::new())));
    assert_full(memory.delete("3"));
    assert_full(memory.add_batch(["one more", "and another"]));
    assert_full(memory.refit());
    assert_eq!(
        (IndexState::of(&memory), memory.stats(), store.snapshot()?),
        before
    );
    store.heal();
    assert_eq!(
        memory.search(Query::text(text(3)).threshold(0.999))?[0].id,
        "3"
    );
    assert_same_with(layout, memory, &store)
}

#[test]
fn an_adaptation_that_cannot_be_stored_is_taken_back() -> Outcome {
    let store = SharedStore::default();
    let memory = on(&store).open()?;
    fill(&memory)?;
    let (trained, stored) = (IndexState::of(&memory), store.snapshot()?);
    store.fail(0, usize::MAX);
    ask(&memory, 40)?;
    let splits = (0..memory.stats().k as u32).map(|c| memory.force_split(CentroidId(c)));
    let refused = splits.filter(Result::is_err).count();
    assert!(refused > 0, "no list could be split");
    assert_eq!(store.snapshot()?, stored);
    assert_full(memory.save());
    for n in 0..40 {
        let probe = Query::text(text(n))
            .n_probes(1)
            .min_candidates(0)
            .hybrid(false)
            .threshold(0.999);
        assert_eq!(memory.search(probe)?[0].id, n.to_string());
    }
    let now = IndexState::of(&memory).map(IndexState::without_usage);
    assert_eq!(now, trained.map(IndexState::without_usage));
    store.heal();
    ask(&memory, 40)?;
    memory.save()?;
    assert_ne!(store.snapshot()?, stored, "nothing was adapted");
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    assert_same_after_reopening(memory, &store)
}

#[test]
fn changes_go_on_after_adaptations_that_could_not_be_stored() -> Outcome {
    let changes: [fn(&RoutingMemory) -> rm_memory::Result<()>; 4] = [
        |memory| memory.add("one more").map(drop),
        |memory| memory.update("7", Update::new().text("another text")),
        |memory| memory.delete("7").map(drop),
        |memory| memory.refit(),
    ];
    for change in changes {
        let store = SharedStore::default();
        let memory = on(&store).open()?;
        fill(&memory)?;
        store.fail(0, usize::MAX);
        ask(&memory, 40)?;
        store.heal();
        change(&memory)?;
        ask(&memory, 40)?;
        assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
        assert_same_after_reopening(memory, &store)?;
    }
    Ok(())
}

/// What could not be written by the end is lost; the codebook of before is there, with its own lists.
#[test]
fn a_memory_that_could_never_save_opens_as_it_was() -> Outcome {
    let store = SharedStore::default();
    let memory = on(&store).open()?;
    fill(&memory)?;
    let trained = IndexState::of(&memory);
    store.fail(0, usize::MAX);
    ask(&memory, 40)?;
    assert_full(memory.close());
    store.heal();
    let memory = on(&store).open()?;
    assert_eq!(IndexState::of(&memory), trained);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

fn assert_same_after_reopening(memory: RoutingMemory, store: &SharedStore) -> Outcome {
    assert_same_with(Layout::default(), memory, store)
}

fn assert_same_with(layout: Layout, memory: RoutingMemory, store: &SharedStore) -> Outcome {
    let state = IndexState::of(&memory);
    memory.close()?;
    assert_eq!(
        IndexState::of(&on(store).layout(layout).seed(7).open()?),
        state
    );
    Ok(())
}
