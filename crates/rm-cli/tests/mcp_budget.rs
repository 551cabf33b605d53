//! Answers are short however long the memories are.

mod rmem;

use rmem::mcp::Client;
use rmem::{Outcome, Rmem};
use serde_json::json;

/// More characters than 10,000 tokens of English have: most words of one token have three letters and a space, or more.
const MOST_BYTES: usize = 40_000;

#[test]
fn a_long_text_is_cut_and_read_on() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &[])?;
    let text = "The user drinks green tea in the morning, and black tea at four. ".repeat(2_000);
    client.call("add_memory", json!({"text": text, "id": "long"}))?;
    let response = client.ask(
        "tools/call",
        json!({"name": "search_memories", "arguments": {"query": "green tea or black tea?"}}),
    )?;
    assert!(
        response.to_string().len() < MOST_BYTES,
        "{}",
        response.to_string().len()
    );
    let found = &response["result"]["structuredContent"]["results"][0];
    assert_eq!(
        (&found["id"], &found["truncated"]),
        (&json!("long"), &json!(true))
    );
    let mut read = String::new();
    let mut offset = json!(0);
    while !offset.is_null() {
        let part = client.call("get_memory", json!({"id": "long", "offset": offset}))?;
        read.push_str(part["text"].as_str().unwrap_or_default());
        offset = part["next_offset"].clone();
    }
    assert!(read == text);
    Ok(())
}

#[test]
fn the_budget_can_be_set() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &["--answer-tokens", "1000"])?;
    let text = "The user drinks green tea in the morning. ".repeat(500);
    client.call("add_memory", json!({"text": text, "id": "long"}))?;
    let part = client.call("get_memory", json!({"id": "long"}))?;
    assert!(
        part["text"].as_str().is_some_and(|text| text.len() < 2_000),
        "{part}"
    );
    Ok(())
}
