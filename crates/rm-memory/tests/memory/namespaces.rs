//! A namespace sees nothing of the others.

use rm_memory::{Layout, NewItem, Query};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn a_query_sees_its_own_namespace_alone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = with_minilm().path(&path).open()?;
    let acme = memory.namespace("acme/support")?;
    acme.add(NewItem::new("The pet of Acme's owner is called Rex").id("0"))?;
    assert!(memory.search(QUESTIONS[3].0)?.is_empty());
    fill(&memory)?;
    let everything = |question: &str| Query::text(question).top_k(100).threshold(-1.0);
    let found = acme.search(everything(QUESTIONS[3].0))?;
    assert_eq!((found.len(), found[0].id.as_str()), (1, "0"));
    assert_eq!(memory.search(everything("Acme"))?.len(), MEMORIES.len());
    // The same id names an item of each.
    assert!(
        memory
            .get("0")?
            .is_some_and(|item| item.text == MEMORIES[0])
    );
    assert!(memory.delete("0")?);
    assert!(acme.get("0")?.is_some() && memory.get("0")?.is_none());
    let names = memory.namespaces()?;
    let expected = [("", MEMORIES.len() as u64 - 1), ("acme/support", 1)];
    assert!(
        names
            .iter()
            .map(|(name, n)| (name.as_str(), *n))
            .eq(expected)
    );
    memory.close()?;
    drop(acme);

    let memory = with_minilm().path(&path).open()?;
    assert_eq!(memory.len(), MEMORIES.len() - 1);
    let acme = memory.namespace("acme/support")?;
    assert_eq!(acme.search("what is the name of the pet?")?[0].id, "0");
    assert_eq!(acme.clear()?, 1);
    assert!(acme.is_empty() && acme.search("pet")?.is_empty());
    assert_eq!(memory.namespaces()?.len(), 1);
    acme.add("Acme has a new pet")?;
    assert_eq!(acme.search("what is the name of the pet?")?.len(), 1);
    Ok(())
}

/// More than stay loaded: those that go are saved, and come back when they are asked for.
#[test]
fn many_small_namespaces_come_and_go() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let memory = hashed().path(&path).open()?;
    let name = |n: usize| format!("user-{n}");
    for n in 0..300 {
        memory
            .namespace(&name(n))?
            .add(format!("likes number {n}"))?;
    }
    for n in [0, 7, 299, 1] {
        let found = memory.namespace(&name(n))?.search("number")?;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, format!("likes number {n}"));
    }
    assert!(memory.is_empty());
    assert_eq!(memory.namespaces()?.len(), 300);
    memory.close()?;
    let memory = hashed().path(&path).open()?;
    assert_eq!(memory.namespace(&name(42))?.search("likes")?.len(), 1);
    Ok(())
}

#[test]
fn each_namespace_has_its_own_codes_and_codebook() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = || hashed().layout(Layout::Codes).path(&path).open();
    let memory = open()?;
    let spaces = ["", "one", "two"];
    for (at, name) in spaces.iter().enumerate() {
        let texts = (0..60 * (at + 1)).map(|n| format!("topic-{} word-{at}-{n}", n % 7));
        memory.namespace(name)?.add_batch(texts)?;
    }
    memory.close()?;
    let memory = open()?;
    for (at, name) in spaces.iter().enumerate() {
        let space = memory.namespace(name)?;
        let index = space.index().ok_or("no index")?;
        assert_eq!(index.len(), 60 * (at + 1));
        assert_eq!((index.misplaced()?, index.miscoded()?), (vec![], vec![]));
        let found = space.search(Query::text(format!("word-{at}-3 topic-3")).hybrid(false))?;
        assert_eq!(found[0].text, format!("topic-3 word-{at}-3"));
    }
    Ok(())
}

#[test]
fn names_that_cannot_be_are_refused() -> Outcome {
    let memory = hashed().open()?;
    for name in [" acme", "acme\n", &"x".repeat(2_000)] {
        assert!(memory.namespace(name).is_err(), "{name:?}");
    }
    Ok(())
}

fn hashed() -> rm_memory::MemoryBuilder {
    let embedder = std::sync::Arc::new(crate::hashed_words::HashedWords::new(32));
    rm_memory::RoutingMemory::builder()
        .embedder(embedder)
        .durability(rm_memory::Durability::Normal)
        .score_threshold(-1.0)
}
