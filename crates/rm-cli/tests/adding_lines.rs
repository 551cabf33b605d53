//! Files and standard input: each line is an item, or all of them are one.

mod rmem;

use std::fs;

use rmem::{Outcome, Rmem};

#[test]
fn each_line_that_is_not_blank_is_an_item() -> Outcome {
    let rmem = Rmem::new()?;
    let input = "one cup of tea\r\n\n   \ntwo dogs in the garden\nthree".as_bytes();
    assert_eq!(rmem.done_with(&["add", "-"], input)?, "added 3 items\n");
    let listed = rmem.json(&["list"])?;
    assert_eq!(listed["items"][0]["text"], "one cup of tea");
    assert_eq!(listed["items"][2]["text"], "three");
    assert_eq!(rmem.done_with(&["add", "-"], b"\n")?, "added 0 items\n");
    Ok(())
}

#[test]
fn options_hold_for_every_line_of_a_file() -> Outcome {
    let rmem = Rmem::new()?;
    let lines: Vec<String> = (0..1_100).map(|n| format!("note {n} about tea")).collect();
    fs::write(rmem.folder().join("notes.txt"), lines.join("\n"))?;
    let words = ["add", "--file", "notes.txt", "--meta", "source=notes"];
    assert_eq!(rmem.done(&words)?, "added 1,100 items\n");
    let count = rmem.done(&["list", "--count", "--where", "source=notes"])?;
    assert_eq!(count, "1100\n");
    Ok(())
}

#[test]
fn a_whole_file_is_one_item() -> Outcome {
    let rmem = Rmem::new()?;
    fs::write(
        rmem.folder().join("letter.txt"),
        "Dear Ada,\n\nthank you.\n",
    )?;
    let words = ["add", "--file", "letter.txt", "--whole", "--id", "letter"];
    assert_eq!(rmem.done(&words)?, "letter\n");
    let letter = rmem.json(&["get", "letter"])?;
    assert_eq!(letter["text"], "Dear Ada,\n\nthank you.");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> Outcome {
    let rmem = Rmem::new()?;
    let latin = rmem.run_with(&["add", "-"], b"tea\ncaf\xe9\n")?;
    assert_eq!(latin.code, Some(1));
    assert!(
        latin.stderr.contains("line 2 is not UTF-8; convert it"),
        "{latin:?}"
    );
    let said = rmem.refused(&["add", "--file", "nowhere.txt"], 1)?;
    assert!(said.contains("cannot read nowhere.txt"), "{said}");
    let said = rmem.refused(&["add", "--file", "."], 1)?;
    assert!(said.contains("is a folder; name a file"), "{said}");
    Ok(())
}

#[test]
fn one_id_is_not_for_many_lines() -> Outcome {
    let rmem = Rmem::new()?;
    let said = rmem.refused(&["add", "-", "--id", "x"], 2)?;
    assert!(said.contains("--whole"), "{said}");
    rmem.refused(&["add"], 2)?;
    Ok(())
}
