//! What is added is found in other words, with nothing set up before.

mod rmem;

use rmem::{Outcome, Rmem, ended};

#[test]
fn what_is_added_is_found_in_other_words() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let found = rmem.done(&["search", "what does she like to drink?"])?;
    let first = found.lines().next().unwrap_or_default();
    assert!(first.contains("Green tea"), "{found}");
    assert!(first.starts_with("0."), "{found}");
    assert!(first.ends_with("  c"), "{found}");
    Ok(())
}

#[test]
fn without_a_file_named_it_is_made_in_the_data_folder() -> Outcome {
    let rmem = Rmem::new()?;
    let command = |words: &[&str]| {
        let mut command = rmem.command();
        command
            .env_remove("RMEM_DB")
            .env("XDG_DATA_HOME", rmem.folder())
            .args(words);
        command
    };
    let added = ended(command(&["add", "tea"]), b"")?;
    assert_eq!(added.code, Some(0), "{added:?}");
    let listed = ended(command(&["list", "--count"]), b"")?;
    assert_eq!(listed.stdout, "1\n");
    if cfg!(target_os = "linux") {
        assert!(rmem.folder().join("routing-memory/memory.db").exists());
    }
    Ok(())
}

#[test]
fn reading_makes_no_file() -> Outcome {
    let rmem = Rmem::new()?;
    for words in [&["search", "tea"][..], &["list"], &["get", "a"], &["stats"]] {
        let said = rmem.refused(words, 1)?;
        assert!(said.contains("there is no memory at"), "{said}");
        assert!(said.contains("`rmem add TEXT`"), "{said}");
    }
    assert!(!rmem.db().exists());
    Ok(())
}

#[test]
fn db_names_another_file() -> Outcome {
    let rmem = Rmem::with_texts()?;
    rmem.done(&["--db", "other.db", "add", "tea"])?;
    assert_eq!(rmem.done(&["list", "--count", "--db", "other.db"])?, "1\n");
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    Ok(())
}
