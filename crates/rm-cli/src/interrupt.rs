//! What Ctrl-C does, and SIGTERM, while a command has something to say about what is kept.

use anyhow::Result;

/// Ends the process on SIGINT or SIGTERM with the status that shells give to it, 130 or 143, after `last_words` has said what is
/// kept. Systems other than Unix end the process without last words.
///
/// # Errors
/// When the system lets nobody listen for signals.
pub(crate) fn on_interrupt(last_words: impl FnOnce() -> String + Send + 'static) -> Result<()> {
    #[cfg(unix)]
    unix::listen(last_words)?;
    #[cfg(not(unix))]
    drop(last_words);
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Write as _};
    use std::process::exit;
    use std::thread;

    use anyhow::{Context as _, Result};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use crate::error::ENDED_BY_SIGNAL;

    pub(super) fn listen(last_words: impl FnOnce() -> String + Send + 'static) -> Result<()> {
        let cannot = "cannot listen for Ctrl-C";
        let mut signals = Signals::new([SIGINT, SIGTERM]).context(cannot)?;
        let listening = move || {
            if let Some(signal) = signals.forever().next() {
                // What the terminal has echoed of Ctrl-C, and a bar, stand at the start of the line.
                drop(writeln!(io::stderr(), "\ninterrupted: {}", last_words()));
                exit(ENDED_BY_SIGNAL + signal);
            }
        };
        let listener = thread::Builder::new().name("signals".to_owned());
        listener.spawn(listening).context(cannot)?;
        Ok(())
    }
}
