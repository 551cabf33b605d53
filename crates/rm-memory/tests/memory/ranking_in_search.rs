//! Recency, importance, variety and neighbours change the order of an answer and never what reaches the threshold.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rm_memory::{Clock, Filter, NewItem, Query, Ranking, Recency};

use crate::Outcome;
use crate::memories::{MEMORIES, fill, minilm, with_minilm};

const DAY_MS: i64 = 86_400_000;

fn ids(found: &[rm_memory::Found]) -> Vec<&str> {
    found.iter().map(|item| item.id.as_str()).collect()
}

#[test]
fn newer_and_more_important_items_come_first_where_they_are_to() -> Outcome {
    let time_ms = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&time_ms);
    let memory = with_minilm()
        .clock(Clock::new(move || clock.load(Ordering::Relaxed)))
        .open()?;
    memory.add(
        NewItem::new("Alice lives in Lisbon")
            .id("old")
            .importance(0.9),
    )?;
    time_ms.store(100 * DAY_MS, Ordering::Relaxed);
    memory.add(
        NewItem::new("Alice lives in Porto")
            .id("new")
            .importance(0.1),
    )?;
    let ask = |ranking| memory.search(Query::text("where does Alice live?").ranking(ranking));
    let plain = ask(Ranking::new())?;
    assert_eq!(plain.len(), 2);
    let recent = ask(Ranking::new().recency(Recency::half_life_days(10.0).weight(0.5)))?;
    assert_eq!(ids(&recent), ["new", "old"]);
    let recency = recent[0].explanation.recency.ok_or("no recency")?;
    assert_eq!((recency.value, recency.added), (1.0, 0.5));
    let important = ask(Ranking::new().importance(0.5))?;
    assert_eq!(ids(&important), ["old", "new"]);
    for (with, without) in recent.iter().chain(&important).zip(plain.iter().cycle()) {
        assert!(with.score <= 1.0 && with.explanation.cosine == with.score);
        assert!(with.explanation.score >= with.explanation.fused && without.score > 0.0);
    }
    // What is too far stays out, however new and important it is.
    let far = Query::text("where does Alice live?")
        .threshold(0.99)
        .ranking(Ranking::new().importance(9.0));
    assert!(memory.search(far)?.is_empty());
    let refused = ask(Ranking::new().importance(f32::NAN));
    assert!(refused.is_err());
    Ok(())
}

#[test]
fn what_says_the_same_makes_room_for_what_does_not() -> Outcome {
    let memory = with_minilm().open()?;
    for (id, text) in [
        ("1", "The user is allergic to peanuts"),
        ("2", "The user is allergic to peanuts."),
        ("3", "User has an allergy against peanuts"),
        ("4", "The user cannot eat shellfish"),
    ] {
        memory.add(NewItem::new(text).id(id))?;
    }
    let ask = |ranking| {
        let query = Query::text("what is the user allergic to?")
            .top_k(2)
            .threshold(0.2);
        memory.search(query.ranking(ranking))
    };
    let plain = ask(Ranking::new())?;
    assert!(plain.iter().all(|found| found.id != "4"));
    let varied = ask(Ranking::new().mmr(0.3))?;
    assert_eq!(varied[1].id, "4");
    let mmr = varied[1].explanation.mmr.clone().ok_or("no redundancy")?;
    assert!(mmr.nearest.as_deref() == Some(varied[0].id.as_str()) && mmr.penalty > 0.0);
    Ok(())
}

#[test]
fn neighbours_in_time_come_along_and_pass_the_filter() -> Outcome {
    let memory = with_minilm().open()?;
    for (n, text) in MEMORIES.iter().enumerate() {
        memory.add(
            NewItem::new(*text)
                .id(n.to_string())
                .created_at_ms(1_000 + n as i64)
                .meta("even", n % 2 == 0),
        )?;
    }
    let query = Query::text("what is the name of the pet?")
        .top_k(1)
        .ranking(Ranking::new().neighbours(1, 2));
    let found = memory.search(query.clone())?;
    assert_eq!(ids(&found), ["5", "4", "6", "7"]);
    assert_eq!(found[1].explanation.neighbour_of.as_deref(), Some("5"));
    assert_eq!(found[0].explanation.neighbour_of, None);
    let found = memory.search(query.filter(Filter::eq("even", false)))?;
    assert_eq!(ids(&found), ["5", "3", "7", "9"]);
    Ok(())
}

#[test]
fn words_find_what_meaning_alone_ranks_lower() -> Outcome {
    let memory = with_minilm().open()?;
    fill(&memory)?;
    memory.add(NewItem::new("Ticket QX-7741: printer on floor 3 is jammed").id("ticket"))?;
    memory.add(NewItem::new("Ticket QX-7714: printer on floor 8 is jammed").id("other"))?;
    let ask = |hybrid| memory.search_with_signals(Query::text("QX-7741").hybrid(hybrid));
    let (with, without) = (ask(true)?, ask(false)?);
    assert!(with.by_words && !without.by_words);
    assert_eq!(with.results[0].id, "ticket");
    assert!(with.results[0].explanation.lexical > 0.0);
    assert!(
        without
            .results
            .iter()
            .all(|found| found.explanation.lexical == 0.0)
    );
    let by_vector = rm_memory::Embedder::embed(minilm().as_ref(), "QX-7741")?;
    assert!(
        !memory
            .search_with_signals(Query::vector(by_vector))?
            .by_words
    );
    // Words are kept up with what changes.
    memory.delete("ticket")?;
    assert_eq!(memory.search("QX-7714")?[0].id, "other");
    memory.update(
        "other",
        rm_memory::Update::new().text("Ticket QX-9000: solved"),
    )?;
    assert_eq!(memory.search("QX-9000")?[0].id, "other");
    Ok(())
}
