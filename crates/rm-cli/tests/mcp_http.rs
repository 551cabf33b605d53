//! Over HTTP, this machine is served and no page of any other.

mod rmem;

use rmem::mcp::{HttpServer, NEWEST, PREVIOUS, initialize, with_revision};
use rmem::{Outcome, Rmem};
use serde_json::{Value, json};

fn ping() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
}

#[test]
fn both_revisions_are_answered() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let server = HttpServer::start(&rmem)?;
    let hello =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize(PREVIOUS)});
    let answer = server.post(&[], &hello)?;
    assert_eq!(answer.status, 200, "{answer:?}");
    let about: Value = serde_json::from_str(&answer.body)?;
    assert_eq!(about["result"]["protocolVersion"], PREVIOUS);
    let call = json!({"name": "get_memory", "arguments": {"id": "a"}});
    let older = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call});
    let newer =
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": with_revision(call)});
    for (message, headers) in [
        (older, &[("MCP-Protocol-Version", PREVIOUS)][..]),
        (
            newer,
            &[
                ("MCP-Protocol-Version", NEWEST),
                ("Mcp-Method", "tools/call"),
                ("Mcp-Name", "get_memory"),
            ],
        ),
    ] {
        let answer = server.post(headers, &message)?;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer: Value = serde_json::from_str(&answer.body)?;
        assert_eq!(answer["result"]["structuredContent"]["id"], "a", "{answer}");
    }
    Ok(())
}

#[test]
fn a_page_of_another_machine_is_refused() -> Outcome {
    let rmem = Rmem::new()?;
    let server = HttpServer::start(&rmem)?;
    for origin in [
        "https://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "null",
        "file://",
    ] {
        let answer = server.post(&[("Origin", origin)], &ping())?;
        assert_eq!(answer.status, 403, "{origin}: {answer:?}");
    }
    for host in ["example.com", "example.com:8765", "127.0.0.1.example.com"] {
        let answer = server.post(&[("Host", host)], &ping())?;
        assert_eq!(answer.status, 403, "{host}: {answer:?}");
    }
    Ok(())
}

#[test]
fn a_page_of_this_machine_is_answered() -> Outcome {
    let rmem = Rmem::new()?;
    let server = HttpServer::start(&rmem)?;
    for origin in [
        "http://localhost:6274",
        "http://127.0.0.1",
        "http://[::1]:80",
        "https://localhost",
    ] {
        let answer = server.post(&[("Origin", origin)], &ping())?;
        assert_eq!(answer.status, 200, "{origin}: {answer:?}");
    }
    assert_eq!(server.post(&[], &ping())?.status, 200);
    Ok(())
}

#[test]
fn what_is_no_message_is_refused() -> Outcome {
    let rmem = Rmem::new()?;
    let server = HttpServer::start(&rmem)?;
    for (head, body, status) in [
        ("GET /mcp", "", 405),
        ("DELETE /mcp", "", 405),
        ("POST /", "{}", 404),
        ("POST /mcp/more", "{}", 404),
        ("POST /mcp", "no JSON", 400),
        ("POST /mcp", "{}", 400),
    ] {
        let answer = server.request(head, &[], body)?;
        let close =
            answer.status == status || (status == 400 && (400..500).contains(&answer.status));
        assert!(close, "{head}: {answer:?}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_its_status() -> Outcome {
    let rmem = Rmem::new()?;
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let server = HttpServer::start(&rmem)?;
        let idle = std::net::TcpStream::connect(&server.address)?;
        let (code, stdout) = server.end(signal)?;
        assert_eq!((code, stdout.as_str()), (Some(status), ""));
        drop(idle);
    }
    Ok(())
}

#[test]
fn a_taken_port_is_named() -> Outcome {
    let rmem = Rmem::new()?;
    let server = HttpServer::start(&rmem)?;
    let said = rmem.refused(&["mcp", "--http", &server.address], 1)?;
    assert!(said.contains("cannot listen at"), "{said}");
    Ok(())
}
