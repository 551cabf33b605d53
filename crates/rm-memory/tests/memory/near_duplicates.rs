//! Texts that say the same in almost the same words.

use rm_memory::{AddOutcome, DuplicatePolicy, NewItem, OnDuplicate};

use crate::Outcome;
use crate::memories::{MEMORIES, fill, with_minilm};

#[test]
fn the_caller_decides_what_becomes_of_them() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    let n = MEMORIES.len();
    let again = "User prefers dark mode for all the applications";
    let policy = |action| DuplicatePolicy::new(action).threshold(0.9);
    let skipped = memory.add_unless_known(again, &policy(OnDuplicate::Skip))?;
    assert!(matches!(skipped, AddOutcome::Skipped { .. }) && skipped.id() == "0");
    assert_eq!(memory.len(), n);
    let new = "The tomato seedlings have died";
    let added = memory.add_unless_known(new, &policy(OnDuplicate::Skip))?;
    assert!(matches!(added, AddOutcome::Added { near: None, .. }));
    let kept = memory.add_unless_known(again, &policy(OnDuplicate::Keep))?;
    let AddOutcome::Added {
        near: Some(near), ..
    } = &kept
    else {
        return Err(format!("{kept:?}").into());
    };
    assert!(near.id == "0" && near.score >= 0.9);
    memory.delete(kept.id())?;
    let replaced = memory.add_unless_known(again, &policy(OnDuplicate::Replace))?;
    assert_eq!(replaced.id(), "0");
    assert!(memory.get("0")?.is_some_and(|item| item.text == again));
    let named = NewItem::new(MEMORIES[0]).id("named");
    memory.add_unless_known(named, &policy(OnDuplicate::Replace))?;
    assert!(memory.get("0")?.is_none() && memory.get("named")?.is_some());
    assert_eq!(memory.len(), n + 1);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    // By its own id an item is replaced, and is no duplicate of itself.
    let same = NewItem::new(MEMORIES[0]).id("named");
    let outcome = memory.add_unless_known(same, &policy(OnDuplicate::Skip))?;
    assert!(matches!(outcome, AddOutcome::Added { .. }));
    assert_eq!(memory.len(), n + 1);
    Ok(())
}

#[test]
fn those_of_one_batch_meet_as_well() -> Outcome {
    let memory = with_minilm().open()?;
    let texts = [
        "Tea is at five",
        "Tea is at five.",
        "The train leaves at six",
    ];
    let outcomes =
        memory.add_batch_unless_known(texts, &DuplicatePolicy::new(OnDuplicate::Skip))?;
    assert!(matches!(outcomes[1], AddOutcome::Skipped { .. }));
    assert_eq!((memory.len(), outcomes[1].id()), (2, outcomes[0].id()));
    let wrong = DuplicatePolicy::default().threshold(2.0);
    assert!(memory.add_unless_known("x", &wrong).is_err());
    Ok(())
}
