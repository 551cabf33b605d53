//! Listing goes page by page in the order in which items were added.

mod rmem;

use rmem::{Outcome, Rmem, ids};

#[test]
fn pages_follow_each_other_to_the_end() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let first = rmem.json(&["list", "--limit", "2"])?;
    assert_eq!(ids(&first["items"]), ["a", "b"]);
    let next = first["next"].as_str().ok_or("there is no next page")?;
    let last = rmem.json(&["list", "--limit", "1", "--after", next])?;
    assert_eq!(ids(&last["items"]), ["c"]);
    assert!(last["next"].is_null(), "a full last page: {last}");
    let all = rmem.json(&["list", "--all"])?;
    assert_eq!(ids(&all["items"]), ["a", "b", "c"]);
    Ok(())
}

#[test]
fn lines_say_how_to_go_on() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let listed = rmem.done(&["list", "--limit", "2"])?;
    let last = listed.lines().last().unwrap_or_default();
    let (_, cursor) = last.split_once("--after ").ok_or("no cursor")?;
    let rest = rmem.done(&["list", "--after", cursor])?;
    assert_eq!(rest.lines().count(), 1, "{rest}");
    assert!(rest.contains("Green tea"), "{rest}");
    rmem.refused(&["list", "--after", "somewhere"], 2)?;
    Ok(())
}

#[test]
fn a_text_cannot_leave_its_line() -> Outcome {
    let rmem = Rmem::new()?;
    rmem.done(&["add", "tea\nand \u{1b}[2Jcake", "--id", "t"])?;
    let listed = rmem.done(&["list"])?;
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert!(!listed.contains('\u{1b}'), "{listed}");
    Ok(())
}
