//! How clients reach the server.

pub(crate) mod http;
mod signals;
pub(crate) mod stdio;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::Semaphore;

pub use http::PATH;

use crate::handler::CALLS_AT_ONCE;
use crate::{Error, Result};

/// How long calls that are worked on are waited for after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// Says what ended a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The client has closed its side.
    InputClosed,
    /// This signal came: 2 for Ctrl-C, 15 for SIGTERM.
    Signal(i32),
}

/// Runs a server to its end: one thread that listens, and others for the calls.
fn run(serving: impl Future<Output = Result<Ended>>) -> Result<Ended> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(CALLS_AT_ONCE as usize + 4)
        .thread_name("call")
        .build()
        .map_err(Error::Start)?;
    let ended = runtime.block_on(serving);
    // A thread may wait for standard input, which need never come.
    runtime.shutdown_background();
    ended
}

/// Waits for the calls that are worked on, as long as that is reasonable.
async fn drain(calls: &Arc<Semaphore>) {
    let all = calls.acquire_many(CALLS_AT_ONCE);
    // Those that take longer are interrupted, as a kill would; what is stored is whole.
    let _ = tokio::time::timeout(GRACE, all).await;
}
