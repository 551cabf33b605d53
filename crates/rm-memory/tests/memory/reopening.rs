//! Save, close, open: the same answers, whatever happened before.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use rm_memory::{
    AdaptationPolicy, CentroidId, Clock, CodeBits, Counters, DriftConfig, DriftEvent, Durability,
    IndexBytes, KRule, Layout, MemoryStats, NewItem, Query, RoutingMemory, Update,
};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::index_state::IndexState;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

/// Is one thing that may happen to a memory.
#[derive(Debug, Clone)]
enum Event {
    Add(u8, Vec<u8>),
    AddBatch(Vec<(u8, Vec<u8>)>),
    SetText(u8, Vec<u8>),
    SetMetadata(u8, i32),
    Delete(u8),
    Search(Vec<u8>),
    Split(u8),
    Adapt,
    Refit,
    ResetBaseline,
    Wait(i64),
    Save,
    Crash(Layout),
    Reopen(Layout),
}

fn event() -> impl Strategy<Value = Event> {
    let words = || prop::collection::vec(0u8..30, 1..4);
    let id = || 0u8..40;
    prop_oneof![
        8 => (id(), words()).prop_map(|(id, words)| Event::Add(id, words)),
        3 => prop::collection::vec((id(), words()), 0..30).prop_map(Event::AddBatch),
        3 => (id(), words()).prop_map(|(id, words)| Event::SetText(id, words)),
        2 => (id(), any::<i32>()).prop_map(|(id, value)| Event::SetMetadata(id, value)),
        4 => id().prop_map(Event::Delete),
        12 => words().prop_map(Event::Search),
        1 => (0u8..8).prop_map(Event::Split),
        1 => Just(Event::Adapt),
        1 => Just(Event::Refit),
        1 => Just(Event::ResetBaseline),
        2 => (0i64..3_000_000).prop_map(Event::Wait),
        1 => Just(Event::Save),
        2 => layout().prop_map(Event::Crash),
        2 => layout().prop_map(Event::Reopen),
    ]
}

fn layout() -> impl Strategy<Value = Layout> {
    prop_oneof![
        1 => Just(Layout::Vectors),
        1 => Just(Layout::CodesAndVectors),
        2 => Just(Layout::Codes),
        2 => (1u8..=8).prop_map(|bits| Layout::FineCodes(CodeBits::new(bits).expect("1 to 8"))),
    ]
}

fn text(words: &[u8]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("word-{word}")).collect();
    words.join(" ")
}

fn metadata(value: i32) -> Map<String, Value> {
    Map::from_iter([("value".to_owned(), Value::from(value))])
}

/// Holds a memory on a file beside what it ought to hold.
struct Life<'a> {
    path: &'a Path,
    time_ms: Arc<AtomicI64>,
    memory: RoutingMemory,
    expected: BTreeMap<String, (String, Map<String, Value>)>,
}

impl<'a> Life<'a> {
    fn begin(path: &'a Path, layout: Layout) -> rm_memory::Result<Self> {
        let time_ms = Arc::new(AtomicI64::new(1_000));
        Ok(Self {
            path,
            memory: open(path, &time_ms, layout)?,
            time_ms,
            expected: BTreeMap::new(),
        })
    }

    fn happen(&mut self, event: &Event) -> rm_memory::Result<()> {
        match event {
            Event::Add(id, words) => {
                let item = self.expect(*id, words);
                self.memory.add(item)?;
            }
            Event::AddBatch(items) => {
                let items: Vec<NewItem> = items
                    .iter()
                    .map(|(id, words)| self.expect(*id, words))
                    .collect();
                self.memory.add_batch(items)?;
            }
            Event::SetText(id, words) => {
                if let Some((old, _)) = self.expected.get_mut(&id.to_string()) {
                    *old = text(words);
                    self.memory
                        .update(&id.to_string(), Update::new().text(text(words)))?;
                }
            }
            Event::SetMetadata(id, value) => {
                if let Some((_, old)) = self.expected.get_mut(&id.to_string()) {
                    *old = metadata(*value);
                    self.memory
                        .update(&id.to_string(), Update::new().metadata(metadata(*value)))?;
                }
            }
            Event::Delete(id) => {
                let was_there = self.expected.remove(&id.to_string()).is_some();
                assert_eq!(self.memory.delete(&id.to_string())?, was_there);
            }
            Event::Search(words) => drop(self.memory.search(text(words))?),
            Event::Split(centroid) => {
                if usize::from(*centroid) < self.memory.stats().k {
                    self.memory.force_split(CentroidId(u32::from(*centroid)))?;
                }
            }
            Event::Adapt => drop(self.memory.adapt()?),
            Event::Refit => self.memory.refit()?,
            Event::ResetBaseline => drop(self.memory.reset_drift_baseline()),
            Event::Wait(ms) => drop(self.time_ms.fetch_add(*ms, Ordering::Relaxed)),
            Event::Save => self.memory.save()?,
            Event::Crash(layout) => self.crash(*layout)?,
            Event::Reopen(layout) => self.reopen(*layout)?,
        }
        Ok(())
    }

    fn expect(&mut self, id: u8, words: &[u8]) -> NewItem {
        let (id, text) = (id.to_string(), text(words));
        self.expected.insert(id.clone(), (text.clone(), Map::new()));
        NewItem::new(text).id(id)
    }

