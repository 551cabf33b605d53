//! How a file is opened.

use std::time::Duration;

/// Options of a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What an acknowledged change survives. Default: [`Durability::Full`].
    pub durability: Durability,
    /// How long to wait for another connection before giving up with [`Error::Busy`](crate::Error::Busy). Default: 5 s.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(5),
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
