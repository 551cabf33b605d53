//! Codes in the lists change how a search goes about it, and next to nothing of what it finds.

use std::sync::Arc;

use rm_memory::{
    AdaptationPolicy, Found, KRule, Layout, MemoryBuilder, NewItem, Query, RoutingMemory, Update,
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

fn memory(layout: Layout) -> MemoryBuilder {
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(96)))
        .adaptation(AdaptationPolicy::manual())
        .min_candidates(0)
        .layout(layout)
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
    let plain = memory(Layout::Vectors).open()?;
    change(&plain)?;
    for layout in [Layout::CodesAndVectors, Layout::Codes] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        let coded = memory(layout).path(&path).open()?;
        change(&coded)?;
        let both = |coded: &RoutingMemory| -> Outcome {
            // Equal scores abound among such texts, and codes break none of the ties.
            let shared = shared(&plain, coded)?;
            assert!(shared > 0.99, "{layout:?}: {shared}");
            let index = coded.index().ok_or("items")?;
            assert_eq!((index.misplaced()?, index.miscoded()?), (vec![], vec![]));
            assert_eq!(
                coded.codebook_info().fidelity,
                plain.codebook_info().fidelity
            );
            Ok(())
        };
        both(&coded)?;
        assert_eq!(
            coded.stats().resident.vectors > 0,
            layout == Layout::CodesAndVectors
        );
        coded.close()?;

        // Whatever the file was last open with, it can be opened with any layout.
        for next in [
            layout,
            Layout::Vectors,
            Layout::Codes,
            Layout::CodesAndVectors,
            layout,
        ] {
            let again = memory(next).path(&path).open()?;
            both(&again)?;
            assert_eq!(again.stats().resident.codes > 0, next != Layout::Vectors);
            again.close()?;
        }
    }
    Ok(())
}

/// Fills a memory, and changes items before and after its codebook is trained again.
fn change(memory: &RoutingMemory) -> Outcome {
    let items = (0..N_ITEMS).map(|number| NewItem::new(text(number)).id(number.to_string()));
    memory.add_batch(items)?;
    memory.delete("7")?;
    memory.add(NewItem::new("a note of nothing in particular").id("8"))?;
    memory.refit()?;
    memory.update("9", Update::new().text("another note of nothing"))?;
    memory.delete("10")?;
    memory.add(NewItem::new(text(10)).id("11"))?;
    Ok(())
}

#[test]
fn real_questions_are_answered_alike() -> Outcome {
    let plain = with_minilm().k_rule(KRule::Fixed(4)).open()?;
    let coded = with_minilm()
        .k_rule(KRule::Fixed(4))
        .layout(Layout::Codes)
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
    let empty = memory(Layout::Auto).open()?;
    assert_eq!(empty.stats().resident.total(), 0);
    let memory = memory(Layout::CodesAndVectors).open()?;
    memory.add_batch((0..N_ITEMS).map(text))?;
    let stats = memory.stats();
    assert!(stats.resident.vectors >= N_ITEMS * stats.dim * 4);
    assert!(stats.resident.codes >= N_ITEMS * (stats.dim / 8 + 4));
    assert!(stats.resident.ids >= N_ITEMS * 8 && stats.resident.places >= N_ITEMS * 9);
    assert!(stats.resident.centroids >= stats.k * stats.dim * 4);
    Ok(())
}
