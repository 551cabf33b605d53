//! With the model in the program, nothing beside it is needed.
#![cfg(feature = "embedded-model")]

mod rmem;

use rmem::{Outcome, Rmem, ended};

#[test]
fn no_file_of_the_model_is_asked_for() -> Outcome {
    let rmem = Rmem::new()?;
    let run = |words: &[&str]| {
        let mut command = rmem.command();
        command
            .env("RM_MODEL_DIR", rmem.folder())
            .env("HF_HUB_OFFLINE", "1")
            .args(words);
        ended(command, b"")
    };
    let added = run(&["add", "Green tea is what the user drinks"])?;
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(
        run(&["search", "what does she drink?"])?
            .stdout
            .contains("Green tea")
    );
    let doctor = run(&["doctor"])?;
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    assert!(
        doctor.stdout.contains("in the program itself"),
        "{doctor:?}"
    );
    Ok(())
}
