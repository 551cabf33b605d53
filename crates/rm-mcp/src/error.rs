//! What ends a server.

use std::net::SocketAddr;

/// The result of serving.
pub type Result<T> = std::result::Result<T, Error>;

/// Says why a server could not begin, or go on. What goes wrong in a tool is told to whoever called it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Only addresses of this machine are listened at: there is no access control.
    #[error(
        "expected an address of this machine, such as 127.0.0.1, got {address}; from elsewhere, go through ssh or a proxy of your own"
    )]
    NotLoopback {
        /// What came.
        address: SocketAddr,
    },

    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The refusal.
        source: std::io::Error,
    },

    /// The system starts no thread, or lets nobody listen for signals.
    #[error("the server could not be started")]
    Start(#[source] std::io::Error),

    /// The client does not speak the protocol.
    #[error("the client began otherwise than MCP does: {what}")]
    Handshake {
        /// What came.
        what: String,
    },
}
