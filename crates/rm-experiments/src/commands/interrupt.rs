//! What Ctrl-C does.

use anyhow::{Context as _, Result};

/// Exit status of a process that Ctrl-C ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Ends the process on Ctrl-C, after `last_words` has cleared up and said what is kept.
pub(super) fn on_interrupt(last_words: impl Fn() -> String + Send + 'static) -> Result<()> {
    let handler = move || {
        eprintln!("\ninterrupted: {}", last_words());
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}
