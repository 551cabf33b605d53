//! How many one-bit codes a core scans a second, beside how fast it reads as much memory.
//!
//! One list is searched for nothing: with a score threshold that no item reaches, every block of codes is passed over,
//! so that the scan alone is timed, and what a query costs before it. `read` adds up the bytes of as many codes, which is
//! the most that memory allows. Run with
//!
//! ```text
//! cargo bench -p rm-core --bench code_scan
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rm_core::{CentroidId, Codebook, Coding, Index, ItemId, Retriever, Vectors};

const DIM: usize = 384;

/// Bytes of one code.
const CODE_BYTES: usize = DIM / 8;

/// Codes that fit a second-level cache, a third-level cache, and neither.
const SIZES: [usize; 4] = [8_192, 131_072, 1_048_576, 0];

fn index(n_items: usize) -> rm_core::Result<Index> {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let mut rows = |n: usize| {
        (0..n * DIM)
            .map(|_| rng.random_range(-1.0f32..1.0))
            .collect()
    };
    let codebook = Codebook::from_rows(DIM, rows(1))?;
    let items = Vectors::from_rows(DIM, rows(n_items))?;
    let ids: Vec<ItemId> = (0..n_items as u64).map(ItemId).collect();
    let one_list = vec![CentroidId(0); n_items];
    let index = Index::from_assignments(codebook, &ids, &one_list, &items)?;
    Ok(index.with_coding(Coding::one_bit(42)))
}

fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one-bit codes of 384 components");
    group
        .measurement_time(Duration::from_secs(3))
        .sample_size(20);
    let nothing = Retriever::default().n_probes(1).score_threshold(0.999);
    let query: Vec<f32> = (0..DIM)
        .map(|at| ((at * 7919) % 101) as f32 - 50.0)
        .collect();
    for n_items in SIZES {
        let Ok(index) = index(n_items) else { continue };
        group.throughput(Throughput::Elements(n_items.max(1) as u64));
        group.bench_with_input(BenchmarkId::new("scan", n_items), &index, |b, index| {
            b.iter(|| nothing.query(index, black_box(&query)));
        });
        drop(index);
        let bytes = vec![1u64; n_items * CODE_BYTES / 8];
        group.bench_with_input(BenchmarkId::new("read", n_items), &bytes, |b, bytes| {
            b.iter(|| black_box(bytes).iter().fold(0u64, |sum, x| sum ^ x));
        });
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
