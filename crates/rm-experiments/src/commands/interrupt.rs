//! What Ctrl-C does, and SIGTERM, which process managers send.

use anyhow::Result;

use crate::suite::Progress;

/// Ends the process on SIGINT or SIGTERM with the status that shells give to it, 130 or 143, after `last_words`
/// has cleared up and said what is kept.
///
/// A second signal ends the process at once. SIGHUP keeps its meaning, so that `nohup` works. Systems other than
/// Unix end the process without last words.
///
/// # Errors
/// When the system lets nobody listen for signals.
pub(super) fn on_interrupt(
    progress: &Progress,
    last_words: impl FnOnce() -> String + Send + 'static,
) -> Result<()> {
    #[cfg(unix)]
    unix::listen(progress.clone(), last_words)?;
    #[cfg(not(unix))]
    drop((progress, last_words));
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::process::exit;
    use std::thread;

    use anyhow::{Context as _, Result};
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::Progress;

    /// What shells add to the number of the signal that ended a process.
    const ENDED_BY_SIGNAL: i32 = 128;

    pub(super) fn listen(
        progress: Progress,
        last_words: impl FnOnce() -> String + Send + 'static,
    ) -> Result<()> {
        let cannot = "cannot listen for Ctrl-C";
        let mut signals = Signals::new([SIGINT, SIGTERM]).context(cannot)?;
        let listener = thread::Builder::new().name("signals".to_owned());
        let listening = move || {
            let mut caught = signals.forever();
            let Some(first) = caught.next() else {
                return;
            };
            // On a thread of its own: what clears up may have to wait, and a second signal is to be heard.
            thread::spawn(move || {
                progress.last_line(&format!("interrupted: {}", last_words()));
                exit(ENDED_BY_SIGNAL + first);
            });
            if let Some(second) = caught.next() {
                exit(ENDED_BY_SIGNAL + second);
            }
        };
        listener.spawn(listening).context(cannot)?;
        Ok(())
    }
}
