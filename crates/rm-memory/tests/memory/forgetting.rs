//! What is forgotten on demand, what stays, and what is left of it in the file.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rm_memory::{Clock, ForgetReason, NewItem, RetentionPolicy, RoutingMemory};

use crate::Outcome;
use crate::hashed_words::HashedWords;

#[test]
fn a_policy_removes_what_its_dry_run_names() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let time_ms = Arc::new(AtomicI64::new(1_000));
    let clock = Arc::clone(&time_ms);
    let memory = RoutingMemory::builder()
        .path(&path)
        .embedder(Arc::new(HashedWords::new(32)))
        .score_threshold(-1.0)
        .clock(Clock::new(move || clock.load(Ordering::Relaxed)))
        .open()?;
    for n in 0..10u8 {
        let item = NewItem::new(format!("secret-{n} of matter")).id(n.to_string());
        let item = item.importance(f32::from(n) / 10.0).pinned(n == 0);
        memory.add(if n == 5 {
            item.ttl(Duration::from_secs(1))
        } else {
            item
        })?;
    }
    time_ms.store(9_000, Ordering::Relaxed);
    let policy = RetentionPolicy::new().min_importance(0.25).max_items(5);
    let plan = memory.plan_to_forget(&policy)?;
    assert!(plan.dry_run && memory.len() == 10);
    let report = memory.forget(&policy)?;
    assert_eq!(report.forgotten, plan.forgotten);
    let ids: Vec<&str> = report.ids().collect();
    assert_eq!(ids, ["5", "1", "2", "3", "4"]);
    assert_eq!(report.count(ForgetReason::Expired), 1);
    assert_eq!((report.kept, report.pinned, report.dry_run), (5, 1, false));
    assert_eq!(memory.len(), 5);
    assert!(memory.get("0")?.is_some(), "it is pinned");
    assert_eq!(memory.index().ok_or("no index")?.misplaced()?, []);
    assert!(memory.forget(&policy)?.forgotten.is_empty());
    assert!(
        memory
            .forget(&RetentionPolicy::new().min_importance(7.0))
            .is_err()
    );
    memory.close()?;
    let bytes = std::fs::read(&path)?;
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("secret-7 of matter") && !holds("secret-3 of matter"));
    Ok(())
}
