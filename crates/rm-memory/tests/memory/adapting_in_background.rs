//! Where the policy says so, cycles run on a thread of their own, and searches find everything meanwhile.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rm_memory::{AdaptationPolicy, KRule, Query, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

/// How long to wait for a thread that a busy machine does not let run.
const PATIENCE: Duration = Duration::from_secs(60);

fn text(n: usize) -> String {
    format!("matter {n} of topic {}", n % 7)
}

#[test]
fn a_cycle_runs_beside_the_searches() -> Outcome {
    let memory = RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(64)))
        .k_rule(KRule::Fixed(20))
        .adaptation(AdaptationPolicy {
            interval: Some(3),
            ema_rate: 0.2,
            in_background: true,
            ..AdaptationPolicy::default()
        })
        .in_memory()
        .open()?;
    memory.add_batch((0..400).map(text))?;
    let began = Instant::now();
    let mut asked = 0;
    while memory.stats().adaptations < 5 {
        assert!(began.elapsed() < PATIENCE, "no cycle was run");
        for n in (asked % 400..400).take(3) {
            let query = Query::text(text(n)).threshold(-1.0).min_candidates(400);
            let answer = memory.search_with_signals(query)?;
            assert_eq!(answer.results[0].text, text(n));
            assert!(answer.adaptation.is_none() && answer.refit.is_none());
        }
        asked += 3;
        thread::yield_now();
    }
    // Uses that were counted while a copy was adapted are there.
    let used: u64 = (0..memory.stats().k as u32)
        .map(|c| {
            Ok(memory
                .bucket_stats(rm_memory::CentroidId(c))?
                .map_or(0, |b| b.access_count))
        })
        .sum::<rm_memory::Result<u64>>()?;
    assert_eq!(used, memory.stats().counters.searches);
    memory.close()?;
    Ok(())
}
