//! How far long work has come: bars on a terminal, plain lines anywhere else.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time between two plain lines about one task.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Shows messages and the progress of tasks on standard error; clones share one display.
#[derive(Debug, Clone)]
pub struct Progress {
    display: Display,
}

#[derive(Debug, Clone)]
enum Display {
    Bars(MultiProgress),
    Lines,
    Silent,
}

impl Progress {
    /// Chooses bars where standard error is a terminal and plain lines where it is a file or a
    /// pipe.
    #[must_use]
    pub fn on_stderr() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            display: if terminal {
                Display::Bars(MultiProgress::new())
            } else {
                Display::Lines
            },
        }
    }

    /// Shows nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            display: Display::Silent,
        }
    }

    /// Shows one line above whatever bars there are.
    pub fn message(&self, line: &str) {
        match &self.display {
            // A line that cannot be shown (the terminal is gone) is no reason to stop the work.
            Display::Bars(bars) => drop(bars.println(line)),
            Display::Lines => write_line(line),
            Display::Silent => {}
        }
    }

    /// Shows a line below whatever was shown, then no bar any more: the process is about to end.
    pub fn last_line(&self, line: &str) {
        match &self.display {
            Display::Bars(bars) => {
                drop(bars.clear());
                bars.set_draw_target(ProgressDrawTarget::hidden());
                // What the terminal has echoed of Ctrl-C stands at the start of the line.
                write_line(&format!("\n{line}"));
            }
            Display::Lines => write_line(line),
            Display::Silent => {}
        }
    }

    /// Shows a line that must not be overlooked.
    pub fn warn(&self, line: &str) {
        self.message(&format!("WARNING: {line}"));
    }

    /// Starts showing a task of `total` steps, each one of `unit` ("texts").
    #[must_use]
    pub fn task(&self, label: &str, total: u64, unit: &str) -> Task {
        let bar = match &self.display {
            Display::Bars(bars) => Some(bars.add(bar(label, total, unit))),
            Display::Lines | Display::Silent => None,
        };
        if matches!(self.display, Display::Lines) {
            self.message(&format!("{label}: {total} {unit}"));
        }
        let now = Instant::now();
        Task {
            progress: self.clone(),
            label: label.to_owned(),
            unit: unit.to_owned(),
            total,
            done: AtomicU64::new(0),
            free: AtomicU64::new(0),
            started: now,
            last_line: Arc::new(Mutex::new(now)),
            bar,
        }
    }
}

/// Writes a line to standard error; where nobody can read it any more (a closed pipe, a full disk), the work goes on.
fn write_line(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

fn bar(label: &str, total: u64, unit: &str) -> ProgressBar {
    let template = format!("{{prefix}} [{{bar:30}}] {{human_pos}}/{{human_len}} {unit}{{msg}}");
    let bar = ProgressBar::new(total).with_prefix(label.to_owned());
    match ProgressStyle::with_template(&template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        // A unit with braces in it would spoil the template; the default style shows the same
        // numbers.
        Err(_) => bar,
    }
}

/// Shows one task until it is dropped; may be advanced from many threads.
pub struct Task {
    progress: Progress,
    label: String,
    unit: String,
    total: u64,
    done: AtomicU64,
    free: AtomicU64,
    started: Instant,
    last_line: Arc<Mutex<Instant>>,
    bar: Option<ProgressBar>,
}

impl Task {
    /// Counts `steps` more as done.
    pub fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        self.show(done);
    }

    /// Sets the number of steps done.
    pub fn set_done(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.show(done);
    }

    /// Sets how many of the done steps cost no time; rate and time left are reckoned without them.
    pub fn set_free(&self, free: u64) {
        self.free.store(free, Ordering::Relaxed);
    }

    fn show(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(self.pace(done, self.started.elapsed()));
        } else if matches!(self.progress.display, Display::Lines) {
            let mut last = self
                .last_line
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= LINE_INTERVAL && done < self.total {
                *last = Instant::now();
                self.progress
                    .message(&self.line(done, self.started.elapsed()));
            }
        }
    }

    fn line(&self, done: u64, elapsed: Duration) -> String {
        let Self {
            label, unit, total, ..
        } = self;
        let percent = done.saturating_mul(100).checked_div(*total).unwrap_or(100);
        let pace = self.pace(done, elapsed);
        format!("{label}: {done} of {total} {unit} ({percent}%){pace}")
    }

    /// Writes rate and time left, as far as they are known, each after a comma.
    fn pace(&self, done: u64, elapsed: Duration) -> String {
        let paid = done.saturating_sub(self.free.load(Ordering::Relaxed));
        let rate = rate(paid, elapsed)
            .map_or_else(String::new, |rate| format!(", {rate} {}/s", self.unit));
        let rest = remaining(paid, self.total.saturating_sub(done), elapsed)
            .map_or_else(String::new, |rest| {
                format!(", {} left", human_duration(rest))
            });
        rate + &rest
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if matches!(self.progress.display, Display::Bars(_) | Display::Lines) {
            let done = self.done.load(Ordering::Relaxed);
            let took = human_duration(self.started.elapsed());
            let Self {
                label, unit, total, ..
            } = self;
            let count = if done >= *total {
                format!("{done}")
            } else {
                format!("{done} of {total}")
            };
            self.progress
                .message(&format!("{label}: {count} {unit} in {took}"));
        }
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.done.load(Ordering::Relaxed);
        write!(formatter, "Task({}: {done}/{})", self.label, self.total)
    }
}

