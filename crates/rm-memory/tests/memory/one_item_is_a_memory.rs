//! In the original one stored item cannot be found until a second arrives.

use rm_memory::Query;

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, with_minilm};

#[test]
fn one_stored_item_is_found() -> Outcome {
    let memory = with_minilm().open()?;
    assert!(memory.is_empty());
    let answer = memory.search_with_signals(QUESTIONS[0].0)?;
    assert_eq!((answer.results.len(), answer.signals), (0, None));
    let id = memory.add(MEMORIES[0])?;
    let answer = memory.search_with_signals(QUESTIONS[0].0)?;
    let found = &answer.results[0];
    assert_eq!(
        (found.id.as_str(), found.text.as_str()),
        (id.as_str(), MEMORIES[0])
    );
    // The only item is the only centroid.
    let signals = answer.signals.ok_or("no signals")?;
    assert!((signals.qerr - (1.0 - found.score)).abs() < 1e-6);
    assert_eq!(signals.margin, 0.0);
    assert_eq!(
        (memory.len(), memory.stats().k, answer.candidates),
        (1, 1, 1)
    );
    Ok(())
}

#[test]
fn one_stored_item_is_found_after_reopening() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().path(&path).open()?;
    let id = memory.add(MEMORIES[3])?;
    memory.close()?;
    let memory = with_minilm().path(&path).open()?;
    assert_eq!(memory.search("which food must be avoided?")?[0].id, id);
    assert_eq!(
        memory
            .search(Query::text(MEMORIES[3]).threshold(0.999))?
            .len(),
        1
    );
    Ok(())
}
