//! The doctor says what is whole and what is not.

mod rmem;

use std::fs;

use rmem::{Outcome, Rmem};

#[test]
fn a_memory_that_is_whole_passes() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let said = rmem.done(&["doctor"])?;
    assert!(
        said.contains("3 items, every row and list is as it should be"),
        "{said}"
    );
    assert_eq!(rmem.json(&["doctor"])?["healthy"], true);
    Ok(())
}

#[test]
fn before_the_first_item_there_is_nothing_to_fail() -> Outcome {
    let rmem = Rmem::new()?;
    assert!(rmem.done(&["doctor"])?.contains("is not made yet"));
    assert!(!rmem.db().exists());
    Ok(())
}

#[test]
fn damage_is_found() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut bytes = fs::read(rmem.db())?;
    let text = b"The user prefers dark mode";
    let at = bytes.windows(text.len()).position(|part| part == text);
    bytes[at.ok_or("the text is not in the file")?] = b'X';
    fs::write(rmem.db(), bytes)?;
    let ended = rmem.run(&["doctor", "--json"])?;
    assert_eq!(ended.code, Some(1));
    let said: serde_json::Value = serde_json::from_str(&ended.stdout)?;
    assert_eq!(said["healthy"], false);
    let file = &said["checks"][1];
    assert_eq!(
        (&file["name"], &file["state"]),
        (&"file".into(), &"failed".into())
    );
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    Ok(())
}
