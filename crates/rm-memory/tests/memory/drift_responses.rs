//! What an alarm leads to: every item stays in reach, and what was done is stored with the monitor's state.

use std::path::Path;
use std::sync::Arc;

use rm_core::{ExactSearch, Vectors};
use rm_memory::{
    AdaptationPolicy, Clock, DriftConfig, DriftEvent, DriftResponse, Embedder, KRule,
    MemoryBuilder, NewItem, Query, RoutingMemory, SearchResult,
};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::index_state::IndexState;
use crate::shared_store::SharedStore;

const DIM: usize = 24;
const BASELINE: usize = 10;
const RESPONSES: [DriftResponse; 2] = [DriftResponse::Adapt, DriftResponse::Refit];

fn responding(response: DriftResponse) -> MemoryBuilder {
    let policy = AdaptationPolicy {
        interval: None,
        ema_rate: 0.2,
        ..AdaptationPolicy::default()
    };
    let drift = DriftConfig {
        window: 5,
        baseline: BASELINE,
        alarm_ratio: 1.3,
        cooldown: 10,
    };
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(DIM)))
        .k_rule(KRule::ItemsPerCentroid(10))
        .clock(Clock::new(|| 5_000))
        .adaptation(policy)
        .on_drift_alarm(response)
        .drift(drift)
}

fn on_file(path: &Path, response: DriftResponse) -> rm_memory::Result<RoutingMemory> {
    responding(response).path(path).open()
}

/// Two hundred items about old topics, and eighty about new ones: too few for the memory to outgrow its K.
fn texts() -> Vec<String> {
    let old = (0..200).map(|n| format!("old-{} word-{n}", n % 8));
    let new = (0..80).map(|n| format!("new-{} other-{n}", n % 8));
    old.chain(new).collect()
}

/// Does as [`live_to_a_shift`] and asks about the new items until the alarm.
fn live_through_a_shift(memory: &RoutingMemory) -> rm_memory::Result<Option<SearchResult>> {
    live_to_a_shift(memory)?;
    ask_about_new(memory)
}

/// Remembers old items, asks about them for a baseline, then remembers new ones.
fn live_to_a_shift(memory: &RoutingMemory) -> rm_memory::Result<()> {
    let items = texts().into_iter().enumerate();
    let mut items = items.map(|(n, text)| NewItem::new(text).id(n.to_string()));
    memory.add_batch(items.by_ref().take(200))?;
    for n in 0..2 * BASELINE {
        memory.search(format!("old-{} word-{n}", n % 8).as_str())?;
    }
    memory.add_batch(items).map(drop)
}

