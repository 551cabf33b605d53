//! A Routing Memory as an MCP server: tools by which LLM agents remember, search and forget.
//!
//! It features
//! - [`McpServer`]: the tools of one memory, over stdio or over streamable HTTP on this machine, for the protocol's revision
//!   2026-07-28 and all before it that have a handshake;
//! - output schemas, structured content and the same as text, and all four hints on each tool;
//! - answers within a budget of tokens ([`DEFAULT_ANSWER_TOKENS`]), which say where something was cut or left out;
//! - errors that the agent can mend as results of the tool, in one line that says what to do.
//!
//! It is not reachable from other machines and has no access control: whoever can reach it can read and change the memory. Over
//! HTTP it answers no web page but those of this machine (`Origin`, `Host`).
//!
//! ```no_run
//! use rm_mcp::McpServer;
//! use rm_memory::RoutingMemory;
//!
//! let memory = RoutingMemory::open("agent.db")?;
//! McpServer::new(memory).serve_stdio()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod answer;
mod error;
mod handler;
mod memories;
mod refusal;
mod schema;
mod server;
mod tool;
mod tools;
mod transport;

pub use error::{Error, Result};
pub use memories::DEFAULT_ANSWER_TOKENS;
pub use server::McpServer;
pub use transport::{Ended, PATH};
