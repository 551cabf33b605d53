//! In the original a search moves centroids without moving items, so items drift out of reach.

use std::sync::Arc;

use rm_core::{ExactSearch, Vectors};
use rm_memory::{AdaptationPolicy, Embedder, KRule, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, by_hand, fill, minilm, with_minilm};

/// Searches every list there is.
fn everywhere(query: Query) -> Query {
    query
        .n_probes(usize::MAX)
        .min_candidates(0)
        .hybrid(false)
        .threshold(-1.0)
}

#[test]
fn real_items_stay_in_reach_while_searches_move_centroids() -> Outcome {
    let policy = AdaptationPolicy {
        interval: Some(5),
        ema_rate: 0.2,
        ..AdaptationPolicy::default()
    };
    let memory = with_minilm()
        .adaptation(policy)
        .k_rule(KRule::ItemsPerCentroid(3))
        .open()?;
    fill(&memory)?;
    let trained = memory.index().ok_or("no index")?.codebook().clone();
    let mut moved = 0;
    for (question, _) in QUESTIONS.iter().cycle().take(60) {
        let answer = memory.search_with_signals(*question)?;
        moved += answer.adaptation.map_or(0, |report| report.items_moved);
    }
    let index = memory.index().ok_or("no index")?;
    assert_ne!(index.codebook(), &trained, "nothing has moved");
    assert!(moved > 0, "no item had to follow, so this shows nothing");
    assert_eq!(index.misplaced()?, []);
    for (question, _) in QUESTIONS {
        let found = memory.search(everywhere(Query::text(question).top_k(10)))?;
        let best = by_hand(minilm().as_ref(), &MEMORIES, question, -1.0)?;
        let ids: Vec<usize> = found
            .iter()
            .filter_map(|item| item.id.parse().ok())
            .collect();
        let expected: Vec<usize> = best.iter().take(10).map(|(at, _)| *at).collect();
        assert_eq!(ids, expected, "{question:?}");
    }
    Ok(())
}

#[test]
fn a_search_over_all_lists_is_brute_force_after_hundreds_of_adaptations() -> Outcome {
    let embedder = Arc::new(HashedWords::new(24));
    let policy = AdaptationPolicy {
        interval: Some(5),
        ema_rate: 0.3,
        ..AdaptationPolicy::default()
    };
    let memory = RoutingMemory::builder()
        .embedder(embedder.clone())
        .adaptation(policy)
        .k_rule(KRule::ItemsPerCentroid(20))
        .open()?;
    let texts: Vec<String> = (0..800)
        .map(|n| format!("topic-{} place-{} word-{n}", n % 17, n % 31))
        .collect();
    let ids = memory.add_batch(texts.iter().map(String::as_str))?;
    for n in 0..1_000 {
        // What is asked about changes over time, so that centroids wander.
        memory.search(format!("topic-{} place-{}", n / 60, n % 7).as_str())?;
    }
    assert!(memory.stats().adaptations >= 200);
    let index = memory.index().ok_or("no index")?;
    assert_eq!(index.misplaced()?, []);

    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = Vectors::from_rows(24, embedder.embed_batch(&texts)?.into_vec())?;
    for n in 0..50 {
        let x = embedder.embed(&format!("topic-{} place-{} word-{}", n % 17, n % 5, n))?;
        let found = memory.search(everywhere(Query::vector(x.clone()).top_k(20)))?;
        let found: Vec<(&str, u32)> = found
            .iter()
            .map(|item| (item.id.as_str(), item.score.to_bits()))
            .collect();
        let exact = ExactSearch::new(&vectors).top_k(&x, 20)?;
        let exact: Vec<(&str, u32)> = exact
            .iter()
            .map(|hit| (ids[hit.row].as_str(), hit.score.to_bits()))
            .collect();
        assert_eq!(found, exact);
    }
    Ok(())
}
