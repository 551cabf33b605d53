//! A memory of another model is refused, and can be moved to this one.

mod rmem;

use rm_store::{Changes, SqliteStore, Store as _, settings};
use rmem::{Outcome, Rmem};

#[test]
fn it_is_refused_and_can_be_moved() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let store = SqliteStore::open(rmem.db())?;
    store.apply(Changes::new().set(settings::MODEL_FINGERPRINT, "other/1"))?;
    store.close()?;
    let said = rmem.refused(&["list"], 1)?;
    assert!(said.contains("`rmem reembed` moves this memory"), "{said}");
    assert!(said.contains("other/1"), "{said}");

    let moved = rmem.json(&["reembed"])?;
    assert_eq!(moved["from"], "other/1");
    assert_eq!(
        (&moved["items"], &moved["embedded"]),
        (&3.into(), &3.into())
    );
    assert!(rmem.done(&["search", "morning tea"])?.contains("Green tea"));
    Ok(())
}

#[test]
fn one_of_this_model_is_left_as_it_is() -> Outcome {
    let rmem = Rmem::with_texts()?;
    assert!(rmem.done(&["reembed"])?.starts_with("nothing to do"));
    Ok(())
}
