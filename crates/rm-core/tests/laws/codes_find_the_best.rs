//! A search by codes returns what comparing with every item returns, but for misses as rare as is said.

use crate::support::{codebook, codes, ids, vector, vectors};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rm_core::{CodeBits, Coding, ExactSearch, Index, KRule, Retriever, Trainer, Vectors, train};

const DIM: usize = 96;
const N_ITEMS: usize = 4_000;
const N_QUERIES: usize = 300;
const TOP_K: usize = 5;

/// Draws vectors round 50 centres, which is how text lies.
fn clustered(len: usize, seed: u64) -> rm_core::Result<Vectors> {
    let mut centres = ChaCha8Rng::seed_from_u64(1);
    let centres: Vec<f32> = (0..50 * DIM)
        .map(|_| centres.random_range(-1.0..1.0))
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = Vec::with_capacity(len * DIM);
    for _ in 0..len {
        let at = rng.random_range(0..50) * DIM;
        rows.extend(
            centres[at..at + DIM]
                .iter()
                .map(|c| c + rng.random_range(-1.5f32..1.5)),
        );
    }
    Vectors::from_rows(DIM, rows)
}

/// Returns the share of the nearest items that a search of all lists misses, and the share of items it reranks.
fn missed_and_reranked(errors: f32, coding: Coding) -> rm_core::Result<(f64, f64)> {
    let (items, queries) = (clustered(N_ITEMS, 2)?, clustered(N_QUERIES, 3)?);
    let k = KRule::default().k(N_ITEMS);
    let codebook = train(&items, k, &Trainer::default(), 42)?.codebook;
    let index = Index::build(codebook, &ids(N_ITEMS), &items)?;
    let index = index.with_coding(coding);
    let retriever = Retriever::default()
        .n_probes(k)
        .top_k(TOP_K)
        .score_threshold(-1.0)
        .rerank_errors(errors);
    let found = retriever.query_batch(&index, &queries)?;
    let exact = ExactSearch::new(&items).top_k_batch(&queries, TOP_K)?;
    let mut hits = 0;
    for (found, exact) in found.iter().zip(&exact) {
        let is_exact = |item: u64| exact.iter().any(|hit| hit.row as u64 + 1 == item);
        hits += found.hits.iter().filter(|hit| is_exact(hit.item.0)).count();
    }
    let reranked: usize = found.iter().map(|found| found.reranked).sum();
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let missed = 1.0 - share(hits, N_QUERIES * TOP_K);
    Ok((missed, share(reranked, N_QUERIES * N_ITEMS)))
}

#[test]
fn misses_are_rarer_than_normal_errors_would_make_them() -> rm_core::Result<()> {
    // Upper tails of the normal distribution; the k-th nearest item is missed at most that often.
    let tails = [(1.0, 0.1587), (2.0, 0.0228), (2.5, 0.0062), (3.0, 0.0014)];
    for (bits, spill) in [(1, false), (1, true), (2, true), (3, false), (4, false)] {
        let bits = CodeBits::new(bits)?;
        let coding = Coding::RaBitQ {
            bits,
            seed: 42,
            spill,
        };
        let mut reranked_before = 0.0;
        for (errors, tail) in tails {
            let (missed, reranked) = missed_and_reranked(errors, coding)?;
            // An estimate is made from the first bit, and another from all bits.
            let tail = if bits == CodeBits::ONE {
                tail
            } else {
                2.0 * tail
            };
            assert!(
                missed <= tail,
                "{bits} bits, {errors} standard errors: {missed} missed"
            );
            assert!(reranked > reranked_before, "more errors, more computed");
            reranked_before = reranked;
        }
        assert!(reranked_before < 0.5, "{reranked_before} of all computed");
    }
    Ok(())
}

#[test]
fn each_bit_leaves_fewer_to_rerank() -> rm_core::Result<()> {
    let mut before = f64::INFINITY;
    for bits in [1, 2, 3, 4, 5, 8] {
        let coding = Coding::rabitq(CodeBits::new(bits)?, 42);
        let (missed, reranked) = missed_and_reranked(2.5, coding)?;
        assert!(missed <= 0.0062, "{bits} bits: {missed} missed");
        assert!(reranked < before, "{bits} bits: {reranked} after {before}");
        before = reranked;
    }
    // No score is exact without its vector, so the nearest five are computed at least.
    let least = TOP_K as f64 / N_ITEMS as f64;
    assert!(
        (least..1.5 * least).contains(&before),
        "{before} for {least}"
    );
    Ok(())
}

proptest! {
    #[test]
    fn nothing_is_missed_where_any_error_is_allowed_for(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(),
        top_k in 0usize..130, threshold in -1.0f32..1.0, n in 1usize..21, bits in 1u8..=8, seed in any::<u64>(),
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let retriever = Retriever::default().n_probes(n).top_k(top_k).score_threshold(threshold)
            .rerank_errors(f32::INFINITY);
        let exact = retriever.query(&index, &query)?;
        let coding = Coding::rabitq(CodeBits::new(bits)?, seed);
        let coded = retriever.query(&index.with_coding(coding), &query)?;
        prop_assert_eq!(&coded.hits, &exact.hits);
        prop_assert_eq!(&coded.probed, &exact.probed);
        prop_assert_eq!(coded.candidates, exact.candidates);
    }

    #[test]
    fn a_second_list_only_adds_to_what_is_found(
        codebook in codebook(1..20), items in vectors(0..120), query in vector(),
        top_k in 0usize..130, n in 1usize..21, bits in 1u8..=8, seed in any::<u64>(),
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let retriever = Retriever::default().n_probes(n).top_k(top_k).score_threshold(-1.0)
            .rerank_errors(f32::INFINITY);
        let exact = retriever.query(&index, &query)?;
        let k = index.k();
        let coded = index.with_coding(Coding::RaBitQ { bits: CodeBits::new(bits)?, seed, spill: true });
        prop_assert_eq!(coded.miscoded()?, vec![]);
        let found = retriever.query(&coded, &query)?;
        prop_assert_eq!(&found.probed, &exact.probed);
        prop_assert!(found.hits.len() >= exact.hits.len());
        for (found, exact) in found.hits.iter().zip(&exact.hits) {
            prop_assert!(found.score >= exact.score);
        }
        let of_all = retriever.n_probes(k).query(&coded, &query)?;
        let best = ExactSearch::new(&items).top_k(&query, top_k)?;
        let best: Vec<(u64, f32)> = best.iter().map(|hit| (hit.row as u64 + 1, hit.score)).collect();
        let hits: Vec<(u64, f32)> = of_all.hits.iter().map(|hit| (hit.item.0, hit.score)).collect();
        prop_assert_eq!(hits, best);
    }

    #[test]
    fn what_is_found_by_codes_has_its_exact_score(
        codebook in codebook(1..20), items in vectors(1..120), query in vector(), coding in codes(),
    ) {
        let index = Index::build(codebook, &ids(items.len()), &items)?;
        let index = index.with_coding(coding);
        let found = Retriever::default().n_probes(2).query(&index, &query)?;
        let unit = rm_core::check_unit(query.len(), &query)?;
        for hit in &found.hits {
            prop_assert_eq!(hit.score, rm_core::dot(&unit, &index.vector(hit.item)?));
        }
        prop_assert!(found.reranked <= found.candidates);
    }
}
