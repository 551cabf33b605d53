//! The current revision of the protocol is spoken, and those before it.

mod rmem;

use rmem::mcp::{Client, NEWEST, PREVIOUS, with_revision};
use rmem::{Outcome, Rmem};
use serde_json::json;

#[test]
fn each_revision_with_a_handshake_is_echoed() -> Outcome {
    let rmem = Rmem::new()?;
    for revision in ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] {
        let mut client = Client::start(&rmem, &[])?;
        let about = client.shake_hands(revision)?;
        assert_eq!(about["protocolVersion"], revision, "{about}");
        assert_eq!(about["serverInfo"]["name"], "rmem");
        let instructions = about["instructions"].as_str().unwrap_or_default();
        assert!(instructions.contains("search_memories"), "{about}");
        let tools = client.ask("tools/list", json!({}))?;
        assert!(tools["result"]["tools"].is_array(), "{tools}");
        assert_eq!(client.end()?.code, Some(0));
    }
    Ok(())
}

#[test]
fn an_unknown_revision_gets_the_newest_with_a_handshake() -> Outcome {
    let rmem = Rmem::new()?;
    for revision in ["1999-01-01", "2099-01-01", NEWEST] {
        let mut client = Client::start(&rmem, &[])?;
        let about = client.shake_hands(revision)?;
        assert_eq!(about["protocolVersion"], PREVIOUS, "{revision}");
    }
    Ok(())
}

#[test]
fn the_newest_revision_needs_no_handshake() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::start(&rmem, &[])?;
    let about = client.ask("server/discover", with_revision(json!({})))?;
    let versions = about["result"]["supportedVersions"].as_array();
    assert!(
        versions.is_some_and(|all| all.contains(&json!(NEWEST))),
        "{about}"
    );
    let add = json!({"name": "add_memory", "arguments": {"text": "tea at four", "id": "tea"}});
    let added = client.ask("tools/call", with_revision(add))?;
    assert_eq!(added["result"]["structuredContent"]["id"], "tea", "{added}");
    assert_eq!(added["result"]["resultType"], "complete", "{added}");
    let unknown = json!({"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2099-01-01",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    let refused = client.ask("tools/list", unknown)?;
    assert_eq!(
        refused["error"]["data"]["requested"], "2099-01-01",
        "{refused}"
    );
    assert_eq!(client.end()?.code, Some(0));
    Ok(())
}
