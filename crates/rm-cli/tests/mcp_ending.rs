//! The server ends with its input or by a signal, and answers before it does; without a model it shakes hands all the same.

mod rmem;

use rmem::mcp::Client;
use rmem::{Outcome, Rmem};
use serde_json::json;

#[test]
fn what_was_asked_is_answered_before_the_end() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &[])?;
    for id in 100..120 {
        let call = json!({"name": "search_memories", "arguments": {"query": "tea"}});
        client
            .send(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call}))?;
    }
    let ended = client.end()?;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout.lines().count(), 20);
    // Questions that were counted are there after the end.
    assert_eq!(rmem.json(&["stats"])?["queries"], 20);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_its_status() -> Outcome {
    let rmem = Rmem::new()?;
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let mut client = Client::connect(&rmem, &[])?;
        client.call("memory_stats", json!({}))?;
        client.signal(signal)?;
        let ended = client.end()?;
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(status), ""),
            "{ended:?}"
        );
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_signal_waits_for_what_was_asked() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &[])?;
    // Once the model is there, embedding is all that takes time.
    client.call("add_memory", json!({"text": "tea"}))?;
    let memories: Vec<_> = (0..300)
        .map(|n| json!({"text": format!("{n} cups of green tea, of which the user drinks {n} in the morning")}))
        .collect();
    let call = json!({"name": "add_memories", "arguments": {"memories": memories}});
    client.send(&json!({"jsonrpc": "2.0", "id": 100, "method": "tools/call", "params": call}))?;
    std::thread::sleep(std::time::Duration::from_millis(100));
    client.signal("TERM")?;
    let answer = client.next_line()?;
    assert_eq!(
        answer["result"]["structuredContent"]["added"], 300,
        "{answer}"
    );
    assert_eq!(client.end()?.code, Some(143));
    assert_eq!(rmem.done(&["list", "--count"])?, "301\n");
    Ok(())
}

#[cfg(not(feature = "embedded-model"))]
#[test]
fn without_a_model_tools_say_what_is_missing() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let nowhere = rmem.folder().join("no-model");
    std::fs::create_dir_all(&nowhere)?;
    let mut command = rmem.command();
    command.arg("mcp").env("RM_MODEL_DIR", nowhere);
    let mut client = Client::spawn(command)?;
    client.shake_hands("2025-11-25")?;
    for (tool, arguments) in [
        ("search_memories", json!({"query": "tea"})),
        ("add_memory", json!({"text": "tea"})),
    ] {
        let line = client.refused(tool, arguments)?;
        assert!(line.contains("RM_MODEL_DIR"), "{line}");
    }
    assert_eq!(client.call("get_memory", json!({"id": "a"}))?["id"], "a");
    Ok(())
}
