//! `rmem add`: remembers texts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use rm_memory::{AddOutcome, DuplicatePolicy, NewItem, OnDuplicate, RoutingMemory};
use serde::Serialize;

use crate::arguments::{Entry, Line, Lines, STDIN, Shared, period, share};
use crate::error::NotUnderstood;
use crate::interrupt::on_interrupt;
use crate::open::open_or_make;
use crate::output::{Out, byte_bar, grouped, items};

/// Texts that are embedded together and stored in one transaction.
const AT_ONCE: usize = 1_024;

const AFTER: &str = "\
Examples:
  rmem add \"The user prefers dark mode\" --meta topic=ui
  rmem add \"The code of the door is 4711\" --ttl 30d --importance 0.9
  rmem add --file notes.txt --meta source=notes
  rmem add --file letter.txt --whole --id letter
  git log --format=%s | rmem add - --duplicates skip

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

    /// Keep it until it is deleted, whatever its time to live, age and importance.
    #[arg(long)]
    pin: bool,

    /// How much it matters, from 0 to 1 [default: 0.5].
    #[arg(long, value_name = "NUMBER", value_parser = share)]
    importance: Option<f32>,

    /// Look for an item that says nearly the same, with the same numbers in it, and do this where there is one.
    #[arg(long, value_enum, value_name = "ACTION")]
    duplicates: Option<Duplicates>,
}

/// Says what is done with a text that nearly equals another.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Duplicates {
    /// Do not add the new one.
    Skip,
    /// Put the new one in the place of the old one.
    Replace,
}

/// Is what `add` prints as JSON, and what has been done so far.
#[derive(Default, Serialize)]
struct Added {
    added: usize,
    skipped: usize,
    replaced: usize,
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
            let mut added = Added::default();
            added.add(&memory, arguments, vec![text], &mut |_| {})?;
            added.write(shared, added.ids.join("\n"))
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

    fn duplicate_policy(&self) -> Option<DuplicatePolicy> {
        self.duplicates.map(|duplicates| {
            DuplicatePolicy::new(match duplicates {
                Duplicates::Skip => OnDuplicate::Skip,
                Duplicates::Replace => OnDuplicate::Replace,
            })
        })
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
    let bar = byte_bar("adding", lines.total_bytes);
    let mut added = Added::default();
    loop {
        let chunk = next_chunk(&mut lines)?;
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
            break;
        };
        let (first, last, end) = (first.number, last.number, last.end);
        let (n_done, n_stored) = (added.done(), added.stored());
        let texts = chunk.into_iter().map(|line| line.text).collect();
        let mut show = |done: usize| {
            bar.set_message(format!("{} items", grouped((n_done + done) as u64)));
        };
        added.add(&memory, arguments, texts, &mut show).with_context(|| {
            let (name, before) = (lines.name(), items(n_stored));
            format!("lines {first} to {last} of {name} were not all added ({before} before them were)")
        })?;
        stored.store(added.stored(), Ordering::Release);
        bar.set_position(end);
        if !shared.json {
            added.ids.clear();
        }
    }
    bar.finish_and_clear();
    added.write(shared, added.summary())
}

impl Added {
    /// Remembers some texts, in one transaction, or one after the other where those are looked for that are there already.
    fn add(
        &mut self,
        memory: &RoutingMemory,
        arguments: &AddArgs,
        texts: Vec<String>,
        show: &mut dyn FnMut(usize),
    ) -> Result<()> {
        let new = texts.into_iter().map(|text| arguments.item(text));
        let Some(policy) = arguments.duplicate_policy() else {
            let ids =
                memory.add_batch_with_progress(new, &mut |progress| show(progress.done_texts))?;
            self.added += ids.len();
            self.ids.extend(ids);
            return Ok(());
        };
        for (done, outcome) in memory
            .add_batch_unless_known(new, &policy)?
            .into_iter()
            .enumerate()
        {
            match &outcome {
                AddOutcome::Added { .. } => self.added += 1,
                AddOutcome::Skipped { .. } => self.skipped += 1,
                AddOutcome::Replaced { .. } => self.replaced += 1,
            }
            self.ids.push(outcome.id().to_owned());
            show(done + 1);
        }
        Ok(())
    }

    /// Returns how many texts have been looked at.
    fn done(&self) -> usize {
        self.stored() + self.skipped
    }

    /// Returns how many texts are stored.
    fn stored(&self) -> usize {
        self.added + self.replaced
    }

    fn summary(&self) -> String {
        let mut summary = format!("added {}", items(self.added));
        for (number, word) in [(self.skipped, "skipped"), (self.replaced, "replaced")] {
            if number > 0 {
                summary.push_str(&format!(", {word} {}", grouped(number as u64)));
            }
        }
        summary
    }

    fn write(&self, shared: &Shared, lines: String) -> Result<()> {
        if shared.json {
            return Out::json(self);
        }
        let mut out = Out::new();
        out.line(lines)?;
        out.end()
    }
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
