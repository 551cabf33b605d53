//! Counting, listing page by page, deleting by filter; and items that are past their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rm_memory::{Clock, Cursor, Filter, NewItem, Query, RoutingMemory, Update};

use crate::Outcome;
use crate::hashed_words::HashedWords;

fn memory_at(time_ms: &Arc<AtomicI64>) -> rm_memory::Result<RoutingMemory> {
    let time_ms = Arc::clone(time_ms);
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(32)))
        .score_threshold(-1.0)
        .clock(Clock::new(move || time_ms.load(Ordering::Relaxed)))
        .open()
}

#[test]
fn pages_follow_each_other_while_items_come_and_go() -> Outcome {
    let memory = memory_at(&Arc::default())?;
    let item = |n: usize| {
        NewItem::new(format!("word-{n}"))
            .id(n.to_string())
            .meta("odd", n % 2 == 1)
    };
    memory.add_batch((0..25).map(item))?;
    let odd = Filter::eq("odd", true);
    assert_eq!((memory.count(None)?, memory.count(Some(&odd))?), (25, 12));
    let page = memory.list(None, None, 10)?;
    assert_eq!(page.items.len(), 10);
    memory.delete("3")?;
    memory.delete("10")?;
    let next: Cursor = page.next.ok_or("no next page")?.to_string().parse()?;
    let rest = memory.list(None, Some(next), 100)?;
    assert_eq!(rest.items[0].id, "11");
    assert_eq!((rest.items.len(), rest.next), (14, None));
    let mut ids = Vec::new();
    memory.for_each(Some(&odd), |item| {
        ids.push(item.id);
        std::ops::ControlFlow::Continue(())
    })?;
    assert_eq!(ids[..3], ["1", "5", "7"]);
    assert_eq!(memory.delete_matching(&odd)?, 11);
    assert_eq!((memory.count(Some(&odd))?, memory.len()), (0, 12));
    assert!(
        memory
            .search(Query::text("word-5"))?
            .iter()
            .all(|found| found.id != "5")
    );
    assert!(memory.list(None, None, 0)?.items.is_empty());
    assert!("no cursor".parse::<Cursor>().is_err());
    Ok(())
}

#[test]
fn what_is_past_its_time_is_not_found() -> Outcome {
    let time_ms = Arc::new(AtomicI64::new(1_000));
    let memory = memory_at(&time_ms)?;
    for n in 0..8 {
        let item = NewItem::new(format!("the code is {n}")).id(n.to_string());
        memory.add(if n < 6 {
            item.ttl(Duration::from_millis(100 * (n + 1)))
        } else {
            item
        })?;
    }
    let found = |top_k: usize| -> rm_memory::Result<usize> {
        Ok(memory.search(Query::text("the code").top_k(top_k))?.len())
    };
    assert_eq!(found(10)?, 8);
    time_ms.store(1_300, Ordering::Relaxed);
    assert_eq!((found(10)?, found(4)?), (5, 4));
    assert!(memory.get("2")?.is_none() && memory.get("3")?.is_some());
    assert_eq!(memory.list(None, None, 100)?.items.len(), 5);
    memory.update("3", Update::new().expires_at_ms(None))?;
    time_ms.store(9_000, Ordering::Relaxed);
    assert_eq!((found(10)?, found(2)?), (3, 2));
    Ok(())
}
