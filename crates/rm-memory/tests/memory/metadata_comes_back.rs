//! In the original metadata is stored and never returned.

use rm_memory::{Clock, NewItem};
use serde_json::{Value, json};

use crate::Outcome;
use crate::memories::{MEMORIES, QUESTIONS, fill, with_minilm};

#[test]
fn metadata_comes_back_from_search() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let metadata = json!({"source": "chat", "turn": 17, "share": 0.1, "tags": ["ui", "Zoë"], "deep": {"a": null}});
    let Value::Object(map) = metadata.clone() else {
        return Err("an object".into());
    };
    let memory = with_minilm()
        .path(&path)
        .clock(Clock::new(|| 1_234))
        .open()?;
    fill(&memory)?;
    memory.add(NewItem::new(MEMORIES[0]).id("0").metadata(map))?;
    memory.add(
        NewItem::new("Alice likes to meet in room 4.12")
            .id("room")
            .meta("room", "4.12"),
    )?;
    let found = memory.search(QUESTIONS[0].0)?;
    assert_eq!(Value::Object(found[0].metadata.clone()), metadata);
    memory.close()?;

    let memory = with_minilm().path(&path).open()?;
    let found = memory.search(QUESTIONS[0].0)?;
    assert_eq!(Value::Object(found[0].metadata.clone()), metadata);
    assert_eq!(
        (found[0].created_at_ms, found[0].updated_at_ms),
        (1_234, 1_234)
    );
    let room = memory.get("room")?.ok_or("not found")?;
    assert_eq!(Value::Object(room.metadata), json!({"room": "4.12"}));
    let plain = memory.get("1")?.ok_or("not found")?;
    assert!(plain.metadata.is_empty());
    Ok(())
}
