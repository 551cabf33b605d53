//! A client of `rmem mcp` that speaks the protocol by hand, for the tests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::{Ended, Outcome, Rmem};

/// The newest revision, which has no handshake.
pub(crate) const NEWEST: &str = "2026-07-28";

/// The newest revision with a handshake.
pub(crate) const PREVIOUS: &str = "2025-11-25";

/// Is a server that talks over its standard input and output.
pub(crate) struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    /// Starts a server with these options, and says nothing to it yet.
    pub(crate) fn start(rmem: &Rmem, options: &[&str]) -> Outcome<Self> {
        let mut command = rmem.command();
        command.arg("mcp").args(options);
        Self::spawn(command)
    }

    /// Does as [`start`](Self::start) with a command of one's own.
    pub(crate) fn spawn(mut command: std::process::Command) -> Outcome<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().ok_or("no output")?),
            child,
            asked: 0,
        })
    }

    /// Starts a server and shakes hands with it by the previous revision.
    pub(crate) fn connect(rmem: &Rmem, options: &[&str]) -> Outcome<Self> {
        let mut client = Self::start(rmem, options)?;
        client.shake_hands(PREVIOUS)?;
        Ok(client)
    }

    /// Shakes hands, and returns what the server says of itself.
    pub(crate) fn shake_hands(&mut self, revision: &str) -> Outcome<Value> {
        let about = self.ask("initialize", initialize(revision))?;
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(about["result"].clone())
    }

    /// Sends a request and returns the whole response.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Outcome<Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        let response = self.next_line()?;
        assert_eq!(response["id"], id, "{response}");
        Ok(response)
    }

    /// Calls a tool that has to answer, and returns its structured content, which its text has to be as well.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Outcome<Value> {
        let response = self.ask("tools/call", json!({"name": tool, "arguments": arguments}))?;
        let result = &response["result"];
        assert_eq!(result["isError"], false, "{tool}: {response}");
        let text = result["content"][0]["text"].as_str().ok_or("no text")?;
        let structured = result["structuredContent"].clone();
        assert_eq!(serde_json::from_str::<Value>(text)?, structured, "{tool}");
        Ok(structured)
    }

    /// Calls a tool that has to refuse, and returns the one line that says why.
    pub(crate) fn refused(&mut self, tool: &str, arguments: Value) -> Outcome<String> {
        let response = self.ask("tools/call", json!({"name": tool, "arguments": arguments}))?;
        let result = &response["result"];
        assert_eq!(result["isError"], true, "{tool}: {response}");
        let text = result["content"][0]["text"].as_str().ok_or("no text")?;
        assert_eq!(text.lines().count(), 1, "{tool}: {text}");
        Ok(text.to_owned())
    }

    /// Sends a message, in one line.
    pub(crate) fn send(&mut self, message: &Value) -> Outcome {
        let stdin = self.stdin.as_mut().ok_or("input is closed")?;
        writeln!(stdin, "{message}")?;
        Ok(stdin.flush()?)
    }

    /// Reads a message; whatever stands on standard output has to be one.
    pub(crate) fn next_line(&mut self) -> Outcome<Value> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let message: Value =
            serde_json::from_str(&line).map_err(|error| format!("{error}: {line:?}"))?;
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        Ok(message)
    }

    /// Sends a signal, by its name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) -> Outcome {
        signal(&self.child, name)
    }

    /// Closes the input, and returns how the server ended and what it had still to say.
    pub(crate) fn end(mut self) -> Outcome<Ended> {
        drop(self.stdin.take());
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout)?;
        let output = self.child.wait_with_output()?;
        Ok(Ended {
            code: output.status.code(),
            stdout,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

/// Returns the parameters of a handshake.
pub(crate) fn initialize(revision: &str) -> Value {
    json!({
        "protocolVersion": revision,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    })
}

/// Adds to parameters what the newest revision wants with every request.
pub(crate) fn with_revision(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": NEWEST,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

/// Is a server that listens for HTTP.
pub(crate) struct HttpServer {
    child: Child,
    pub(crate) address: String,
}

/// Is an answer over HTTP.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl HttpServer {
    /// Starts one on a free port.
    pub(crate) fn start(rmem: &Rmem) -> Outcome<Self> {
        let mut command = rmem.command();
        let mut child = command
            .args(["mcp", "--http", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stderr = child.stderr.as_mut().ok_or("no errors")?;
        BufReader::new(stderr).read_line(&mut line)?;
        let address = line.trim().strip_prefix("rmem: serving http://");
        let address = address.and_then(|address| address.strip_suffix("/mcp"));
        let address = address
            .ok_or_else(|| format!("unexpected: {line}"))?
            .to_owned();
        Ok(Self { child, address })
    }

    /// Sends a request with these headers beside the usual ones; one that is given takes the place of the usual one.
    pub(crate) fn request(
        &self,
        head: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Outcome<HttpAnswer> {
        let length = body.len().to_string();
        let usual = [
            ("Host", self.address.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("Content-Length", &length),
            ("Connection", "close"),
        ];
        let is_given = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let usual = usual.iter().filter(|(name, _)| !is_given(name));
        let headers: String = usual
            .chain(headers)
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let mut stream = TcpStream::connect(&self.address)?;
        write!(stream, "{head} HTTP/1.1\r\n{headers}\r\n{body}")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
        let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
        Ok(HttpAnswer {
            status,
            body: body.to_owned(),
        })
    }

    /// Sends a message to the server's path.
    pub(crate) fn post(&self, headers: &[(&str, &str)], message: &Value) -> Outcome<HttpAnswer> {
        self.request("POST /mcp", headers, &message.to_string())
    }

    /// Ends it by a signal, and returns its status and what stood on standard output.
    #[cfg(unix)]
    pub(crate) fn end(self, name: &str) -> Outcome<(Option<i32>, String)> {
        signal(&self.child, name)?;
        let output = self.child.wait_with_output()?;
        Ok((output.status.code(), String::from_utf8(output.stdout)?))
    }
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) -> Outcome {
    let kill = std::process::Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status()?;
    assert!(kill.success());
    Ok(())
}
