//! Codes in the lists change how a search goes about it, and next to nothing of what it finds.

use std::sync::Arc;

use rm_memory::{
    AdaptationPolicy, Coding, Found, KRule, MemoryBuilder, NewItem, Query, RoutingMemory,
};

use crate::Outcome;
use crate::hashed_words::HashedWords;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

const N_ITEMS: usize = 3_000;

/// Texts of which each shares words with many others.
fn text(number: usize) -> String {
    let words = [
        "tea", "rain", "rust", "cello", "lisbon", "dentist", "rent", "tomato",
    ];
    let word = |at: usize| words[at % words.len()];
    format!(
        "note {} of {} and {} in {number}",
        number % 97,
        word(number),
        word(number / 8)
    )
}

fn memory(coding: Coding) -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(96)))
        .adaptation(AdaptationPolicy::manual())
        .min_candidates(0)
        .coding(coding)
}

/// Returns the share of the first five answers of `plain` that `coded` finds too.
fn shared(plain: &RoutingMemory, coded: &RoutingMemory) -> rm_memory::Result<f64> {
    let (mut found, mut wanted) = (0, 0);
    for number in (0..N_ITEMS).step_by(29) {
        let query = || Query::text(text(number)).threshold(-1.0).n_probes(20);
        let ids = |memory: &RoutingMemory| -> rm_memory::Result<Vec<String>> {
            Ok(memory
                .search(query())?
                .into_iter()
                .map(|found| found.id)
                .collect())
        };
        let (plain, coded) = (ids(plain)?, ids(coded)?);
        wanted += plain.len();
        found += coded.iter().filter(|id| plain.contains(id)).count();
    }
    Ok(found as f64 / wanted as f64)
}

#[test]
fn a_coded_memory_finds_what_another_finds_through_every_change() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let coding = Coding::one_bit(42);
    let (plain, coded) = (
        memory(Coding::Exact).open()?,
        memory(coding).path(&path).open()?,
    );
    let items = || (0..N_ITEMS).map(|number| NewItem::new(text(number)).id(number.to_string()));
    for memory in [&plain, &coded] {
        memory.add_batch(items())?;
        memory.delete("7")?;
        memory.add(NewItem::new("a note of nothing in particular").id("8"))?;
        memory.refit()?;
    }
    // Equal scores abound among such texts, and codes break none of the ties.
    assert!(
        shared(&plain, &coded)? > 0.99,
        "{}",
        shared(&plain, &coded)?
    );
    let index = coded.index().ok_or("items")?;
    assert_eq!((index.coding(), index.miscoded()), (coding, vec![]));
    coded.close()?;

    // The file says nothing of codes: they are made when it is opened, or not.
    for coding in [coding, Coding::Exact] {
        let again = memory(coding).path(&path).open()?;
        assert!(shared(&plain, &again)? > 0.99);
        assert_eq!(again.stats().resident.codes > 0, coding != Coding::Exact);
        again.close()?;
    }
    Ok(())
}

#[test]
fn real_questions_are_answered_alike() -> Outcome {
    let plain = with_minilm().k_rule(KRule::Fixed(4)).open()?;
    let coded = with_minilm()
        .k_rule(KRule::Fixed(4))
        .coding(Coding::one_bit(42))
        .open()?;
    fill(&plain)?;
    fill(&coded)?;
    for (question, answer) in QUESTIONS {
        let found = coded.search(question)?;
        let told = |found: &[Found]| -> Vec<(String, u32)> {
            let told = found.iter();
            told.map(|found| (found.id.clone(), found.score.to_bits()))
                .collect()
        };
        let expected = plain.search(question)?;
        assert_eq!(told(&found), told(&expected), "{question}");
        assert_eq!(found[0].text, MEMORIES[answer]);
    }
    Ok(())
}

#[test]
fn bytes_are_told_by_part() -> Outcome {
    let empty = memory(Coding::Exact).open()?;
    assert_eq!(empty.stats().resident.total(), 0);
    let memory = memory(Coding::one_bit(42)).open()?;
    memory.add_batch((0..N_ITEMS).map(text))?;
    let stats = memory.stats();
    assert!(stats.resident.vectors >= N_ITEMS * stats.dim * 4);
    assert!(stats.resident.codes >= N_ITEMS * (stats.dim / 8 + 4));
    assert!(stats.resident.ids >= N_ITEMS * 8 && stats.resident.places >= N_ITEMS * 9);
    assert!(stats.resident.centroids >= stats.k * stats.dim * 4);
    Ok(())
}
