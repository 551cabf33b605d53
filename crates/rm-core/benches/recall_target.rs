//! How long a query takes that chooses its own number of lists, beside one with a fixed number.
//!
//! Run it with `cargo bench -p rm-core --bench recall_target`. Each vector is a mixture of a few of the same topics, all
//! drawn with a seed, so it needs neither model nor data. Two pairs are timed, on one thread, each over the same queries in turn:
//!
//! - *all lists*: both compare every item, so the target's time over that of fixed probes is what its rule costs;
//! - *R@5 of 0.95*: the target, and the fewest probes that find as much on average. The names say what either finds and
//!   compares; queries that calibrated are not among those timed.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rm_core::{
    ExactSearch, Index, ItemId, KRule, RecallCalibration, Result, Retriever, Trainer, Vectors,
    train,
};

const SEED: u64 = 42;
const DIM: usize = 384;
const ITEMS: usize = 20_000;
const TOPICS: usize = 200;
/// Topics that one vector mixes: neighbours share some, and lie in more than one list.
const MIXED: usize = 6;
/// Share of noise beside a topic of full weight.
const NOISE: f32 = 0.3;
/// Queries that calibrate, and as many that are timed.
const QUERIES: usize = 250;
const TOP_K: usize = 5;
const TARGET: f64 = 0.95;

/// Holds an index with queries and their exact answers.
struct Searched {
    index: Index,
    queries: Vectors,
    exact: Vec<Vec<ItemId>>,
}

/// Is what a retriever finds and compares, means over the queries.
struct Work {
    recall: f64,
    share_compared: f64,
}

/// Draws a vector with components between -1 and 1.
fn direction(rng: &mut ChaCha8Rng) -> impl Iterator<Item = f32> + use<'_> {
    (0..DIM).map(|_| rng.random_range(-1.0..1.0))
}

/// Draws mixtures of topics with some noise.
fn mixtures(rng: &mut ChaCha8Rng, topics: &[Vec<f32>], count: usize) -> Result<Vectors> {
    let mut rows = Vec::with_capacity(count * DIM);
    for _ in 0..count {
        let mut row: Vec<f32> = direction(rng).map(|x| NOISE * x).collect();
        for _ in 0..MIXED {
            let topic = &topics[rng.random_range(0..topics.len())];
            let weight: f32 = rng.random_range(0.0..1.0);
            row.iter_mut()
                .zip(topic)
                .for_each(|(x, t)| *x += weight * t);
        }
        rows.extend(row);
    }
    Vectors::from_rows(DIM, rows)
}

/// Builds the index, calibrates on one half of the queries and returns the other half to be searched for.
fn searched() -> Result<(Searched, RecallCalibration)> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let topics: Vec<Vec<f32>> = (0..TOPICS).map(|_| direction(&mut rng).collect()).collect();
    let items = mixtures(&mut rng, &topics, ITEMS)?;
    let samples = mixtures(&mut rng, &topics, QUERIES)?;
    let queries = mixtures(&mut rng, &topics, QUERIES)?;
    let k = KRule::default().k(items.len());
    let codebook = train(&items, k, &Trainer::default(), SEED)?.codebook;
    let ids: Vec<ItemId> = (0..items.len() as u64).map(ItemId).collect();
    let index = Index::build(codebook, &ids, &items)?;
    let answers = |queries: &Vectors| -> Result<Vec<Vec<ItemId>>> {
        let exact = ExactSearch::new(&items).top_k_batch(queries, TOP_K)?;
        let ids = |hits: &Vec<rm_core::ExactHit>| hits.iter().map(|hit| ids[hit.row]).collect();
        Ok(exact.iter().map(ids).collect())
    };
    let calibration = RecallCalibration::fit(&index, &samples, &answers(&samples)?)?;
    let exact = answers(&queries)?;
    let searched = Searched {
        index,
        queries,
        exact,
    };
    Ok((searched, calibration))
}

impl Searched {
    fn work(&self, retriever: &Retriever) -> Result<Work> {
        let (mut found, mut compared) = (0, 0);
        for (answer, exact) in retriever
            .query_batch(&self.index, &self.queries)?
            .iter()
            .zip(&self.exact)
        {
            compared += answer.candidates;
            found += answer
                .hits
                .iter()
                .filter(|hit| exact.contains(&hit.item))
                .count();
        }
        let n_queries = self.queries.len() as f64;
        Ok(Work {
            recall: found as f64 / (n_queries * TOP_K as f64),
            share_compared: compared as f64 / (n_queries * ITEMS as f64),
        })
    }

    /// Returns the fewest probes that find a share of the exact answers; all lists find all.
    fn probes_for(&self, recall: f64) -> Result<usize> {
        let (mut too_few, mut enough) = (0, self.index.k());
        while enough - too_few > 1 {
            let n_probes = too_few.midpoint(enough);
            if self.work(&retriever().n_probes(n_probes))?.recall >= recall {
                enough = n_probes;
            } else {
                too_few = n_probes;
            }
        }
        Ok(enough)
    }
}

fn retriever() -> Retriever {
    Retriever::default().top_k(TOP_K).score_threshold(-1.0)
}

fn querying(criterion: &mut Criterion) {
    let (searched, calibration) = searched().expect("an index");
    let target = |share| retriever().recall_target(share, &calibration);
    let reached = searched.work(&target(TARGET)).expect("answers").recall;
    let n_probes = searched.probes_for(reached).expect("answers");
    let k = searched.index.k();
    for (name, retriever) in [
        (format!("all lists, n = {k}"), retriever().n_probes(k)),
        ("all lists, recall target 1".to_owned(), target(1.0)),
        (
            format!("R@{TOP_K} of {TARGET}, n = {n_probes}"),
            retriever().n_probes(n_probes),
        ),
        (
            format!("R@{TOP_K} of {TARGET}, recall target"),
            target(TARGET),
        ),
    ] {
        let Work {
            recall,
            share_compared,
        } = searched.work(&retriever).expect("answers");
        let name = format!(
            "{name} (finds {recall:.3}, compares {:.1}%)",
            100.0 * share_compared
        );
        let mut queries = searched.queries.iter().cycle();
        criterion.bench_function(&name, |bencher| {
            bencher.iter(|| {
                let x = queries.next().expect("a query");
                black_box(retriever.query(&searched.index, x).expect("an answer"))
            });
        });
    }
}

criterion_group! {
    name = recall_target;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = querying
}
criterion_main!(recall_target);
