//! How a file is opened.

use std::time::Duration;

/// Options of a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What an acknowledged change survives. Default: [`Durability::Full`].
    pub durability: Durability,
    /// How long to wait for another connection before giving up with [`Error::Busy`](crate::Error::Busy). Default: 5 s.
    pub busy_timeout: Duration,
    /// Whether the file is read through the process's address space. Default: no.
    ///
    /// A vector is then read in about half the time, since no page is copied. In return whoever cuts the file short while it
    /// is open kills the process (`SIGBUS`), where otherwise the read would be an error; and pages that were read count as
    /// the process's resident memory, though the system can take them back at any time.
    pub mapped: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(5),
            mapped: false,
        }
    }
}

/// What an acknowledged change survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// A killed process and a power cut: every change is synced to the disk before it is acknowledged.
    #[default]
    Full,
    /// A killed process. A power cut or a crash of the operating system can take back the last acknowledged changes, but never
    /// half of one and never the file: what is left is the state after some earlier change. In return a change costs no sync.
    Normal,
}
