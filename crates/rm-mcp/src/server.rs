//! A memory that is served.

use std::net::SocketAddr;

use rm_memory::RoutingMemory;

use crate::Result;
use crate::handler::Handler;
use crate::memories::{DEFAULT_ANSWER_TOKENS, Memories};
use crate::tool::Effect;
use crate::tools;
use crate::transport::{Ended, http, stdio};

/// Fewest tokens that an answer can be held to.
const LEAST_ANSWER_TOKENS: usize = 1_000;

/// Serves the tools of one memory until its client goes, or a signal ends it.
///
/// It starts the threads that it needs and takes Ctrl-C and SIGTERM upon itself: after either it answers what has been asked, and
/// returns. The memory stays open as long as other handles of it are.
///
/// ```no_run
/// use rm_mcp::McpServer;
/// use rm_memory::RoutingMemory;
///
/// let memory = RoutingMemory::open("agent.db")?;
/// let server = McpServer::new(memory).read_only(true);
/// server.serve_http("127.0.0.1:8765".parse()?, |address| eprintln!("listening at {address}"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct McpServer {
    memories: Memories,
    read_only: bool,
}

impl McpServer {
    /// Serves a memory; its namespace is the one that is meant where a call names none.
    #[must_use]
    pub fn new(memory: RoutingMemory) -> Self {
        Self {
            memories: Memories {
                memory,
                answer_tokens: DEFAULT_ANSWER_TOKENS,
            },
            read_only: false,
        }
    }

    /// Leaves out the tools that change the memory (default: they are there).
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Sets how many tokens an answer has at most, structured content and text together (default
    /// [`DEFAULT_ANSWER_TOKENS`], at least 1,000). They are estimated on the high side: a model counts fewer.
    #[must_use]
    pub fn answer_tokens(mut self, answer_tokens: usize) -> Self {
        self.memories.answer_tokens = answer_tokens.max(LEAST_ANSWER_TOKENS);
        self
    }

    /// Serves one client over standard input and output until the input ends.
    ///
    /// # Errors
    /// When the client does not speak the protocol, or the system starts no threads.
    pub fn serve_stdio(&self) -> Result<Ended> {
        stdio::serve(self.handler())
    }

    /// Serves any number of clients over streamable HTTP at [`PATH`](crate::PATH) of an address of this machine; `listening` is called
    /// with the address once it is listened at, which tells the port where 0 was asked for.
    ///
    /// # Errors
    /// [`Error::NotLoopback`](crate::Error::NotLoopback), and when the address cannot be listened at.
    pub fn serve_http(
        &self,
        address: SocketAddr,
        listening: impl FnOnce(SocketAddr),
    ) -> Result<Ended> {
        http::serve(self.handler(), address, listening)
    }

    fn handler(&self) -> Handler {
        let mut entries = tools::all();
        if self.read_only {
            entries.retain(|entry| entry.effect == Effect::Reads);
        }
        Handler::new(self.memories.clone(), entries, self.read_only)
    }
}
