//! How long a memory takes to add, to search and to open, without the model: vectors come from a hash.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rm_embed::{Embeddings, Error, Result};
use rm_memory::{AdaptationPolicy, Embedder, MemoryBuilder, Query, RoutingMemory};

const DIM: usize = 384;
const ITEMS: usize = 10_000;
const TOPICS: usize = 100;

/// Gives a text `"topic word"` the direction of its topic with a share of its word.
struct Topics;

impl Embedder for Topics {
    fn dim(&self) -> usize {
        DIM
    }

    fn fingerprint(&self) -> &str {
        "topics"
    }

    fn embed(&self, text: &str) -> Result<Vec<f32>> {
        let (topic, word) = text.split_once(' ').ok_or_else(|| Error::EmptyText {
            index: 0,
            text: text.to_owned(),
        })?;
        let mixed: Vec<f32> = direction(topic)
            .zip(direction(word))
            .map(|(t, w)| t + 0.8 * w)
            .collect();
        let norm = mixed.iter().map(|x| x * x).sum::<f32>().sqrt();
        Ok(mixed.into_iter().map(|x| x / norm).collect())
    }

    fn embed_batch(&self, texts: &[&str]) -> Result<Embeddings> {
        let rows = texts
            .iter()
            .map(|text| self.embed(text))
            .collect::<Result<Vec<_>>>()?;
        Embeddings::from_rows(DIM, rows.concat()).map_err(|_| Error::Model("ragged rows".into()))
    }
}

/// Draws a direction that follows from a word (FNV-1a, SplitMix64).
fn direction(word: &str) -> impl Iterator<Item = f32> {
    let mut state = word.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (0..DIM).map(move |_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
}

fn texts(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("topic-{} word-{n}", n % TOPICS))
        .collect()
}

/// Starts a memory that answers without adapting, so that every sample measures the same codebook.
fn builder() -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(Topics))
        .adaptation(AdaptationPolicy::manual())
}

fn filled(builder: MemoryBuilder, items: usize) -> rm_memory::Result<RoutingMemory> {
    let memory = builder.open()?;
    memory.add_batch(texts(items))?;
    Ok(memory)
}

fn on_file(folder: &Path) -> MemoryBuilder {
    builder().path(folder.join("memory.db"))
}

fn adding(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let memories = [
        (
            "add one to 1,000, in RAM",
            filled(builder(), 1_000).expect("a memory"),
        ),
        (
            "add one to 1,000, on a file",
            filled(on_file(folder.path()), 1_000).expect("a memory"),
        ),
    ];
    for (name, memory) in &memories {
        let mut n = 0;
        // Replacing one of a thousand ids keeps the memory at its size.
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                n += 1;
                let item = rm_memory::NewItem::new(format!("topic-{} again-{n}", n % TOPICS));
                memory.add(item.id((n % 1_000).to_string())).expect("an id")
            });
        });
    }
    let batch = texts(1_000);
    criterion.bench_function("add 1,000 at once to none, on a file", |bencher| {
        bencher.iter_batched(
            || {
                let folder = tempfile::tempdir().expect("a folder");
                let memory = on_file(folder.path()).open().expect("a memory");
                (folder, memory)
            },
            |(folder, memory)| {
                memory
                    .add_batch(batch.iter().map(String::as_str))
                    .expect("ids");
                (folder, memory)
            },
            BatchSize::PerIteration,
        );
    });
}

fn searching(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let memories = [
        ("in RAM", filled(builder(), ITEMS).expect("a memory")),
        (
            "on a file",
            filled(on_file(folder.path()), ITEMS).expect("a memory"),
        ),
    ];
    for (place, memory) in &memories {
        let mut n = 0;
        criterion.bench_function(&format!("search among 10,000, {place}"), |bencher| {
            bencher.iter(|| {
                n += 1;
                let x = Topics
                    .embed(&format!("topic-{} question-{n}", n % TOPICS))
                    .expect("a vector");
                memory.search(Query::vector(x)).expect("an answer")
            });
        });
    }
}

fn opening(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    drop(filled(on_file(folder.path()), ITEMS).expect("a memory"));
    criterion.bench_function("open 10,000", |bencher| {
        bencher.iter(|| black_box(on_file(folder.path()).open().expect("a memory").len()));
    });
}

criterion_group! {
    name = memory;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = adding, searching, opening
}
criterion_main!(memory);
