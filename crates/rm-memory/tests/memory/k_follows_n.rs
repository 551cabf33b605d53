//! In the original K is capped at 512.

use std::sync::Arc;

use rm_core::ORIGINAL_MAX_CENTROIDS;
use rm_memory::{AdaptationConfig, AdaptationPolicy, KRule, MemoryBuilder, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

fn of_words() -> MemoryBuilder {
    RoutingMemory::builder().embedder(Arc::new(HashedWords::new(16)))
}

fn texts(range: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    range.map(|n| format!("topic-{} word-{n}", n % 97))
}

#[test]
fn k_follows_n_past_512() -> Outcome {
    let memory = of_words().k_rule(KRule::ItemsPerCentroid(4)).open()?;
    memory.add_batch(texts(0..2_400))?;
    assert_eq!(memory.stats().k, 600);
    assert_eq!(memory.codebook_info().k, 600);
    Ok(())
}

#[test]
fn splits_grow_k_past_512_where_the_rule_does() -> Outcome {
    let policy = AdaptationPolicy {
        cycle: AdaptationConfig {
            split_variance: 1e-9,
            split_min_items: 2,
            ..AdaptationConfig::default()
        },
        ..AdaptationPolicy::manual()
    };
    let memory = of_words()
        .k_rule(KRule::ItemsPerCentroid(4))
        .adaptation(policy)
        .open()?;
    memory.add_batch(texts(0..2_400))?;
    let report = memory.adapt()?.ok_or("nothing to adapt")?;
    assert!(
        report.splits() > 0 && report.k_after > 600,
        "{}",
        report.k_after
    );
    assert!(
        report.k_after <= 900,
        "half as many again, not {}",
        report.k_after
    );
    assert!(report.k_before > ORIGINAL_MAX_CENTROIDS);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

#[test]
fn k_stays_near_its_rule_while_items_are_added_one_by_one() -> Outcome {
    let memory = of_words().open()?;
    for (n, text) in texts(0..700).enumerate() {
        memory.add(text)?;
        let (k, wanted) = (memory.stats().k, KRule::default().k(n + 1));
        assert!(
            k <= wanted && wanted as f64 <= 1.5 * k as f64,
            "{k} of {wanted} at {}",
            n + 1
        );
    }
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    assert_eq!(KRule::default().k(1_000_000), 2_000);
    Ok(())
}