/// Returns the time that `rest` steps need if they go as fast as the `done` ones did.
fn remaining(done: u64, rest: u64, elapsed: Duration) -> Option<Duration> {
    if done == 0 {
        return None;
    }
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * rest as f64 / done as f64).ok()
}

/// Returns steps a second for people, unless less than one is done in that time.
fn rate(done: u64, elapsed: Duration) -> Option<String> {
    let rate = done as f64 / elapsed.as_secs_f64();
    match rate {
        1.0..10.0 => Some(format!("{rate:.1}")),
        10.0..1e12 => Some(format!("{rate:.0}")),
        _ => None,
    }
}

/// Writes a duration for people, in at most two units.
pub(crate) fn human_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        let minute = Duration::from_secs(60);
        assert_eq!(remaining(25, 75, minute), Some(Duration::from_secs(180)));
        assert_eq!(remaining(100, 0, minute), Some(Duration::ZERO));
        assert_eq!(remaining(0, 100, minute), None);
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(human_duration(Duration::from_millis(1_540)), "1.5 s");
        assert_eq!(human_duration(Duration::from_secs(59)), "59 s");
        assert_eq!(human_duration(Duration::from_secs(61)), "1 min 01 s");
        assert_eq!(human_duration(Duration::from_secs(7_500)), "2 h 05 min");
    }

    #[test]
    fn a_line_tells_count_share_and_rest() {
        let task = Progress::silent().task("embed titles", 200, "texts");
        let line = task.line(50, Duration::from_secs(30));
        let expected = "embed titles: 50 of 200 texts (25%), 1.7 texts/s, 1 min 30 s left";
        assert_eq!(line, expected);
    }

    #[test]
    fn free_steps_make_no_rate() {
        let task = Progress::silent().task("embed titles", 2_000, "texts");
        task.set_free(1_000);
        let line = task.line(1_500, Duration::from_secs(10));
        let expected = "embed titles: 1500 of 2000 texts (75%), 50 texts/s, 10 s left";
        assert_eq!(line, expected);
        let line = task.line(1_000, Duration::from_secs(10));
        assert_eq!(line, "embed titles: 1000 of 2000 texts (50%)");
    }

    #[test]
    fn slow_steps_have_no_rate() {
        let minute = Duration::from_secs(60);
        assert_eq!(rate(3, minute), None);
        assert_eq!(rate(1, Duration::ZERO), None);
        assert_eq!(rate(15_000, minute).as_deref(), Some("250"));
    }

    #[test]
    fn many_threads_may_advance_one_task() {
        let task = Progress::silent().task("t", 400, "steps");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| task.advance(1)));
            }
        });
        assert_eq!(task.done.load(Ordering::Relaxed), 400);
    }
}
