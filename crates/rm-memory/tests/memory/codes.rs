//! Codes in the lists change how a search goes about it, and next to nothing of what it finds.

use std::sync::Arc;

use rm_memory::{
    AdaptationPolicy, CODED_FROM, CodeBits, Durability, FINE_BITS, Found, KRule, Layout,
    MemoryBuilder, NewItem, Query, RoutingMemory, SqliteStore, Store, Update,
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
        .hybrid(false)
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
    let four_bits = Layout::FineCodes(CodeBits::new(4)?);
    for layout in [Layout::CodesAndVectors, Layout::Codes, four_bits] {
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
            four_bits,
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
    assert_eq!(stats.cache_bytes, 0, "a memory in RAM caches nothing");
    let folder = tempfile::tempdir()?;
    let on_file = self::memory(Layout::Codes)
        .path(folder.path().join("memory.db"))
        .open()?;
    let cached = on_file.stats().cache_bytes;
    assert!((1 << 20..1 << 23).contains(&cached), "{cached}");
    assert!(stats.resident.vectors >= N_ITEMS * stats.dim * 4);
    assert!(stats.resident.codes >= N_ITEMS * (stats.dim / 8 + 4));
    assert!(stats.resident.ids >= N_ITEMS * 8 && stats.resident.places >= N_ITEMS * 9);
    assert!(stats.resident.centroids >= stats.k * stats.dim * 4);
    Ok(())
}

#[test]
fn further_bits_are_counted() -> Outcome {
    let codes = |layout| -> rm_memory::Result<usize> {
        let memory = memory(layout).k_rule(KRule::Fixed(8)).open()?;
        memory.add_batch((0..N_ITEMS).map(text))?;
        Ok(memory.stats().resident.codes)
    };
    let further = codes(Layout::FineCodes(CodeBits::new(4)?))? - codes(Layout::Codes)?;
    // Three bits a component and two numbers, and a list makes room for an eighth more.
    let least = N_ITEMS * (3 * 96 / 8 + 8);
    assert!((least..least * 5 / 4).contains(&further), "{further}");
    Ok(())
}

#[test]
fn lists_are_packed_as_items_come_and_at_the_end() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = || {
        memory(Layout::Codes)
            .k_rule(KRule::Fixed(8))
            .path(&path)
            .open()
    };
    let changed = || -> rm_memory::Result<usize> {
        let packed = SqliteStore::open(&path)?.packed()?;
        Ok(packed.map_or(usize::MAX, |packed| packed.changed.len()))
    };
    let codes = open()?;
    codes.add_batch((0..N_ITEMS).map(text))?;
    assert_eq!(changed()?, 0, "the first training packs everything");
    codes.add_batch((0..N_ITEMS).map(text))?;
    assert_eq!(changed()?, N_ITEMS, "what comes then is not packed yet");
    codes.add_batch((0..N_ITEMS).map(text))?;
    assert_eq!(changed()?, 0, "it is now and then");
    codes.add_batch((0..N_ITEMS).map(text))?;
    codes.close()?;
    assert_eq!(changed()?, 0, "and at the end");

    let codes = open()?;
    codes.add("one more note")?;
    assert_eq!(changed()?, 1);
    codes.close()?;
    assert_eq!(open()?.len(), 4 * N_ITEMS + 1);
    Ok(())
}

#[test]
fn codes_of_four_bits_are_opened_as_they_were_packed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = |layout| memory(layout).path(&path).open();
    let four_bits = Layout::FineCodes(CodeBits::new(4)?);
    let made = open(four_bits)?;
    made.add_batch((0..N_ITEMS).map(text))?;
    made.close()?;
    let lists = || -> rm_memory::Result<Vec<Vec<u8>>> {
        let packed = SqliteStore::open(&path)?.packed()?;
        Ok(packed.map_or_else(Vec::new, |packed| packed.lists))
    };
    let packed = lists()?;

    // Were codes made anew, every vector would be read, and this one cannot be.
    let other = rusqlite::Connection::open(&path)?;
    let flip = |by: i64| {
        let sql = "UPDATE vectors SET checksum = checksum + ?1 WHERE key = 7";
        other.execute(sql, [by])
    };
    flip(1)?;
    let again = open(four_bits)?;
    assert_eq!(again.len(), N_ITEMS);
    again.close()?;
    assert!(open(Layout::Codes).is_err(), "other codes are made anew");
    flip(-1)?;
    assert_eq!(lists()?, packed);
    open(Layout::Codes)?.close()?;
    let one_bit: usize = lists()?.iter().map(Vec::len).sum();
    let four_bits: usize = packed.iter().map(Vec::len).sum();
    assert!(one_bit < four_bits, "{one_bit} bytes against {four_bits}");
    Ok(())
}

