//! What needs no model works without one; what needs it says where it was looked for.
#![cfg(not(feature = "embedded-model"))]

mod rmem;

use std::fs;

use rmem::{Ended, Outcome, Rmem, ended};

fn run_without_model(rmem: &Rmem, words: &[&str]) -> Outcome<Ended> {
    let nowhere = rmem.folder().join("no-model");
    fs::create_dir_all(&nowhere)?;
    let mut command = rmem.command();
    command.env("RM_MODEL_DIR", nowhere).args(words);
    ended(command, b"")
}

#[test]
fn reading_and_forgetting_need_no_model() -> Outcome {
    let rmem = Rmem::with_texts()?;
    for words in [
        &["get", "a"][..],
        &["list"],
        &["stats"],
        &["codebook"],
        &["drift"],
        &["adapt"],
        &["update", "a", "--pin"],
        &["delete", "a"],
    ] {
        let ended = run_without_model(&rmem, words)?;
        assert_eq!(ended.code, Some(0), "{words:?}: {ended:?}");
    }
    Ok(())
}

#[test]
fn adding_and_searching_say_what_is_missing_in_one_line() -> Outcome {
    let rmem = Rmem::with_texts()?;
    for words in [&["add", "tea"][..], &["search", "tea"]] {
        let ended = run_without_model(&rmem, words)?;
        assert_eq!(ended.code, Some(1), "{words:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(ended.stderr.contains("RM_MODEL_DIR"), "{ended:?}");
    }
    Ok(())
}

#[test]
fn no_file_is_made_without_the_model() -> Outcome {
    let rmem = Rmem::new()?;
    let ended = run_without_model(&rmem, &["add", "tea"])?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!rmem.db().exists());
    Ok(())
}
