//! `rmem add`: remembers texts.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rm_memory::{NewItem, RoutingMemory};
use serde::Serialize;

use crate::arguments::{Entry, Line, Lines, STDIN, Shared, importance, period};
use crate::error::NotUnderstood;
use crate::interrupt::on_interrupt;
use crate::open::open_or_make;
use crate::output::{Out, grouped, items};

/// Texts that are embedded together and stored in one transaction.
const AT_ONCE: usize = 1_024;

const AFTER: &str = "\
Examples:
  rmem add \"The user prefers dark mode\" --meta topic=ui
  rmem add \"The code of the door is 4711\" --ttl 30d --importance 0.9
  rmem add --file notes.txt --meta source=notes
  rmem add --file letter.txt --whole --id letter
  git log --format=%s | rmem add -

Prints the id of the item, or how many lines were added. Lines are stored 1,024 at a time: what is stored stays, whatever \
comes after.";

/// Holds the arguments of `add`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct AddArgs {
    /// Text to remember; - takes standard input, each line a text of its own.
    #[arg(value_name = "TEXT", required_unless_present = "file")]
    text: Option<String>,

    /// File to remember, each line a text of its own; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,

    /// Take the file or standard input as one text.
    #[arg(long)]
    whole: bool,

    /// Id of the item; one that has it already is replaced [default: a new one].
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Entry of the metadata; what stands after = is JSON where it can be read as such. May be given more than once.
    #[arg(long, value_name = "KEY=VALUE")]
    meta: Vec<Entry>,

    /// Forget it after this time: 45s, 90m, 12h, 30d, 2w.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    ttl: Option<Duration>,

    /// Keep it from being forgotten by age, count or importance.
    #[arg(long)]
    pin: bool,

    /// How much it matters, from 0 to 1 [default: 0.5].
    #[arg(long, value_name = "NUMBER", value_parser = importance)]
    importance: Option<f32>,
}

/// Is what `add` prints as JSON.
#[derive(Serialize)]
struct Added {
    added: usize,
    ids: Vec<String>,
}

/// Is what there is to remember.
enum Input {
    One(String),
    Lines(Lines),
}

/// Remembers what is asked for.
pub(crate) fn run(shared: &Shared, arguments: &AddArgs) -> Result<()> {
    match arguments.input()? {
        Input::One(text) => {
            let memory = open_or_make(shared)?;
            let id = memory.add(arguments.item(text))?;
            if shared.json {
                return Out::json(&Added {
                    added: 1,
                    ids: vec![id],
                });
            }
            let mut out = Out::new();
            out.line(id)?;
            out.end()
        }
        Input::Lines(lines) => add_lines(shared, arguments, lines),
    }
}

impl AddArgs {
    fn input(&self) -> Result<Input> {
        let lines = match (&self.text, &self.file) {
            (Some(text), _) if text != STDIN => {
                if self.whole {
                    let told = "--whole is for a file or standard input; leave it out";
                    return Err(NotUnderstood(told.into()).into());
                }
                return Ok(Input::One(text.clone()));
            }
            (None, Some(path)) if path.as_os_str() != STDIN => Lines::file(path)?,
            _ => Lines::stdin(),
        };
        match (self.whole, &self.id) {
            (true, _) => Ok(Input::One(lines.whole()?)),
            (false, None) => Ok(Input::Lines(lines)),
            (false, Some(_)) => {
                let told = "--id names one item, and each line is one; give --whole to make one item of all";
                Err(NotUnderstood(told.into()).into())
            }
        }
    }

    fn item(&self, text: String) -> NewItem {
        let mut item = NewItem::new(text).pinned(self.pin);
        if let Some(id) = &self.id {
            item = item.id(id);
        }
        for Entry { key, value } in &self.meta {
            item = item.meta(key, value.clone());
        }
        if let Some(ttl) = self.ttl {
            item = item.ttl(ttl);
        }
        if let Some(importance) = self.importance {
            item = item.importance(importance);
        }
        item
    }
}

/// Remembers lines, some at a time.
fn add_lines(shared: &Shared, arguments: &AddArgs, mut lines: Lines) -> Result<()> {
    let memory = open_or_make(shared)?;
    let stored = Arc::new(AtomicUsize::new(0));
    let known = Arc::clone(&stored);
    on_interrupt(move || format!("{} stored", items(known.load(Ordering::Acquire))))?;
    let bar = bar(lines.total_bytes);
    let mut all_ids = Vec::new();
    loop {
        let chunk = next_chunk(&mut lines)?;
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
            break;
        };
        let (first, last, end) = (first.number, last.number, last.end);
        let before = stored.load(Ordering::Acquire);
        let ids = add_chunk(&memory, arguments, chunk, before, &bar).with_context(|| {
            let name = lines.name();
            let before = items(before);
            format!("lines {first} to {last} of {name} were not added ({before} before them were)")
        })?;
        stored.fetch_add(ids.len(), Ordering::AcqRel);
        bar.set_position(end);
        if shared.json {
            all_ids.extend(ids);
        }
    }
    bar.finish_and_clear();
    let added = stored.load(Ordering::Acquire);
    if shared.json {
        return Out::json(&Added {
            added,
            ids: all_ids,
        });
    }
    let mut out = Out::new();
    out.line(format!("added {}", items(added)))?;
    out.end()
}

fn next_chunk(lines: &mut Lines) -> Result<Vec<Line>> {
    let mut chunk = Vec::new();
    while chunk.len() < AT_ONCE {
        match lines.next_line()? {
            Some(line) => chunk.push(line),
            None => break,
        }
    }
    Ok(chunk)
}

fn add_chunk(
    memory: &RoutingMemory,
    arguments: &AddArgs,
    chunk: Vec<Line>,
    before: usize,
    bar: &ProgressBar,
) -> Result<Vec<String>> {
    let new = chunk.into_iter().map(|line| arguments.item(line.text));
    let ids = memory.add_batch_with_progress(new, &mut |progress| {
        let done = before + progress.done_texts;
        bar.set_message(format!("{} items", grouped(done as u64)));
    })?;
    Ok(ids)
}

/// Shows how far it has come, on a terminal alone.
fn bar(total_bytes: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match total_bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "adding [{bar:30}] {percent}% {msg}, {eta} left",
        ),
        None => (
            ProgressBar::new_spinner(),
            "adding {spinner} {msg}, {elapsed}",
        ),
    };
    let style = ProgressStyle::with_template(template);
    let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
