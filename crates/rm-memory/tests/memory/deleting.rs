//! In the original delete does not touch the index, and a re-added id stands twice.

use rm_memory::{NewItem, Query};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn delete_removes_from_search() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().path(&path).open()?;
    fill(&memory)?;
    let everything = |question: &str| Query::text(question).top_k(100).threshold(-1.0);
    for (question, gold) in QUESTIONS {
        let gold = gold.to_string();
        assert_eq!(memory.search(question)?[0].id, gold);
        assert!(memory.delete(&gold)?);
        assert!(!memory.delete(&gold)?, "there is none any more");
        let found = memory.search(everything(question))?;
        assert_eq!(found.len(), memory.len());
        assert!(found.iter().all(|item| item.id != gold));
        assert_eq!(memory.get(&gold)?, None);
    }
    assert_eq!(memory.len(), MEMORIES.len() - QUESTIONS.len());
    memory.close()?;

    let memory = with_minilm().path(&path).open()?;
    let found = memory.search(everything(QUESTIONS[0].0))?;
    assert_eq!(found.len(), MEMORIES.len() - QUESTIONS.len());
    Ok(())
}

#[test]
fn a_re_added_id_stands_once() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    memory.delete("0")?;
    for text in [MEMORIES[0], "User prefers a light theme after all"] {
        memory.add(NewItem::new(text).id("0"))?;
        let found = memory.search(Query::text(QUESTIONS[0].0).top_k(100).threshold(-1.0))?;
        assert_eq!(
            (found.len(), memory.len()),
            (MEMORIES.len(), MEMORIES.len())
        );
        let of_this_id: Vec<&str> = found
            .iter()
            .filter(|item| item.id == "0")
            .map(|item| item.text.as_str())
            .collect();
        assert_eq!(of_this_id, [text]);
    }
    let old = memory.search(Query::text(MEMORIES[0]).threshold(0.999))?;
    assert!(
        old.is_empty(),
        "the vector of the old text is gone: {old:?}"
    );
    Ok(())
}

#[test]
fn a_memory_that_forgot_everything_starts_again() -> Outcome {
    let memory = with_minilm().open()?;
    for id in fill(&memory)? {
        assert!(memory.delete(&id)?);
    }
    assert!(memory.is_empty());
    assert!(memory.search(QUESTIONS[0].0)?.is_empty());
    memory.adapt()?;
    memory.refit()?;
    fill(&memory)?;
    for (question, gold) in QUESTIONS {
        assert_eq!(memory.search(question)?[0].id, gold.to_string());
    }
    Ok(())
}
