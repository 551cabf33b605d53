//! What cannot be done is told to the agent in one line; what is no call at all is an error of the protocol. Either way the server
//! goes on.

mod rmem;

use rmem::mcp::Client;
use rmem::{Outcome, Rmem};
use serde_json::json;

#[test]
fn refusals_say_what_to_do() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &[])?;
    for (tool, arguments, told) in [
        (
            "get_memory",
            json!({"id": "x"}),
            "no memory has the id \"x\"; search_memories",
        ),
        ("fetch", json!({"id": "x"}), "no memory has the id"),
        ("delete_memory", json!({"id": "x"}), "no memory has the id"),
        (
            "update_memory",
            json!({"id": "x", "text": "t"}),
            "no memory has the id",
        ),
        ("update_memory", json!({"id": "a"}), "nothing to change"),
        (
            "update_memory",
            json!({"id": "a", "importance": 2}),
            "importance: expected 0 to 1, got 2",
        ),
        (
            "update_memory",
            json!({"id": "a", "ttl_seconds": -1}),
            "ttl_seconds: expected",
        ),
        (
            "add_memory",
            json!({"text": "t", "id": "a"}),
            "update_memory changes it",
        ),
        (
            "add_memory",
            json!({"text": "  "}),
            "at least one visible character",
        ),
        (
            "add_memory",
            json!({"text": "t", "id": "i".repeat(300)}),
            "id: expected at most 256 bytes",
        ),
        (
            "add_memory",
            json!({"txt": "t"}),
            "unknown field `txt`, expected one of `text`",
        ),
        ("add_memory", json!({}), "missing field `text`"),
        ("add_memory", json!({"text": 1}), "expected a string"),
        (
            "add_memories",
            json!({"memories": []}),
            "memories: expected 1 to 1000, got 0",
        ),
        (
            "add_memories",
            json!({"memories": [{"text": "t"}, {"text": "u", "id": "a"}]}),
            "memories[1]: there is",
        ),
        (
            "add_memories",
            json!({"memories": [{"text": "t", "id": "z"}, {"text": "u", "id": "z"}]}),
            "two have the id",
        ),
        (
            "search_memories",
            json!({"query": ""}),
            "at least one visible character",
        ),
        (
            "search_memories",
            json!({"query": "t", "limit": 0}),
            "limit: expected 1 to 100, got 0",
        ),
        (
            "search_memories",
            json!({"query": "t", "min_score": 9}),
            "min_score: expected -1 to 1",
        ),
        (
            "search_memories",
            json!({"query": "t", "filter": {"a": {"over": 1}}}),
            "filter at a.over",
        ),
        (
            "search_memories",
            json!({"query": "t", "recency_half_life_days": 0}),
            "recency_half_life_days: expected a number above 0",
        ),
        (
            "search_memories",
            json!({"query": "t", "namespace": " x "}),
            "namespace",
        ),
        ("get_memories", json!({"cursor": "?"}), "cursor"),
        (
            "get_memory",
            json!({"id": "a", "offset": 1000}),
            "offset: expected at most",
        ),
        (
            "build_context",
            json!({"query": "t", "max_tokens": 0}),
            "max_tokens: expected",
        ),
        (
            "delete_all_memories",
            json!({}),
            "would delete 3 memories for good",
        ),
        (
            "delete_all_memories",
            json!({"confirm": false}),
            "confirm: true",
        ),
        (
            "delete_all_memories",
            json!({"confirm": true, "filter": {"a": {"over": 1}}}),
            "filter at a.over",
        ),
    ] {
        let line = client.refused(tool, arguments)?;
        assert!(line.contains(told), "{tool}: {line}");
    }
    assert_eq!(client.call("memory_stats", json!({}))?["items"], 3);
    assert_eq!(client.end()?.code, Some(0));
    Ok(())
}

#[test]
fn what_is_no_call_is_an_error_of_the_protocol() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &[])?;
    for (method, params, code) in [
        ("tools/call", json!({"name": "nothing"}), -32602),
        ("nothing", json!({}), -32601),
        ("resources/list", json!({}), -32601),
    ] {
        let response = client.ask(method, params)?;
        assert_eq!(response["error"]["code"], code, "{response}");
    }
    client.send(&json!([1]))?;
    assert_eq!(client.next_line()?["error"]["code"], -32600);
    assert!(client.ask("ping", json!({}))?["result"].is_object());
    let ended = client.end()?;
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
    Ok(())
}

#[test]
fn who_does_not_speak_the_protocol_is_told_on_standard_error() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::start(&rmem, &[])?;
    client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
    let ended = client.end()?;
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(1), ""),
        "{ended:?}"
    );
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    Ok(())
}

#[test]
fn json_is_not_asked_for_twice() -> Outcome {
    let rmem = Rmem::new()?;
    rmem.refused(&["mcp", "--json"], 2)?;
    rmem.refused(&["mcp", "--http", "0.0.0.0:0"], 2)?;
    rmem.refused(&["mcp", "--answer-tokens", "9"], 2)?;
    Ok(())
}
