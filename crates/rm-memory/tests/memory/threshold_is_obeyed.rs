//! In the original a per-call threshold below 0.3 has no effect.

use rm_memory::Query;

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, by_hand, fill, minilm, with_minilm};

#[test]
fn a_per_call_threshold_replaces_the_default_be_it_lower_or_higher() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    let found = |question: &str, threshold: Option<f32>| -> rm_memory::Result<Vec<usize>> {
        let query = Query::text(question).top_k(MEMORIES.len()).hybrid(false);
        let query = match threshold {
            Some(threshold) => query.threshold(threshold),
            None => query,
        };
        let found = memory.search(query)?;
        Ok(found
            .iter()
            .filter_map(|item| item.id.parse().ok())
            .collect())
    };
    let mut sizes = Vec::new();
    for (question, _) in QUESTIONS {
        let expected = |threshold| -> Result<Vec<usize>, rm_embed::Error> {
            let best = by_hand(minilm().as_ref(), &MEMORIES, question, threshold)?;
            Ok(best.into_iter().map(|(at, _)| at).collect())
        };
        for threshold in [-1.0, 0.0, 0.1, 0.29, 0.3, 0.4, 0.9] {
            let ids = found(question, Some(threshold))?;
            assert_eq!(ids, expected(threshold)?, "{threshold} on {question:?}");
            // Words change the order, and lift nothing over the threshold.
            let query = Query::text(question)
                .top_k(MEMORIES.len())
                .threshold(threshold);
            let by_words = memory.search(query.hybrid(true))?;
            let mut by_words: Vec<usize> = by_words
                .iter()
                .filter_map(|item| item.id.parse().ok())
                .collect();
            by_words.sort_unstable();
            let mut ids = ids;
            ids.sort_unstable();
            assert_eq!(by_words, ids, "{threshold} on {question:?}");
        }
        let by_default = found(question, None)?;
        assert_eq!(by_default, expected(0.3)?, "default on {question:?}");
        sizes.push((
            found(question, Some(0.1))?.len(),
            by_default.len(),
            found(question, Some(0.45))?.len(),
        ));
    }
    // The thresholds above tell something only where they cut at different places.
    assert!(
        sizes.iter().any(|(low, default, _)| low > default),
        "{sizes:?}"
    );
    assert!(
        sizes.iter().any(|(_, default, high)| default > high),
        "{sizes:?}"
    );
    Ok(())
}

#[test]
fn the_memory_s_own_threshold_is_a_default_too() -> Outcome {
    let memory = with_minilm().score_threshold(0.9).open()?;
    fill(&memory)?;
    assert!(memory.search(QUESTIONS[0].0)?.is_empty());
    let found = memory.search(Query::text(QUESTIONS[0].0).threshold(0.2))?;
    assert_eq!(found[0].id, "0");
    Ok(())
}
