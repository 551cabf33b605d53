//! Forgetting removes what has had its time, and says why; what is pinned stays.

mod rmem;

use std::thread::sleep;
use std::time::Duration;

use rmem::{Outcome, Rmem, ids};

#[test]
fn what_is_past_its_time_is_removed() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["add", "gone in a second", "--ttl", "1s"])?;
    rmem.done(&["add", "pinned", "--ttl", "1s", "--pin"])?;
    sleep(Duration::from_millis(1_100));
    assert_eq!(
        rmem.done(&["forget"])?,
        "forgot 1 of 5 items (1 expired); 1 are pinned\n"
    );
    assert_eq!(rmem.done(&["list", "--count"])?, "4\n");
    Ok(())
}

#[test]
fn the_least_important_go_first_and_a_plan_removes_nothing() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["update", "b", "--importance", "0.1"])?;
    rmem.done(&["update", "a", "--pin"])?;
    let plan = rmem.json(&["forget", "--max-items", "2", "--dry-run"])?;
    assert_eq!(ids(&plan["forgotten"]), ["b"]);
    assert_eq!(plan["forgotten"][0]["reason"], "one too many");
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    rmem.done(&["forget", "--min-importance", "0.9"])?;
    assert_eq!(ids(&rmem.json(&["list"])?["items"]), ["a"]);
    Ok(())
}
