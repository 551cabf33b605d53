//! Adding, reading and changing items.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rm_memory::{AdaptationPolicy, Clock, Error, NewItem, Query, Update};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::counting_embedder::CountingEmbedder;
use crate::index_state::IndexState;
use crate::memories::{MEMORIES, QUESTIONS, minilm, with_minilm};

#[test]
fn made_up_ids_are_unique_and_name_the_item() -> Outcome {
    let memory = with_minilm().open()?;
    let mut ids = memory.add_batch(MEMORIES)?;
    // The same text again is another memory.
    ids.push(memory.add(MEMORIES[0])?);
    ids.push(memory.add(MEMORIES[0])?);
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        MEMORIES.len() + 2
    );
    for (id, text) in ids.iter().zip(MEMORIES) {
        assert_eq!(memory.get(id)?.ok_or("not found")?.text, text);
    }
    assert_eq!(memory.len(), MEMORIES.len() + 2);
    assert_eq!(memory.get("no such id")?, None);
    Ok(())
}

#[test]
fn a_batch_answers_as_single_adds_do() -> Outcome {
    let items = || {
        MEMORIES
            .iter()
            .enumerate()
            .map(|(n, text)| NewItem::new(*text).id(n.to_string()))
    };
    let in_a_batch = with_minilm().open()?;
    let ids = in_a_batch.add_batch(items())?;
    let one_by_one = with_minilm().open()?;
    for (item, id) in items().zip(ids) {
        assert_eq!(one_by_one.add(item)?, id);
    }
    for (question, _) in QUESTIONS {
        let query = || Query::text(question).top_k(100).threshold(-1.0);
        let (left, right) = (in_a_batch.search(query())?, one_by_one.search(query())?);
        assert_eq!(left.len(), right.len());
        for (left, right) in left.iter().zip(&right) {
            assert_eq!((&left.id, &left.text), (&right.id, &right.text));
            // Texts are packed together in a batch, which moves the last bits.
            assert!((left.score - right.score).abs() < 1e-5);
        }
    }
    Ok(())
}

#[test]
fn the_last_of_equal_ids_in_a_batch_stands() -> Outcome {
    let memory = with_minilm().open()?;
    let twice = [MEMORIES[3], MEMORIES[1], MEMORIES[0]].map(|text| NewItem::new(text).id("a"));
    assert_eq!(memory.add_batch(twice)?, ["a", "a", "a"]);
    assert_eq!(
        memory.add_batch(Vec::<String>::new())?,
        Vec::<String>::new()
    );
    let found = memory.search(Query::text(QUESTIONS[0].0).top_k(100).threshold(-1.0))?;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].text.as_str()),
        ("a", MEMORIES[0])
    );
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

#[test]
fn a_new_text_is_embedded_and_new_metadata_is_not() -> Outcome {
    let embedder = Arc::new(CountingEmbedder::new(minilm()));
    let time = Arc::new(AtomicI64::new(1_000));
    let clock = Clock::new({
        let time = time.clone();
        move || time.load(Ordering::Relaxed)
    });
    let memory = with_minilm()
        .embedder(embedder.clone())
        .clock(clock)
        .open()?;
    memory.add_batch(MEMORIES)?;
    memory.add(NewItem::new(MEMORIES[0]).id("ui").meta("source", "chat"))?;
    assert_eq!(embedder.take_count(), MEMORIES.len() + 1);

    time.store(2_000, Ordering::Relaxed);
    let routed = IndexState::of(&memory);
    let metadata = Map::from_iter([("source".to_owned(), Value::from("settings"))]);
    memory.update("ui", Update::new().metadata(metadata.clone()))?;
    assert_eq!(embedder.take_count(), 0, "metadata has no vector");
    assert_eq!(IndexState::of(&memory), routed);
    let item = memory.get("ui")?.ok_or("not found")?;
    assert_eq!(
        (item.text.as_str(), &item.metadata),
        (MEMORIES[0], &metadata)
    );
    assert_eq!((item.created_at_ms, item.updated_at_ms), (1_000, 2_000));

    time.store(3_000, Ordering::Relaxed);
    memory.update(
        "ui",
        Update::new().text("User rides a folding bicycle to the office"),
    )?;
    assert_eq!(embedder.take_count(), 1);
    let found = memory.search("what kind of bicycle does the user ride?")?;
    assert_eq!(
        (found[0].id.as_str(), &found[0].metadata),
        ("ui", &metadata)
    );
    assert_eq!(
        (found[0].created_at_ms, found[0].updated_at_ms),
        (1_000, 3_000)
    );
    let old = memory.search(Query::text(MEMORIES[0]).threshold(0.999))?;
    assert_eq!(old.len(), 1, "only the other item of that text is left");
    assert_eq!(memory.len(), MEMORIES.len() + 1);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    Ok(())
}

#[test]
fn what_is_not_there_cannot_be_changed() -> Outcome {
    let memory = with_minilm().open()?;
    for update in [Update::new(), Update::new().text("A text for nobody")] {
        let error = memory.update("ghost", update).err().ok_or("no error")?;
        assert!(
            matches!(&error, Error::UnknownItem { id } if id == "ghost"),
            "{error}"
        );
    }
    assert!(!memory.delete("ghost")?);
    assert!(memory.is_empty());
    Ok(())
}

#[test]
fn buckets_tell_what_is_in_them_and_can_be_split() -> Outcome {
    let memory = with_minilm()
        .adaptation(AdaptationPolicy::manual())
        .open()?;
    assert_eq!(memory.force_split(rm_memory::CentroidId(0))?, None);
    assert_eq!(memory.bucket_stats(rm_memory::CentroidId(0))?, None);
    memory.add_batch(MEMORIES)?;
    let info = memory.codebook_info();
    let sizes = (0..info.k as u32).map(|id| {
        let bucket = memory.bucket_stats(rm_memory::CentroidId(id));
        bucket.map(|bucket| bucket.map_or(0, |bucket| bucket.size))
    });
    let sizes = sizes.collect::<rm_memory::Result<Vec<_>>>()?;
    assert_eq!(sizes.iter().sum::<usize>(), MEMORIES.len());
    let (largest, _) = sizes
        .iter()
        .enumerate()
        .max_by_key(|(_, size)| **size)
        .ok_or("none")?;
    let report = memory
        .force_split(rm_memory::CentroidId(largest as u32))?
        .ok_or("no split")?;
    assert_eq!((report.splits(), report.k_after), (1, info.k + 1));
    assert_eq!(memory.stats().k, info.k + 1);
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    assert!(memory.force_split(rm_memory::CentroidId(9_999)).is_err());
    assert!(memory.bucket_stats(rm_memory::CentroidId(9_999)).is_err());

    let answer = memory.search_with_signals(QUESTIONS[0].0)?;
    let top = answer.signals.ok_or("no signals")?.top_centroid;
    let bucket = memory.bucket_stats(top)?.ok_or("no bucket")?;
    assert_eq!(bucket.access_count, 1);
    assert!(bucket.last_used_ms.is_some());
    Ok(())
}
