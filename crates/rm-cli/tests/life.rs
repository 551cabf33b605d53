//! Items can be kept for a time, pinned and weighed, and all of that can be changed.

mod rmem;

use std::thread::sleep;
use std::time::Duration;

use rmem::{Outcome, Rmem};

const DAY_MS: i64 = 86_400_000;

#[test]
fn an_item_has_the_life_it_was_given() -> Outcome {
    let rmem = Rmem::new()?;
    let words = "add tea --id t --ttl 30d --pin --importance 0.9";
    rmem.done(&words.split(' ').collect::<Vec<_>>())?;
    let item = rmem.json(&["get", "t"])?;
    let (from, to) = (&item["created_at_ms"], &item["expires_at_ms"]);
    let (Some(from), Some(to)) = (from.as_i64(), to.as_i64()) else {
        return Err(format!("no times in {item}").into());
    };
    assert!(
        to - from >= 30 * DAY_MS && to - from < 31 * DAY_MS,
        "{item}"
    );
    assert_eq!(item["pinned"], true);
    assert_eq!(item["importance"], 0.9);

    let changed = rmem.json(&["update", "t", "--no-ttl", "--unpin"])?;
    assert!(changed["expires_at_ms"].is_null(), "{changed}");
    assert_eq!(changed["pinned"], false);
    assert_eq!(changed["importance"], 0.9);
    Ok(())
}

#[test]
fn what_is_past_its_time_is_gone() -> Outcome {
    let rmem = Rmem::new()?;
    rmem.done(&["add", "tea for a second", "--id", "t", "--ttl", "1s"])?;
    sleep(Duration::from_millis(1_100));
    rmem.refused(&["get", "t"], 1)?;
    assert_eq!(rmem.done(&["search", "tea for a second"])?, "");
    assert_eq!(rmem.done(&["list"])?, "");
    Ok(())
}

#[test]
fn periods_and_weights_are_checked() -> Outcome {
    let rmem = Rmem::new()?;
    for (words, part) in [
        (&["add", "tea", "--ttl", "30"][..], "30d, 12h or 1d12h"),
        (&["add", "tea", "--importance", "2"], "from 0 to 1"),
        (&["update", "t"], "nothing to change"),
        (&["update", "t", "--pin", "--unpin"], "cannot be used with"),
    ] {
        let said = rmem.refused(words, 2)?;
        assert!(said.contains(part), "{said}");
    }
    Ok(())
}
