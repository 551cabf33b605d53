//! How far long work has come, on a terminal alone.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two looks of a bar.
const TICK: Duration = Duration::from_millis(200);

/// Shows how many bytes of an input have been worked off, or that work goes on where nobody knows how many there are; the message
/// says the rest.
pub(crate) fn byte_bar(what: &'static str, total_bytes: Option<u64>) -> ProgressBar {
    match total_bytes {
        Some(bytes) => bar(
            ProgressBar::new(bytes),
            what,
            "{prefix} [{bar:30}] {percent}% {msg}, {eta} left",
        ),
        None => bar(
            ProgressBar::new_spinner(),
            what,
            "{prefix} {spinner} {msg}, {elapsed}",
        ),
    }
}

/// Shows how many items have been worked off.
pub(crate) fn counted_bar(what: &'static str) -> ProgressBar {
    let template = "{prefix} [{bar:30}] {human_pos} of {human_len} items, {eta} left";
    bar(ProgressBar::new(0), what, template)
}

fn bar(bar: ProgressBar, what: &'static str, template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(what);
    bar.enable_steady_tick(TICK);
    bar
}
