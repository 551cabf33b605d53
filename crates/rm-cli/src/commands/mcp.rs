//! `rmem mcp`: serves the memory to LLM agents.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Result;
use clap::Args;
use rm_mcp::{DEFAULT_ANSWER_TOKENS, Ended, McpServer, PATH};

use crate::arguments::Shared;
use crate::error::{EndedBySignal, NotUnderstood};
use crate::open::open_to_serve;

/// Where HTTP is served where nothing is said.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8765";

const AFTER: &str = "\
Examples:
  rmem mcp
  rmem mcp --db agent.db --namespace acme
  rmem mcp --http
  rmem mcp --http 127.0.0.1:9000 --read-only

Without --http it serves the agent that has started it, over standard input and output, until the input ends. With it, any number of \
agents on this machine, at http://127.0.0.1:8765/mcp. Makes the memory if there is none. Ctrl-C and SIGTERM end it once what was asked is \
answered.";

/// Holds the arguments of `mcp`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct McpArgs {
    /// Serve streamable HTTP at this address of this machine: a port, or ADDRESS:PORT; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = DEFAULT_ADDRESS, value_parser = address)]
    http: Option<SocketAddr>,

    /// Leave out the tools that change the memory.
    #[arg(long)]
    read_only: bool,

    /// Tokens that an answer has at most, estimated on the high side.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_ANSWER_TOKENS, value_parser = answer_tokens)]
    answer_tokens: usize,
}

/// Serves until the client goes, or a signal ends it.
pub(crate) fn run(shared: &Shared, arguments: &McpArgs) -> Result<()> {
    if shared.json {
        let told = "mcp speaks JSON by itself; leave --json out";
        return Err(NotUnderstood(told.into()).into());
    }
    let memory = open_to_serve(shared, !arguments.read_only)?;
    let server = McpServer::new(memory.clone())
        .read_only(arguments.read_only)
        .answer_tokens(arguments.answer_tokens);
    let ended = match arguments.http {
        None => server.serve_stdio(),
        Some(address) => server.serve_http(address, listening),
    };
    drop(server);
    memory.close()?;
    match ended? {
        Ended::InputClosed => Ok(()),
        Ended::Signal(signal) => Err(EndedBySignal(signal).into()),
    }
}

/// Says where the server is, where people read: standard output is for the protocol.
fn listening(address: SocketAddr) {
    // Where nobody reads it, it is served all the same.
    drop(writeln!(
        io::stderr(),
        "rmem: serving http://{address}{PATH}"
    ));
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .parse()
        .map(|port: u16| (IpAddr::from(Ipv4Addr::LOCALHOST), port));
    let address = match (port, text.strip_prefix("localhost:").map(str::parse)) {
        (Ok(address), _) => address.into(),
        (_, Some(Ok(port))) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        _ => text
            .parse()
            .map_err(|_| format!("expected a port or ADDRESS:PORT, such as {DEFAULT_ADDRESS}"))?,
    };
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("only addresses of this machine are served, such as 127.0.0.1, for there is no access control".to_owned())
    }
}

fn answer_tokens(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number >= 1_000);
    number.ok_or_else(|| "expected a number from 1000 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_one_of_this_machine() {
        for text in ["9000", "localhost:9000", "127.0.0.1:9000"] {
            let expected = Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 9000)));
            assert_eq!(address(text), expected, "{text}");
        }
        assert!(address("[::1]:9000").is_ok());
    }

    #[test]
    fn other_machines_are_refused() {
        for text in [
            "0.0.0.0:9000",
            "192.168.0.2:9000",
            "[::]:9000",
            "example.com:80",
            "",
            "70000",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
