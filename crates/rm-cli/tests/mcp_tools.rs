//! The tools are told in full, and `--read-only` leaves out those that change the memory.

mod rmem;

use rmem::mcp::Client;
use rmem::{Outcome, Rmem};
use serde_json::{Value, json};

/// Tools that only read.
const READING: [&str; 8] = [
    "search_memories",
    "get_memory",
    "get_memories",
    "build_context",
    "memory_stats",
    "drift_status",
    "search",
    "fetch",
];

/// Tools that change the memory, and whether they take away from it.
const WRITING: [(&str, bool); 5] = [
    ("add_memory", false),
    ("add_memories", false),
    ("update_memory", true),
    ("delete_memory", true),
    ("delete_all_memories", true),
];

fn listed(options: &[&str], rmem: &Rmem) -> Outcome<Vec<Value>> {
    let mut client = Client::connect(rmem, options)?;
    let tools = client.ask("tools/list", json!({}))?;
    Ok(tools["result"]["tools"]
        .as_array()
        .cloned()
        .unwrap_or_default())
}

#[test]
fn every_tool_has_hints_and_schemas() -> Outcome {
    let rmem = Rmem::new()?;
    let tools = listed(&[], &rmem)?;
    assert_eq!(tools.len(), READING.len() + WRITING.len());
    for tool in tools {
        let name = tool["name"].as_str().unwrap_or_default();
        let reads = READING.contains(&name);
        let destroys = WRITING.contains(&(name, true));
        assert!(
            reads || destroys || WRITING.contains(&(name, false)),
            "{name}"
        );
        let adds = !reads && !destroys;
        let hints = json!({
            "title": tool["title"],
            "readOnlyHint": reads,
            "destructiveHint": destroys,
            "idempotentHint": !adds,
            "openWorldHint": false,
        });
        assert_eq!(tool["annotations"], hints, "{name}");
        assert!(
            tool["title"].is_string() && tool["description"].is_string(),
            "{name}"
        );
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{name}");
        }
    }
    Ok(())
}

#[test]
fn read_only_offers_no_tool_that_changes_anything() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let tools = listed(&["--read-only"], &rmem)?;
    let names: Vec<&str> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(names, READING);
    let mut client = Client::connect(&rmem, &["--read-only"])?;
    let call = json!({"name": "delete_memory", "arguments": {"id": "a"}});
    let refused = client.ask("tools/call", call)?;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    Ok(())
}

#[test]
fn read_only_makes_no_file() -> Outcome {
    let rmem = Rmem::new()?;
    rmem.refused(&["mcp", "--read-only"], 1)?;
    assert!(!rmem.db().exists());
    Ok(())
}
