//! The original's retriever is built with k = 5, so a larger `top_k` still returns at most 5.

use rm_memory::Query;

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, by_hand, fill, minilm, with_minilm};

#[test]
fn top_k_above_five_is_obeyed() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    for (question, gold) in QUESTIONS {
        let best = by_hand(minilm().as_ref(), &MEMORIES, question, -1.0)?;
        for top_k in [0, 1, 5, 6, 12, MEMORIES.len(), 100, usize::MAX] {
            let query = Query::text(question).top_k(top_k).threshold(-1.0);
            let by_words = memory.search(query.clone().hybrid(true))?;
            assert_eq!(by_words.len(), top_k.min(MEMORIES.len()));
            let found = memory.search(query.hybrid(false))?;
            let ids: Vec<&str> = found.iter().map(|item| item.id.as_str()).collect();
            let expected: Vec<String> = best
                .iter()
                .take(top_k)
                .map(|(at, _)| at.to_string())
                .collect();
            assert_eq!(ids, expected, "top {top_k} of {question:?}");
        }
        assert_eq!(best[0].0, gold, "{question:?}");
    }
    Ok(())
}

#[test]
fn five_are_returned_where_nothing_is_said() -> Outcome {
    let memory = with_minilm().score_threshold(-1.0).open()?;
    fill(&memory)?;
    assert_eq!(memory.search(QUESTIONS[0].0)?.len(), 5);
    Ok(())
}

/// One list of about two items cannot answer for ten; the search goes on until it has as many.
#[test]
fn small_lists_do_not_cut_an_answer_short() -> Outcome {
    let memory = with_minilm()
        .n_probes(1)
        .min_candidates(0)
        .hybrid(false)
        .k_rule(rm_memory::KRule::ItemsPerCentroid(2))
        .open()?;
    fill(&memory)?;
    let query = Query::text(QUESTIONS[0].0).top_k(10).threshold(-1.0);
    let answer = memory.search_with_signals(query.clone())?;
    assert_eq!(answer.results.len(), 10);
    assert!(answer.probed.len() > 1 && answer.candidates < MEMORIES.len());
    let answer = memory.search_with_signals(query.min_candidates(0).hybrid(false))?;
    assert_eq!(answer.probed.len(), 1);
    assert_eq!(answer.results.len(), answer.candidates);
    Ok(())
}
