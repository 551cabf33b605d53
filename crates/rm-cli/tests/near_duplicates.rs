//! A text that nearly equals another is skipped, or takes its place, where that is asked for.

mod rmem;

use rmem::{Outcome, Rmem};

#[test]
fn it_is_added_unless_something_else_is_asked_for() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let again = "The user prefers dark mode.";
    let skipped = rmem.json(&["add", again, "--duplicates", "skip"])?;
    assert_eq!(
        (&skipped["skipped"], &skipped["ids"][0]),
        (&1.into(), &"a".into())
    );
    assert_eq!(
        rmem.json(&["get", "a"])?["text"],
        "The user prefers dark mode"
    );

    assert_eq!(
        rmem.done(&["add", again, "--duplicates", "replace"])?,
        "a\n"
    );
    assert_eq!(rmem.json(&["get", "a"])?["text"], again);
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");

    rmem.done(&["add", again])?;
    assert_eq!(rmem.done(&["list", "--count"])?, "4\n");
    Ok(())
}

#[test]
fn lines_meet_each_other_and_other_numbers_are_other_facts() -> Outcome {
    let rmem = Rmem::new()?;
    let lines =
        b"The flight leaves at 06:40\nThe flight leaves at 06:40.\nThe flight leaves at 07:40\n";
    let said = rmem.done_with(&["add", "-", "--duplicates", "skip"], lines)?;
    assert_eq!(said, "added 2 items, skipped 1\n");
    Ok(())
}
