//! Every answer keeps within its budget, whatever the memories hold: held to the tokenizers of two models, on the whole result as
//! it goes over the wire.

use std::sync::Arc;

use rm_embed::Embeddings;
use rm_memory::{Embedder, NewItem, RoutingMemory};
use rmcp::model::{CallToolResult, JsonObject};
use serde_json::{Map, Value, json};
use tiktoken_rs::{CoreBPE, cl100k_base, o200k_base};

use super::all;
use crate::memories::Memories;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Embeds any text as the same vector, so that every search finds everything.
struct AllAlike;

impl Embedder for AllAlike {
    fn dim(&self) -> usize {
        2
    }

    fn fingerprint(&self) -> &str {
        "all alike"
    }

    fn embed(&self, _text: &str) -> rm_embed::Result<Vec<f32>> {
        Ok(vec![1.0, 0.0])
    }

    fn embed_batch(&self, texts: &[&str]) -> rm_embed::Result<Embeddings> {
        let rows = [1.0, 0.0].repeat(texts.len());
        Ok(Embeddings::from_rows(2, rows).expect("two components a row"))
    }
}

/// Holds sixty memories of each kind of text, those of thousands of words among them.
fn memories(answer_tokens: usize) -> Outcome<Memories> {
    let memory = RoutingMemory::builder()
        .embedder(Arc::new(AllAlike))
        .open()?;
    let texts = [
        "The user prefers dark mode, and tea at four. ".repeat(3_000),
        "Мы вчера пили чай в парке. ".repeat(2_000),
        "我们昨天在公园里喝茶".repeat(2_000),
        "🍵🎉🧠".repeat(3_000),
        "{\"a\": [1, \"b\\n\"]}\n".repeat(2_000),
        "tea".to_owned(),
    ];
    for n in 0..60 {
        for (kind, text) in texts.iter().enumerate() {
            let mut item = NewItem::new(text).id(format!("{kind}-{n}"));
            if n % 7 == 0 {
                item = item.meta("notes", "a long note ".repeat(2_000));
            }
            memory.add(item)?;
        }
    }
    Ok(Memories {
        memory,
        answer_tokens,
    })
}

fn called(memories: &Memories, name: &str, arguments: Value) -> Outcome<CallToolResult> {
    let entries = all();
    let entry = entries.iter().find(|entry| entry.tool.name == name);
    let arguments: JsonObject = serde_json::from_value(arguments)?;
    Ok(entry.ok_or("no such tool")?.result(memories, arguments))
}

fn tokens(tokenizers: &[CoreBPE], text: &str) -> usize {
    let counts = tokenizers.iter().map(|it| it.encode_ordinary(text).len());
    counts.max().unwrap_or(0)
}

#[test]
fn every_answer_keeps_within_its_budget() -> Outcome {
    let tokenizers = [cl100k_base()?, o200k_base()?];
    for budget in [10_000, 2_000] {
        let memories = memories(budget)?;
        let many: Vec<Value> = (0..1_000)
            .map(|n| json!({"text": format!("fact {n}")}))
            .collect();
        for (name, arguments) in [
            ("search_memories", json!({"query": "tea"})),
            ("search_memories", json!({"query": "tea", "limit": 100})),
            ("get_memories", json!({})),
            ("get_memories", json!({"limit": 100})),
            ("get_memory", json!({"id": "0-0"})),
            ("get_memory", json!({"id": "3-1"})),
            ("update_memory", json!({"id": "4-7", "pinned": true})),
            (
                "build_context",
                json!({"query": "tea", "max_tokens": 100_000}),
            ),
            ("search", json!({"query": "tea"})),
            ("fetch", json!({"id": "2-1"})),
            ("add_memories", json!({"memories": many})),
            ("memory_stats", json!({})),
        ] {
            let result = called(&memories, name, arguments)?;
            assert_ne!(result.is_error, Some(true), "{name}: {result:?}");
            let tokens = tokens(&tokenizers, &serde_json::to_string(&result)?);
            println!("{name}: {tokens} of {budget}");
            assert!(tokens <= budget, "{name}: {tokens} of {budget}");
        }
    }
    Ok(())
}

#[test]
fn a_long_text_is_read_in_parts() -> Outcome {
    let memories = memories(10_000)?;
    let whole = memories.memory.get("2-1")?.ok_or("gone")?.text;
    let mut read = String::new();
    let mut offset = Some(0);
    while let Some(from) = offset {
        let part = called(
            &memories,
            "get_memory",
            json!({"id": "2-1", "offset": from}),
        )?;
        let part = part.structured_content.ok_or("no content")?;
        read.push_str(part["text"].as_str().ok_or("no text")?);
        offset = part["next_offset"].as_u64();
        assert_eq!(part["truncated"] == true, offset.is_some());
    }
    assert_eq!(read, whole);
    Ok(())
}

#[test]
fn pages_bring_every_memory_once() -> Outcome {
    let memories = memories(10_000)?;
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = called(
            &memories,
            "get_memories",
            json!({"limit": 50, "cursor": cursor}),
        )?;
        let page = page.structured_content.ok_or("no content")?;
        let items = page["memories"].as_array().ok_or("no memories")?;
        ids.extend(items.iter().map(|item| item["id"].to_string()));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(ids.len(), 360);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 360);
    Ok(())
}

#[test]
fn what_is_left_out_is_told() -> Outcome {
    let memories = memories(2_000)?;
    let found = called(
        &memories,
        "search_memories",
        json!({"query": "tea", "limit": 100}),
    )?;
    let found = found.structured_content.ok_or("no content")?;
    let shown = found["results"].as_array().map_or(0, Vec::len);
    assert_eq!(found["left_out"], 100 - shown);
    assert!(shown > 0 && shown < 100, "{shown}");
    let is_cut = |item: &Map<String, Value>| item.get("truncated") == Some(&Value::Bool(true));
    let results = found["results"].as_array().into_iter().flatten();
    assert!(results.filter_map(Value::as_object).any(is_cut));
    Ok(())
}
