//! How long routing takes by the number of centroids, beside one exact dot product after the other.
//!
//! Run it with `cargo bench -p rm-core --bench routing`. Centroids and queries are drawn with a seed, on one thread; the queries
//! take turns, and between two of them another 3 MB are read, as the scan of a query's lists does, so that centroids come from
//! where they come from in a search.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rm_core::{Codebook, Vectors, dots_into};

const SEED: u64 = 42;
const DIM: usize = 384;
const KS: [usize; 7] = [128, 256, 512, 1_000, 2_000, 4_000, 8_000];
const N_PROBES: usize = 48;
const QUERIES: usize = 64;
const READ_BETWEEN: usize = 3 << 20;

fn drawn(rng: &mut ChaCha8Rng, rows: usize) -> Vectors {
    let numbers = (0..rows * DIM).map(|_| rng.random_range(-1.0f32..1.0));
    Vectors::from_rows(DIM, numbers.collect()).expect("no row of zeros is drawn")
}

fn routing(criterion: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let queries = drawn(&mut rng, QUERIES);
    let between = vec![1u64; READ_BETWEEN / size_of::<u64>()];
    let mut group = criterion.benchmark_group("routing");
    for k in KS {
        let centroids = drawn(&mut rng, k);
        let codebook = Codebook::new(&centroids).expect("there are centroids");
        let mut measure = |name, route: &dyn Fn(&[f32])| {
            let mut turns = queries.iter().cycle();
            group.bench_function(BenchmarkId::new(name, k), |bencher| {
                bencher.iter_batched(
                    || {
                        black_box(between.iter().sum::<u64>());
                        turns.next().expect("the queries are taken over and over")
                    },
                    route,
                    criterion::BatchSize::PerIteration,
                );
            });
        };
        measure("dot products alone", &|x| {
            let mut scores = Vec::with_capacity(k);
            dots_into(x, codebook.as_slice(), &mut scores);
            black_box(scores);
        });
        measure("nearest", &|x| {
            black_box(codebook.encode(x).expect("a unit vector"));
        });
        measure("48 nearest and signals", &|x| {
            black_box(codebook.route(x, N_PROBES).expect("a unit vector"));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50);
    targets = routing
}
criterion_main!(benches);
