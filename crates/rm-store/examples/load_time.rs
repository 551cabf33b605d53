//! Measures what a memory of N items costs to write, to open and to load:
//!
//!     cargo run -p rm-store --example load_time -- 100000

use std::ops::ControlFlow;
use std::time::Instant;

use rm_store::{
    CentroidId, CentroidUsage, Changes, Item, ItemId, RoutingState, SqliteStore, Store,
};

const DIM: usize = 384;
const BATCH: usize = 1_000;
const SINGLE_WRITES: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args()
        .nth(1)
        .as_deref()
        .unwrap_or("100000")
        .parse()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let k = count.isqrt().max(1);

    let start = Instant::now();
    write(&mut SqliteStore::open(&path)?, count, k)?;
    report("write, 1,000 items a change, and close", start);
    println!(
        "{:>12.1} MB on disk",
        std::fs::metadata(&path)?.len() as f64 / 1e6
    );

    for _ in 0..3 {
        let start = Instant::now();
        let store = SqliteStore::open(&path)?;
        report("open", start);
        let start = Instant::now();
        let mut sum = 0.0;
        store.for_each_vector(&mut |_, _, vector| {
            sum += vector[0];
            ControlFlow::Continue(())
        })?;
        report("visit vectors and assignments, verified", start);
        assert!(f32::is_finite(sum));
        let start = Instant::now();
        let mut vectors = Vec::with_capacity(count * DIM);
        let mut lists = Vec::with_capacity(count);
        store.for_each_vector(&mut |key, centroid, vector| {
            vectors.extend_from_slice(vector);
            lists.push((key, centroid));
            ControlFlow::Continue(())
        })?;
        report("load vectors and assignments into RAM, verified", start);
        let start = Instant::now();
        let found = store.routing()?.map_or(0, |state| state.k());
        report(&format!("load {found} centroids, verified"), start);
        assert_eq!((lists.len(), found), (count, k));
    }

    let store = SqliteStore::open(&path)?;
    let start = Instant::now();
    let keys: Vec<ItemId> = (0..1_000)
        .map(|number| ItemId((number * 7_919 % count + 1) as u64))
        .collect();
    let found = store.get_many(&keys)?.into_iter().flatten().count();
    report(&format!("get {found} items by key"), start);
    let start = Instant::now();
    for number in 0..SINGLE_WRITES {
        store.apply(Changes::new().put(item(count + number), Some(CentroidId(0))))?;
    }
    report(
        &format!("add {SINGLE_WRITES} items, each synced to disk"),
        start,
    );
    let start = Instant::now();
    store.check()?;
    report("check everything", start);
    Ok(())
}

fn report(what: &str, start: Instant) {
    println!("{:>12.1} ms {what}", start.elapsed().as_secs_f64() * 1e3);
}

fn write(store: &mut SqliteStore, count: usize, k: usize) -> rm_store::Result<()> {
    let centroids = (0..k).flat_map(vector).collect();
    let usage = vec![CentroidUsage::default(); k];
    let state = RoutingState {
        dim: DIM,
        centroids,
        usage,
        trained_on: 0,
        seed: 42,
        k_rule: "sqrt(N)".into(),
    };
    store.apply(Changes::new().replace_routing(state, Vec::new()))?;
    for first in (0..count).step_by(BATCH) {
        let mut changes = Changes::new();
        for number in first..(first + BATCH).min(count) {
            changes.put(item(number), Some(CentroidId((number % k) as u32)));
        }
        store.apply(&changes)?;
    }
    Ok(())
}

fn item(number: usize) -> Item {
    Item {
        id: format!(
            "item-{:016x}",
            (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ),
        text: format!(
            "What an agent remembers about the matter number {number}, in a sentence of some length."
        ),
        vector: vector(number).collect(),
        ..Item::default()
    }
}

fn vector(number: usize) -> impl Iterator<Item = f32> {
    (0..DIM).map(move |axis| ((number * DIM + axis) as f32 * 0.618).sin())
}