#[test]
fn a_large_memory_holds_codes_by_itself() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = || {
        memory(Layout::Auto)
            .path(&path)
            .durability(Durability::Normal)
            .open()
    };
    let large = open()?;
    large.add_batch((0..N_ITEMS).map(text))?;
    assert!(large.stats().resident.codes == 0);
    large.add_batch((0..CODED_FROM).map(text))?;
    // The codebook is trained again before long, and at the latest when the file is opened.
    large.close()?;
    let large = open()?;
    let stats = large.stats();
    assert_eq!(stats.resident.vectors, 0);
    let code_bytes = stats.dim * usize::from(FINE_BITS.get()) / 8;
    assert!(stats.resident.codes >= stats.items * code_bytes);
    Ok(())
}

#[test]
fn a_vector_that_cannot_be_read_is_an_error_and_the_next_search_goes_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let codes = memory(Layout::Codes).path(&path).open()?;
    codes.add_batch((0..40).map(text))?;
    // Another process damages one vector.
    let other = rusqlite::Connection::open(&path)?;
    let flip = |from: i64, to: i64| {
        let sql = "UPDATE vectors SET checksum = checksum + ?1 - ?2 WHERE key = 7";
        other.execute(sql, [to, from])
    };
    flip(0, 1)?;
    let all = || Query::text(text(3)).top_k(40).threshold(-1.0).n_probes(99);
    let error = codes
        .search(all())
        .expect_err("a damaged vector")
        .to_string();
    assert!(
        error.contains("the vector of item 7 does not match its checksum"),
        "{error}"
    );
    flip(1, 0)?;
    assert_eq!(codes.search(all())?.len(), 40);
    Ok(())
}

#[test]
fn vectors_that_were_read_are_kept_until_somebody_changes_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let open = |cached| {
        memory(Layout::Codes)
            .path(&path)
            .vector_cache(cached)
            .open()
    };
    let (cached, plain) = (open(true)?, open(false)?);
    let new = |at: usize, of: usize| NewItem::new(text(of)).id(at.to_string());
    plain.add_batch((0..N_ITEMS).map(|at| new(at, at)))?;
    let same = || -> Outcome {
        for number in (0..N_ITEMS).step_by(299) {
            let query = || {
                Query::text(text(number))
                    .threshold(-1.0)
                    .n_probes(9)
                    .top_k(20)
            };
            assert_eq!(cached.search(query())?, plain.search(query())?);
        }
        Ok(())
    };
    same()?;
    let bytes = |memory: &RoutingMemory| memory.stats().cache_bytes;
    assert!(bytes(&cached) > bytes(&plain), "a bit for each slot");
    // Others change what is kept: in this process, which the cache is not told of by them, and by deletion and training.
    for changed in 0..3 {
        let replaced = (0..N_ITEMS).step_by(7);
        plain.add_batch(replaced.map(|at| new(at, at + 5 * changed + 1)))?;
        cached.delete(&(11 * changed + 1).to_string())?;
        same()?;
    }
    cached.refit()?;
    same()?;
    // Nothing of it lies about.
    let files = std::fs::read_dir(folder.path())?;
    let names: Vec<_> = files
        .map(|file| Ok(file?.file_name()))
        .collect::<std::io::Result<_>>()?;
    assert!(
        names
            .iter()
            .all(|name| name.to_string_lossy().starts_with("memory.db")),
        "{names:?}"
    );
    Ok(())
}
