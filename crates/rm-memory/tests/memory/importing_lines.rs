//! Lines that people bring from elsewhere, and what is said of those that cannot be taken.

use std::sync::Arc;

use rm_memory::{Error, ExtraFields, ImportOptions, OnConflict, Query, RoutingMemory};
use serde_json::json;

use crate::Outcome;
use crate::hashed_words::HashedWords;

fn memory() -> rm_memory::Result<RoutingMemory> {
    RoutingMemory::builder()
        .embedder(Arc::new(HashedWords::new(16)))
        .score_threshold(-1.0)
        .open()
}

#[test]
fn plain_lines_become_items() -> Outcome {
    let memory = memory()?;
    let lines = "\u{feff}{\"text\": \"User drinks tea\"}\r\n\r\n{\"id\": \"a\", \"text\": \"User has a dog\", \"source\": \"chat\", \"metadata\": {\"n\": 1}, \"vector\": [1, 2]}\n{\"namespace\": \"acme\", \"text\": \"Invoices go out on Monday\"}";
    let options = ImportOptions::new().extra_fields(ExtraFields::IntoMetadata);
    let report = memory.import(lines.as_bytes(), options)?;
    assert_eq!((report.added, report.embedded, report.lines), (3, 3, 4));
    let item = memory.get("a")?.ok_or("not there")?;
    assert_eq!(json!(item.metadata), json!({"n": 1, "source": "chat"}));
    assert!(item.created_at_ms > 0 && item.created_at_ms == item.updated_at_ms);
    let found = memory.search(Query::text("tea").top_k(10))?;
    assert_eq!(found.len(), 2);
    assert_eq!(memory.namespace("acme")?.len(), 1);
    Ok(())
}

#[test]
fn a_bad_line_is_named_and_nothing_of_its_batch_is_stored() -> Outcome {
    let memory = memory()?;
    let mut lines: Vec<String> = (0..600)
        .map(|n| json!({"text": format!("word-{n}")}).to_string())
        .collect();
    lines.push("{\"text\": 7}".into());
    let error = memory.import(lines.join("\n").as_bytes(), ImportOptions::new());
    let error = error.err().ok_or("it was taken")?;
    assert_eq!(
        error.to_string(),
        "line 601: expected a text as \"text\", got 7; nothing from line 513 on was imported"
    );
    assert_eq!(memory.len(), 512);
    let error = memory.import(&b"{\"text\": \"a\"}\n\xff\xfe"[..], ImportOptions::new());
    let error = error.err().ok_or("it was taken")?.to_string();
    assert!(
        error.starts_with("line 2: expected text in UTF-8")
            && error.ends_with("from line 1 on was imported"),
        "{error}"
    );
    let header = "{\"format\": \"routing-memory\", \"version\": 1, \"model\": \"hashed-words-16\"}";
    let text = format!("{header}\n{{\"text\": \"a\", \"vector\": [1, 0]}}");
    let error = memory.import(text.as_bytes(), ImportOptions::new());
    let error = error.err().ok_or("it was taken")?.to_string();
    assert!(
        error.starts_with("line 2: expected a vector of 16 values with a direction, got one of 2"),
        "{error}"
    );
    assert_eq!(memory.len(), 512);
    Ok(())
}

#[test]
fn what_cannot_be_stored_is_named_by_its_lines() -> Outcome {
    let memory = memory()?;
    let lines = "{\"text\": \"a\", \"namespace\": \"ok\"}\n{\"text\": \"b\", \"namespace\": \" no\"}\n{\"text\": \"c\"}";
    let error = memory.import(lines.as_bytes(), ImportOptions::new());
    let error = error.err().ok_or("it was taken")?;
    assert!(
        matches!(error, Error::ImportLines { from: 2, to: 2, .. }),
        "{error:?}"
    );
    assert_eq!(memory.namespaces()?, [("ok".to_owned(), 1)]);
    Ok(())
}

#[test]
fn an_id_that_comes_twice_is_a_conflict_with_itself() -> Outcome {
    let lines = "{\"id\": \"a\", \"text\": \"first\"}\n{\"id\": \"a\", \"text\": \"second\"}";
    let run = |on_conflict| -> rm_memory::Result<_> {
        let memory = memory()?;
        let report = memory.import(
            lines.as_bytes(),
            ImportOptions::new().on_conflict(on_conflict),
        )?;
        let text = memory.get("a")?.map(|item| item.text);
        Ok((report.added, report.skipped, report.replaced, text))
    };
    assert_eq!(run(OnConflict::Skip)?, (1, 1, 0, Some("first".into())));
    assert_eq!(run(OnConflict::Replace)?, (1, 0, 1, Some("second".into())));
    let error = run(OnConflict::Refuse)
        .err()
        .ok_or("it was taken")?
        .to_string();
    assert!(error.starts_with("line 2:"), "{error}");
    Ok(())
}
