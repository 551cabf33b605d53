//! What a memory of 100,000 items on a file costs, on one thread, with vectors given: adding, opening, searching.
//!
//!     cargo bench -p rm-memory --bench file -- [base.npy]
//!
//! The file holds float32 vectors of 384 components, such as those that `rm-experiments embed --npy` writes; without one,
//! vectors are drawn about a thousand centres.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rm_embed::{Embeddings, Result};
use rm_memory::{
    AdaptationPolicy, CodeBits, Durability, Embedder, Layout, MemoryBuilder, NewItem, Query,
    RoutingMemory,
};

const DIM: usize = 384;
const ITEMS: usize = 100_000;
const BATCH: usize = 10_000;
/// Batches that are added to the first items; the time of one is the median.
const BATCHES: usize = 5;
/// Items that are added in batches.
const ADDED: usize = ITEMS + BATCHES * BATCH;
const SINGLE: usize = 2_000;
const QUERIES: usize = 1_000;
const NAMESPACES: usize = 10_000;
const PER_NAMESPACE: usize = 10;

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Is never asked: all vectors are given.
struct Given;

impl Embedder for Given {
    fn dim(&self) -> usize {
        DIM
    }

    fn fingerprint(&self) -> &str {
        "given"
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        unreachable!("{text:?} came without a vector")
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        unreachable!("{} texts came without vectors", texts.len())
    }
}

fn main() -> Outcome<()> {
    rayon_of_one();
    let base = std::env::args().skip(1).find(|arg| arg.ends_with(".npy"));
    let rows = match base {
        Some(path) => read_npy(Path::new(&path))?,
        None => drawn(ADDED + SINGLE),
    };
    let vector = |n: usize| rows[n * DIM..][..DIM].to_vec();
    let available = rows.len() / DIM;
    let item = |n: usize| {
        let n = n % available;
        NewItem::new(format!("What an agent remembers about matter {n}")).vector(vector(n))
    };
    let folder = tempfile::tempdir()?;
    let on_file = || builder().path(folder.path().join("memory.db"));
    let memory = on_file().open()?;
    let began = Instant::now();
    for first in (0..ITEMS).step_by(BATCH) {
        memory.add_batch((first..first + BATCH).map(item))?;
    }
    report(
        "add 100,000 in batches of 10,000, trainings included",
        began.elapsed(),
    );
    // The memory does not outgrow its codebook by these.
    let more = (0..BATCHES).map(|n| ITEMS + n * BATCH);
    let took = more.map(|first| {
        let items: Vec<NewItem> = (first..first + BATCH).map(item).collect();
        timed(|| memory.add_batch(items))
    });
    let per_batch = median(&mut took.collect::<Outcome<Vec<Duration>>>()?);
    println!(
        "{:<55} {:>10.0} items/s",
        "add 10,000 at once to 100,000 and more",
        BATCH as f64 / per_batch
    );
    let single = (0..SINGLE).map(|n| timed(|| memory.add(item(ADDED + n))));
    report_all(
        "add one to 150,000",
        single.collect::<Outcome<Vec<Duration>>>()?,
    );
    memory.close()?;
    let opened = (0..11).map(|_| timed(|| on_file().open()));
    report_all("open 152,000", opened.collect::<Outcome<Vec<Duration>>>()?);

    let layouts = [
        Layout::Auto,
        Layout::Codes,
        Layout::FineCodes(CodeBits::new(3)?),
        Layout::CodesAndVectors,
    ];
    for layout in layouts {
        let in_memory = builder().in_memory().layout(layout).open()?;
        in_memory.add_batch((0..ADDED + SINGLE).map(item))?;
        let on_file = on_file().layout(layout).open()?;
        let mut medians = Vec::new();
        for (place, memory) in [("in RAM", &in_memory), ("on a file", &on_file)] {
            let searches = (0..QUERIES).map(|n| {
                let query = Query::vector(vector((n * 97) % available));
                timed(|| memory.search(query))
            });
            let times = searches.collect::<Outcome<Vec<Duration>>>()?;
            let what = format!("search among 152,000, {layout:?}, {place}");
            medians.push(report_all(&what, times));
        }
        println!(
            "{:<55} {:>10.2}",
            "search on a file over search in RAM",
            medians[1] / medians[0]
        );
    }
    namespaces(&item)
}

/// Measures a file of many small namespaces.
fn namespaces(item: &impl Fn(usize) -> NewItem) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let on_file = || builder().path(folder.path().join("memory.db"));
    let memory = on_file().open()?;
    let name = |n: usize| format!("tenant-{n}");
    for n in 0..NAMESPACES {
        let items = (0..PER_NAMESPACE).map(|at| item(n * PER_NAMESPACE + at));
        memory.namespace(&name(n))?.add_batch(items)?;
    }
    memory.close()?;
    let opened = (0..11).map(|_| timed(|| on_file().open()));
    let opened = opened.collect::<Outcome<Vec<Duration>>>()?;
    report_all("open 10,000 namespaces of 10 items", opened);
    let memory = on_file().open()?;
    let first = (0..200).map(|n| timed(|| memory.namespace(&name(n * 49))));
    report_all(
        "load one of them",
        first.collect::<Outcome<Vec<Duration>>>()?,
    );
    Ok(())
}

fn builder() -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(Given))
        .durability(Durability::Normal)
        .adaptation(AdaptationPolicy::manual())
}

fn rayon_of_one() {
    // Before anything has started the pool, so it cannot have threads yet.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global();
}

fn timed<T>(run: impl FnOnce() -> rm_memory::Result<T>) -> Outcome<Duration> {
    let began = Instant::now();
    let done = run()?;
    let took = began.elapsed();
    drop(done);
    Ok(took)
}

fn report(what: &str, took: Duration) {
    println!("{what:<55} {:>10.3} ms", took.as_secs_f64() * 1e3);
}

/// Prints median and 99th percentile, and returns the median in seconds.
fn report_all(what: &str, mut times: Vec<Duration>) -> f64 {
    let median = median(&mut times);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64();
    println!(
        "{what:<55} {:>10.3} ms, p99 {:.3} ms",
        median * 1e3,
        at(0.99) * 1e3
    );
    median
}

/// Sorts times, and returns the one in the middle in seconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[(times.len() - 1) / 2].as_secs_f64()
}

/// Reads the rows of a NumPy file of version 1 that holds float32 in C order.
fn read_npy(path: &Path) -> Outcome<Vec<f32>> {
    let bytes = std::fs::read(path)?;
    let header = u16::from_le_bytes([bytes[8], bytes[9]]) as usize;
    let (values, _) = bytes[10 + header..].as_chunks::<4>();
    Ok(values
        .iter()
        .map(|value| f32::from_le_bytes(*value))
        .collect())
}

/// Draws vectors about a thousand centres (SplitMix64).
fn drawn(count: usize) -> Vec<f32> {
    let mut state = 42u64;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let centres: Vec<f32> = (0..1_000 * DIM).map(|_| next()).collect();
    let centre = |n: usize| &centres[(n * 7_919 % 1_000) * DIM..][..DIM];
    (0..count)
        .flat_map(|n| {
            centre(n)
                .iter()
                .map(|x| x + 0.8 * next())
                .collect::<Vec<_>>()
        })
        .collect()
}
