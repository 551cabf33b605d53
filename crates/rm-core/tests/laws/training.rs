//! Training finds what is there, the same on any number of threads.

use crate::support::{ids, vectors};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rm_core::{
    BalancedConfig, Error, Index, Init, LinfaConfig, SphericalConfig, Trainer, Vectors, train,
};

/// Draws `per` vectors around each of `k` random directions in 16 dimensions.
fn clusters(k: usize, per: usize, spread: f32, seed: u64) -> Vectors {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let centres: Vec<Vec<f32>> = (0..k)
        .map(|_| (0..16).map(|_| rng.random_range(-1.0..1.0)).collect())
        .collect();
    let mut rows = Vec::new();
    for at in 0..k * per {
        let centre = &centres[at % k];
        rows.extend(
            centre
                .iter()
                .map(|x| x + spread * rng.random_range(-1.0f32..1.0)),
        );
    }
    Vectors::from_rows(16, rows).expect("whole rows")
}

fn fidelity(vectors: &Vectors, k: usize, trainer: &Trainer) -> f64 {
    let trained = train(vectors, k, trainer, 42).expect("a codebook");
    let index = Index::build(trained.codebook, &ids(vectors.len()), vectors).expect("an index");
    index.stats().fidelity
}

#[test]
fn the_same_on_one_thread_and_on_many() {
    let vectors = clusters(30, 100, 0.6, 1);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        pool.install(|| train(&vectors, 64, &Trainer::default(), 42))
            .expect("trained")
            .codebook
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
    let other = train(&vectors, 64, &Trainer::default(), 43)
        .expect("trained")
        .codebook;
    assert_ne!(one, other, "the seed decides");
}

#[test]
fn separate_clusters_are_found() {
    let vectors = clusters(12, 50, 0.05, 2);
    let trained = train(&vectors, 12, &Trainer::default(), 42).expect("trained");
    let index = Index::build(trained.codebook, &ids(vectors.len()), &vectors).expect("an index");
    assert_eq!(index.stats().sizes, [50; 12]);
}

/// Draws clusters of 20, 40, 60 and so on to 240 vectors.
fn uneven_clusters() -> Vectors {
    let even = clusters(12, 240, 1.5, 8);
    let kept: Vec<usize> = (0..even.len())
        .filter(|at| at / 12 < 20 * (at % 12 + 1))
        .collect();
    even.gather(&kept)
}

#[test]
fn balanced_lists_are_about_equally_long() {
    let vectors = uneven_clusters();
    let measure = |trainer: &Trainer| {
        let codebook = train(&vectors, 12, trainer, 42).expect("trained").codebook;
        let index = Index::build(codebook, &ids(vectors.len()), &vectors).expect("an index");
        assert_eq!(index.misplaced(), Ok(vec![]));
        index.stats()
    };
    let plain = measure(&Trainer::default());
    let balanced = measure(&Trainer::Balanced(BalancedConfig::default()));
    let largest = balanced.sizes.iter().max().copied().unwrap_or(0);
    // 130 each would be perfect.
    assert!(
        plain.gini > 0.2 && balanced.gini < 0.1 && largest < 195,
        "Gini {} and {}, sizes {:?}",
        plain.gini,
        balanced.gini,
        balanced.sizes
    );
}

#[test]
fn balance_does_not_depend_on_the_number_of_threads() {
    let vectors = uneven_clusters();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        let balanced = Trainer::Balanced(BalancedConfig::default());
        pool.install(|| train(&vectors, 12, &balanced, 42))
            .expect("trained")
            .codebook
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn as_good_as_the_reference_trainer() {
    let vectors = clusters(40, 60, 0.7, 3);
    let ours = fidelity(&vectors, 32, &Trainer::default());
    let linfa = fidelity(&vectors, 32, &Trainer::Linfa(LinfaConfig::default()));
    // Seen: ours 0.7827, linfa 0.7796.
    assert!(ours >= linfa - 0.005, "ours {ours}, linfa {linfa}");
}

#[test]
fn careful_first_centroids_are_no_worse_than_random_ones() {
    let vectors = clusters(60, 40, 0.1, 4);
    let random = SphericalConfig {
        init: Init::Random,
        ..SphericalConfig::default()
    };
    let careful = fidelity(&vectors, 60, &Trainer::default());
    let random = fidelity(&vectors, 60, &Trainer::Spherical(random));
    assert!(careful > random, "k-means++ {careful}, random {random}");
}

#[test]
fn a_sample_bounds_what_is_looked_at() {
    let config = SphericalConfig {
        sample_per_centroid: 10,
        ..SphericalConfig::default()
    };
    let vectors = clusters(8, 100, 0.1, 5);
    let trained = train(&vectors, 8, &Trainer::Spherical(config), 42).expect("trained");
    assert_eq!(trained.sample, 80);
    assert_eq!(
        train(&vectors, 8, &Trainer::default(), 42)
            .expect("trained")
            .sample,
        800
    );
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let vectors = clusters(2, 2, 0.1, 6);
    let none = Vectors::empty(16).expect("an empty block");
    assert!(matches!(
        train(&none, 2, &Trainer::default(), 1),
        Err(Error::NoVectors { .. })
    ));
    let zero = train(&vectors, 0, &Trainer::default(), 1);
    assert!(matches!(
        zero,
        Err(Error::InvalidParameter { name: "k", .. })
    ));
    let config = SphericalConfig {
        full_iterations: 0,
        ..SphericalConfig::default()
    };
    assert!(train(&vectors, 2, &Trainer::Spherical(config), 1).is_err());
    let config = BalancedConfig {
        rounds: 0,
        ..BalancedConfig::default()
    };
    assert!(train(&vectors, 2, &Trainer::Balanced(config), 1).is_err());
    let config = LinfaConfig {
        runs: 0,
        ..LinfaConfig::default()
    };
    assert!(train(&vectors, 2, &Trainer::Linfa(config), 1).is_err());
}

fn trainer() -> impl Strategy<Value = Trainer> {
    let random = SphericalConfig {
        init: Init::Random,
        ..SphericalConfig::default()
    };
    prop_oneof![
        Just(Trainer::default()),
        Just(Trainer::Spherical(random)),
        Just(Trainer::Balanced(BalancedConfig::default())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_vectors_give_unit_centroids(
        x in vectors(1..120), k in 1usize..140, seed in any::<u64>(), trainer in trainer(),
    ) {
        let codebook = train(&x, k, &trainer, seed)?.codebook;
        prop_assert_eq!(codebook.k(), k.min(x.len()));
        for centroid in codebook.as_slice().chunks(codebook.dim()) {
            let norm: f32 = centroid.iter().map(|x| x * x).sum();
            prop_assert!((norm - 1.0).abs() < 1e-4, "squared norm {}", norm);
        }
    }

    #[test]
    fn as_many_centroids_as_distinct_vectors_stand_for_each_exactly(seed in any::<u64>()) {
        let axes: Vec<f32> = (0..36).map(|i| f32::from(u8::from(i % 7 == 0))).collect();
        let x = Vectors::from_rows(6, axes)?;
        let codebook = train(&x, 6, &Trainer::default(), seed)?.codebook;
        for encoding in codebook.encode_batch(&x)? {
            prop_assert!(encoding.qerr() < 1e-6);
        }
    }
}