    /// Opens what a crash would leave here and now, and looks for a difference.
    fn crash(&self, layout: Layout) -> rm_memory::Result<()> {
        let folder = tempfile::tempdir().expect("a folder");
        let left = folder.path().join("memory.db");
        for end in ["", "-wal"] {
            let named = |path: &Path| format!("{}{end}", path.display());
            // The log is there unless all of it is in the file.
            let copied = fs::copy(named(self.path), named(&left));
            assert!(copied.is_ok() || end == "-wal", "{copied:?}");
        }
        let again = open(&left, &self.time_ms, layout)?;
        let state = |memory| IndexState::of(memory).map(IndexState::without_usage);
        assert_eq!(state(&again), state(&self.memory));
        if let Some(index) = again.index() {
            assert_eq!((index.misplaced()?, index.miscoded()?), (vec![], vec![]));
        }
        Ok(())
    }

    /// Closes the memory, opens it again with a layout of its own, and looks for a difference.
    fn reopen(&mut self, layout: Layout) -> rm_memory::Result<()> {
        let index = IndexState::of(&self.memory);
        let stats = lasting(self.memory.stats());
        let closed = std::mem::replace(
            &mut self.memory,
            RoutingMemory::builder()
                .embedder(Arc::new(HashedWords::new(12)))
                .open()?,
        );
        closed.close()?;
        self.memory = open(self.path, &self.time_ms, layout)?;
        assert_eq!(IndexState::of(&self.memory), index);
        assert_eq!(lasting(self.memory.stats()), stats);
        Ok(())
    }

    /// Compares the memory with what it ought to hold; every item is found by one probe for its own text.
    fn check(&self) -> rm_memory::Result<()> {
        assert_eq!(self.memory.len(), self.expected.len());
        if let Some(index) = self.memory.index() {
            assert_eq!((index.misplaced()?, index.miscoded()?), (vec![], vec![]));
        }
        for (id, (text, metadata)) in &self.expected {
            let item = self.memory.get(id)?.expect("a stored item");
            assert_eq!((&item.text, &item.metadata), (text, metadata));
            let query = Query::text(text)
                // More than there are, so that codes pass over none.
                .top_k(100)
                .threshold(-1.0)
                .n_probes(1)
                .min_candidates(0)
                .hybrid(false);
            let found = self.memory.search(query)?;
            let found: Vec<_> = found
                .iter()
                .map(|item| (&item.id, &item.text, &item.metadata))
                .collect();
            assert!(
                found.contains(&(id, text, metadata)),
                "{id} is not in {found:?}"
            );
        }
        Ok(())
    }
}

fn open(path: &Path, time_ms: &Arc<AtomicI64>, layout: Layout) -> rm_memory::Result<RoutingMemory> {
    let time_ms = time_ms.clone();
    RoutingMemory::builder()
        .path(path)
        .durability(Durability::Normal)
        .embedder(Arc::new(HashedWords::new(12)))
        .k_rule(KRule::ItemsPerCentroid(5))
        .layout(layout)
        .clock(Clock::new(move || time_ms.load(Ordering::Relaxed)))
        .drift(DriftConfig {
            window: 3,
            baseline: 6,
            alarm_ratio: 1.2,
            cooldown: 3,
        })
        .adaptation(AdaptationPolicy {
            interval: Some(4),
            ema_rate: 0.2,
            ..AdaptationPolicy::default()
        })
        .open()
}

/// Leaves out what counts from the opening.
fn lasting(stats: MemoryStats) -> MemoryStats {
    MemoryStats {
        adaptations: 0,
        counters: Counters::default(),
        // What is cached depends on the layout, and lists that have grown hold room for more.
        cache_bytes: 0,
        question_bytes: 0,
        resident: IndexBytes::default(),
        ..stats
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_life_is_the_same_after_save_close_open(
        layouts in [layout(), layout()], events in prop::collection::vec(event(), 1..80),
    ) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        let mut life = Life::begin(&path, layouts[0])?;
        for event in &events {
            life.happen(event)?;
        }
        life.reopen(layouts[1])?;
        life.check()?;
        life.reopen(Layout::Codes)?;
        life.check()?;
    }
}

#[test]
fn drift_and_the_number_of_queries_survive() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let manual = || {
        with_minilm()
            .path(&path)
            .adaptation(AdaptationPolicy::manual())
            .open()
    };
    let memory = manual()?;
    fill(&memory)?;
    let questions = QUESTIONS.iter().map(|(question, _)| *question).cycle();
    for question in questions.take(49) {
        memory.search(question)?;
    }
    let before = lasting(memory.stats());
    assert_eq!(
        (
            before.queries,
            before.drift.episodes,
            before.drift.baseline_qerr
        ),
        (49, 49, None)
    );
    memory.close()?;

    // The fiftieth query completes a baseline that was begun before.
    let memory = manual()?;
    assert_eq!(lasting(memory.stats()), before);
    memory.search(QUESTIONS[0].0)?;
    let baseline = memory.stats().drift.baseline_qerr;
    assert!(baseline.is_some_and(|qerr| qerr > 0.0));
    drop(memory);

    let memory = manual()?;
    assert_eq!(
        memory.stats().drift.baseline_qerr,
        baseline,
        "dropping saves too"
    );
    let mut alarms = 0;
    for _ in 0..25 {
        let answer = memory.search_with_signals("Andromeda is a spiral galaxy")?;
        alarms += u64::from(matches!(answer.drift, Some(DriftEvent::Alarm(_))));
    }
    assert_eq!(
        (alarms, memory.stats().drift.alarms, memory.stats().queries),
        (1, 1, 75)
    );
    memory.close()?;
    let memory = manual()?;
    assert_eq!(
        (memory.stats().drift.alarms, memory.stats().drift.in_drift),
        (1, true)
    );
    assert_eq!(memory.len(), MEMORIES.len());
    Ok(())
}
