//! A context of what answers a query best keeps its budget.

use rm_memory::{ContextFormat, EmbedderTokens, Query, TokenCounter};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn the_best_come_first_and_the_budget_holds() -> Outcome {
    let memory = with_minilm().score_threshold(0.0).open()?;
    fill(&memory)?;
    let counter = EmbedderTokens(memory.embedder());
    for (question, gold) in QUESTIONS {
        for max_tokens in [0, 3, 12, 40, 100, 10_000] {
            let query = Query::text(question).hybrid(false);
            let context = memory.build_context(query, max_tokens)?;
            assert!(context.tokens <= max_tokens);
            assert_eq!(context.tokens, counter.count_tokens(&context.text)?);
            if max_tokens >= 40 {
                assert_eq!(context.used[0], gold.to_string());
                assert!(context.text.contains(MEMORIES[gold]));
            }
        }
        let two = memory.build_context(Query::text(question).top_k(2), 10_000)?;
        assert_eq!((two.used.len(), two.left_out.len()), (2, 0));
    }
    let words = |text: &str| text.split_whitespace().count();
    let format = ContextFormat::new().header("What is known:");
    let context = memory.build_context_with(QUESTIONS[0].0, 20, &words, &format)?;
    assert!(context.text.starts_with("What is known:") && words(&context.text) <= 20);
    Ok(())
}
