//! The status tells done, failed and not understood apart; help and completions are there.

mod rmem;

use std::process::Command;

use rmem::{Outcome, Rmem, ended};

const COMMANDS: [&str; 18] = [
    "add",
    "search",
    "context",
    "get",
    "update",
    "delete",
    "forget",
    "list",
    "stats",
    "codebook",
    "drift",
    "adapt",
    "export",
    "import",
    "snapshot",
    "reembed",
    "doctor",
    "completions",
];

#[test]
fn what_is_not_understood_ends_with_two_and_one_line() -> Outcome {
    let rmem = Rmem::new()?;
    for words in [
        &["serch", "tea"][..],
        &["search"],
        &["search", "tea", "--top-k", "many"],
        &["search", "tea", "--words", "sometimes"],
        &["list", "--limit", "-1"],
        &["list", "--colour"],
        &["completions", "tcsh"],
    ] {
        let said = rmem.refused(words, 2)?;
        assert!(said.contains("--help"), "{said}");
    }
    Ok(())
}

#[test]
fn help_has_examples_for_every_command() -> Outcome {
    let rmem = Rmem::new()?;
    let help = rmem.done(&["--help"])?;
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        let help = rmem.done(&[command, "--help"])?;
        assert!(help.contains(&format!("\n  rmem {command}")), "{help}");
    }
    assert!(rmem.done(&["--version"])?.starts_with("rmem "));
    assert_eq!(rmem.run(&[])?.code, Some(2));
    Ok(())
}

#[test]
fn completions_know_every_command() -> Outcome {
    let rmem = Rmem::new()?;
    for shell in ["bash", "zsh", "fish"] {
        let script = rmem.done(&["completions", shell])?;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        // Where the shell is there, it has to understand them.
        let path = rmem.folder().join(shell);
        std::fs::write(&path, script)?;
        let mut check = Command::new(shell);
        check.arg("-n").arg(path);
        if let Ok(ended) = ended(check, b"") {
            assert_eq!(ended.code, Some(0), "{shell}: {ended:?}");
        }
    }
    Ok(())
}

#[test]
fn a_file_of_another_kind_is_left_as_it_is() -> Outcome {
    let rmem = Rmem::new()?;
    std::fs::write(rmem.db(), "these are my notes")?;
    let said = rmem.refused(&["list"], 1)?;
    assert!(said.contains("is not an SQLite database"), "{said}");
    assert_eq!(std::fs::read(rmem.db())?, b"these are my notes");
    Ok(())
}
