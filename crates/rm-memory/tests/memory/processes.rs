//! Many processes, one file: none lost, none twice, each sees what the others have added at its next search.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rm_memory::{AdaptationPolicy, KRule, Layout, NewItem, Query, RoutingMemory, Store};

use crate::Outcome;
use crate::hashed_words::HashedWords;

const PROCESSES: usize = 8;
const ITEMS: usize = 40;

/// Set in the processes that work side by side; holds the folder, the process's number and the layout.
const WORKER: &str = "RM_MEMORY_WORKER";

fn open(folder: &Path, layout: Layout) -> rm_memory::Result<RoutingMemory> {
    let policy = AdaptationPolicy {
        interval: Some(9),
        ema_rate: 0.2,
        ..AdaptationPolicy::default()
    };
    RoutingMemory::builder()
        .path(folder.join("memory.db"))
        .embedder(Arc::new(HashedWords::new(32)))
        .k_rule(KRule::ItemsPerCentroid(5))
        .adaptation(policy)
        .layout(layout)
        .open()
}

fn text(id: &str) -> String {
    format!("topic-{} {id}", id.len() % 3)
}

#[test]
fn eight_processes_with_vectors_in_memory() -> Outcome {
    work_side_by_side(
        Layout::Vectors,
        "processes::eight_processes_with_vectors_in_memory",
    )
}

#[test]
fn eight_processes_with_codes_in_memory() -> Outcome {
    work_side_by_side(
        Layout::Codes,
        "processes::eight_processes_with_codes_in_memory",
    )
}

fn work_side_by_side(layout: Layout, this_test: &str) -> Outcome {
    if let Ok(worker) = std::env::var(WORKER) {
        let (number, folder) = worker.split_once(' ').ok_or("no folder")?;
        return work(Path::new(folder), number.parse()?, layout);
    }
    let folder = tempfile::tempdir()?;
    let workers: std::io::Result<Vec<Child>> = (0..PROCESSES)
        .map(|number| {
            Command::new(std::env::current_exe()?)
                .args(["--exact", this_test, "--nocapture"])
                .env(WORKER, format!("{number} {}", folder.path().display()))
                .stdout(Stdio::piped())
                .spawn()
        })
        .collect();
    let mut trainings = 0;
    for worker in workers? {
        let output = worker.wait_with_output()?;
        let output_text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output_text}");
        let (_, count) = output_text.split_once("trainings ").ok_or("no count")?;
        let count = count.split_whitespace().next().ok_or("no count")?;
        trainings += count.parse::<u64>()?;
    }
    let memory = open(folder.path(), layout)?;
    rm_memory::SqliteStore::open(folder.path().join("memory.db"))?.check()?;
    assert_eq!(memory.len(), PROCESSES * ITEMS);
    let index = memory.index().ok_or("no index")?;
    assert_eq!((index.misplaced()?, index.miscoded()?), (vec![], vec![]));
    for id in (0..PROCESSES).flat_map(|worker| (0..ITEMS).map(move |n| name(worker, n))) {
        find(&memory, &id)?;
    }
    // K grows by half from one training to the next, and at worst all train at the same time.
    let steps = (memory.stats().k as f64).log(1.5).ceil() as u64 + 1;
    assert!(
        trainings <= steps * PROCESSES as u64,
        "{trainings} trainings of {steps}"
    );
    assert_eq!(memory.stats().counters.trainings, 0, "opening has trained");
    Ok(())
}

fn name(worker: usize, n: usize) -> String {
    format!("{worker}-{n}")
}

/// Adds items, says which are there, and looks for those of which another process says so.
fn work(folder: &Path, worker: usize, layout: Layout) -> Outcome {
    let memory = open(folder, layout)?;
    let mut said = File::create(folder.join(format!("said-{worker}")))?;
    for n in 0..ITEMS {
        let id = name(worker, n);
        memory.add(NewItem::new(text(&id)).id(&id))?;
        said.write_all(format!("{id};").as_bytes())?;
        find(&memory, &id)?;
        let other = (worker + 1 + n % (PROCESSES - 1)) % PROCESSES;
        let others = fs::read_to_string(folder.join(format!("said-{other}"))).unwrap_or_default();
        // What comes after the last semicolon is being written.
        if let Some(id) = others.rsplit(';').nth(1) {
            find(&memory, id)?;
        }
        memory.search(text(&id))?;
    }
    println!("trainings {} ", memory.stats().counters.trainings);
    memory.close()?;
    Ok(())
}

/// Finds an item by one probe for its own text, alone.
fn find(memory: &RoutingMemory, id: &str) -> Outcome {
    let probe = Query::text(text(id))
        .top_k(1_000)
        .threshold(-1.0)
        .n_probes(1)
        .min_candidates(0)
        .hybrid(false);
    let found = memory.search(probe)?;
    let same = found.iter().filter(|item| item.id == id).count();
    assert_eq!(same, 1, "{id} is not among {} found", found.len());
    Ok(())
}