/// Asks what was never asked until the alarm.
fn ask_about_new(memory: &RoutingMemory) -> rm_memory::Result<Option<SearchResult>> {
    for n in 0..30 {
        let answer = memory.search_with_signals(format!("new-{} strange-{n}", n % 8).as_str())?;
        if matches!(answer.drift, Some(DriftEvent::Alarm(_))) {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// Holds the index against itself and a search of every list against brute force.
fn assert_nothing_is_lost(memory: &RoutingMemory) -> Outcome {
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    let embedder = HashedWords::new(DIM);
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = Vectors::from_rows(DIM, embedder.embed_batch(&texts)?.into_vec())?;
    for n in 0..20 {
        let x = embedder.embed(&format!("old-{} new-{}", n % 8, n % 7))?;
        let query = Query::vector(x.clone()).top_k(280).threshold(-1.0);
        let index = memory.index().ok_or("no index")?;
        let retriever = rm_core::Retriever::default()
            .n_probes(index.k())
            .top_k(280)
            .score_threshold(-1.0);
        let exact = ExactSearch::new(&vectors).top_k(&x, 280)?;
        let exact: Vec<u32> = exact.iter().map(|hit| hit.score.to_bits()).collect();
        let hits = retriever.query(&index, &x)?.hits;
        let found: Vec<u32> = hits.iter().map(|hit| hit.score.to_bits()).collect();
        assert_eq!(found, exact);
        if n == 0 {
            let answer = memory.search(query.n_probes(usize::MAX))?;
            let found: Vec<u32> = answer.iter().map(|item| item.score.to_bits()).collect();
            assert_eq!(found, exact);
        }
    }
    Ok(())
}

#[test]
fn after_a_response_every_item_is_where_it_is_routed_to_and_stays_so_when_reopened() -> Outcome {
    for response in RESPONSES {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        let memory = on_file(&path, response)?;
        let answer = live_through_a_shift(&memory)?.ok_or("no alarm")?;
        let (cycle, refit) = (answer.adaptation, answer.refit);
        let stats = memory.stats();
        match response {
            DriftResponse::Refit => {
                let refit = refit.ok_or("the alarm trained nothing")?;
                assert_eq!((refit.items, refit.k_after), (280, 28));
                assert!(
                    refit.k_before < refit.k_after && cycle.is_none(),
                    "{refit:?}"
                );
                assert_eq!(stats.adaptations, 0);
            }
            _ => {
                let cycle = cycle.ok_or("the alarm adapted nothing")?;
                assert!(cycle.splits() > 0 && cycle.moves() > 0, "{cycle:?}");
                assert!(refit.is_none());
                assert_eq!(stats.adaptations, 1);
            }
        }
        assert_nothing_is_lost(&memory)?;
        let before = (IndexState::of(&memory), memory.stats().drift);
        memory.close()?;
        let memory = on_file(&path, response)?;
        assert_eq!((IndexState::of(&memory), memory.stats().drift), before);
        assert_nothing_is_lost(&memory)?;
    }
    Ok(())
}

/// Errors under another codebook are no longer what they were, so the monitor is silent until it knows them.
#[test]
fn after_a_response_the_baseline_is_learned_anew() -> Outcome {
    for response in RESPONSES {
        let memory = responding(response).open()?;
        live_through_a_shift(&memory)?.ok_or("no alarm")?;
        let drift = memory.stats().drift;
        assert_eq!(
            (drift.baseline_qerr, drift.in_drift, drift.alarms),
            (None, false, 1)
        );
        for n in 0..BASELINE {
            assert_eq!(memory.stats().drift.baseline_qerr, None, "{n}");
            memory.search(format!("new-{} strange-{n}", n % 8).as_str())?;
        }
        assert!(memory.stats().drift.baseline_qerr.is_some());
        assert!(
            ask_about_new(&memory)?.is_none(),
            "the new world is the normal one"
        );
    }
    Ok(())
}

/// A process that is killed right after the answer has stored all of the response, monitor included.
#[test]
fn a_response_is_stored_whole_without_a_save() -> Outcome {
    for response in RESPONSES {
        let store = SharedStore::default();
        let open = || responding(response).store(Arc::new(store.clone())).open();
        let memory = open()?;
        live_through_a_shift(&memory)?.ok_or("no alarm")?;
        let lists = |memory: &RoutingMemory| -> Option<Vec<Vec<rm_core::ItemId>>> {
            let index = memory.index()?;
            let sorted = |list: &rm_core::InvertedList| {
                let mut ids = list.ids().to_vec();
                ids.sort_unstable();
                ids
            };
            Some(index.lists().map(|(_, list)| sorted(list)).collect())
        };
        let codebook = memory.index().ok_or("no index")?.codebook().clone();
        let before = (lists(&memory), memory.stats().drift, memory.stats().queries);
        // What closing would write does not reach the store.
        store.fail(0, usize::MAX);
        drop(memory);
        store.heal();
        let memory = open()?;
        assert_eq!(memory.index().ok_or("no index")?.codebook(), &codebook);
        let after = (lists(&memory), memory.stats().drift, memory.stats().queries);
        assert_eq!(after, before, "{response:?}");
    }
    Ok(())
}

#[test]
fn a_full_disk_takes_neither_the_answer_nor_the_old_codebook() -> Outcome {
    let store = SharedStore::default();
    let memory = responding(DriftResponse::Refit)
        .store(Arc::new(store.clone()))
        .open()?;
    live_to_a_shift(&memory)?;
    let trained = memory.index().ok_or("no index")?.codebook().clone();
    store.fail(0, usize::MAX);
    let answer = ask_about_new(&memory)?.ok_or("no alarm")?;
    assert!(answer.refit.is_none() && !answer.results.is_empty());
    assert_eq!(memory.index().ok_or("no index")?.codebook(), &trained);
    assert!(memory.stats().drift.in_drift, "the drift goes on");
    store.heal();
    let answer = ask_about_new(&memory)?.ok_or("no second alarm")?;
    assert!(answer.refit.is_some(), "no second try");
    assert_eq!(memory.stats().refits, 1);
    assert_nothing_is_lost(&memory)
}

/// Items that others change while the alarmed search trains are in the new lists all the same.
#[test]
fn nothing_is_lost_that_comes_while_it_trains() -> Outcome {
    let memory = responding(DriftResponse::Refit).open()?;
    live_to_a_shift(&memory)?;
    std::thread::scope(|scope| -> Outcome {
        let searching = scope.spawn(|| ask_about_new(&memory).map(|answer| answer.is_some()));
        for n in 0..40 {
            memory.add(NewItem::new(format!("late-{n} guest-{n}")).id(format!("late-{n}")))?;
            memory.delete(&format!("late-{}", n / 2))?;
        }
        assert!(
            searching.join().map_err(|_| "the search panicked")??,
            "no alarm"
        );
        Ok(())
    })?;
    let index = memory.index().ok_or("no index")?;
    assert_eq!(index.misplaced()?, []);
    let kept = (20..40).filter(|n| {
        memory
            .get(&format!("late-{n}"))
            .is_ok_and(|item| item.is_some())
    });
    assert_eq!((index.len(), kept.count()), (memory.len(), 20));
    Ok(())
}
