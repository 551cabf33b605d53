//! A memory counts what it does, and asks the model no question twice.

use std::sync::Arc;

use rm_memory::{Counters, Query, RoutingMemory};

use crate::Outcome;
use crate::counting_embedder::CountingEmbedder;
use crate::hashed_words::HashedWords;

#[test]
fn what_was_done_is_counted_and_a_question_is_embedded_once() -> Outcome {
    let embedder = Arc::new(CountingEmbedder::new(Arc::new(HashedWords::new(16))));
    let memory = RoutingMemory::builder()
        .embedder(Arc::clone(&embedder) as _)
        .in_memory()
        .open()?;
    let ids = memory.add_batch(["green tea", "black tea", "a cup of coffee"])?;
    memory.delete(&ids[2])?;
    embedder.take_count();

    let first = memory.search(Query::text("green tea").threshold(-1.0))?;
    assert_eq!(embedder.take_count(), 1);
    let again = memory.search(Query::text("green tea").threshold(-1.0))?;
    assert_eq!(embedder.take_count(), 0);
    assert_eq!(first, again);
    let stats = memory.stats();
    assert!(stats.question_bytes >= "green tea".len() + stats.dim * 4);
    let expected = Counters {
        added: 3,
        deleted: 1,
        searches: 2,
        cache_hits: 1,
        trainings: 1,
        probes: 4,
        candidates: 4,
        reranked: 4,
        ..Counters::default()
    };
    assert_eq!(stats.counters, expected);

    // Namespaces share the questions; each counts what is done in it.
    let other = memory.namespace("other")?;
    other.add("green tea with mint")?;
    embedder.take_count();
    other.search("green tea")?;
    assert_eq!(embedder.take_count(), 0);
    assert_eq!(other.stats().counters.cache_hits, 1);
    assert_eq!(memory.stats().counters, expected);
    Ok(())
}
