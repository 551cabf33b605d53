//! `rmem import`: takes in what was exported, or written by another program.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use rm_memory::{ExtraFields, ImportOptions, OnConflict, RoutingMemory};
use serde::Serialize;

use crate::arguments::{STDIN, Shared};
use crate::interrupt::on_interrupt;
use crate::open::open_or_make;
use crate::output::{Out, counted_bar, grouped, items};
use crate::python_original::PythonOriginal;

const AFTER: &str = "\
Examples:
  rmem import memory.jsonl
  zcat memory.jsonl.gz | rmem import - --on-conflict skip
  rmem import notes.jsonl --extra metadata --namespace acme
  rmem import rm_memory.db

Takes what `rmem export` wrote; plain JSON Lines such as {\"text\": \"The user prefers dark mode\"}; or a database of the \
Python package routing-memory, which is left as it is. Ids, metadata and times stay. A line goes into the namespace it \
names; with --namespace all go into that one. Lines are stored 512 at a time: what was stored before an error stays.";

/// Holds the arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ImportArgs {
    /// File to read; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What is done with an id that is taken.
    #[arg(long, value_enum, value_name = "ACTION", default_value_t = Conflict::Refuse)]
    on_conflict: Conflict,

    /// What is done with fields that an export does not have.
    #[arg(long, value_enum, value_name = "ACTION", default_value_t = Extra::Refuse)]
    extra: Extra,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Conflict {
    /// End the import.
    Refuse,
    /// Leave the item as it is.
    Skip,
    /// Replace the item.
    Replace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Extra {
    /// End the import.
    Refuse,
    /// Make them metadata.
    Metadata,
}

/// Is what `import` prints as JSON.
#[derive(Serialize)]
struct Imported {
    added: u64,
    replaced: u64,
    skipped: u64,
    embedded: u64,
    repairs: Vec<String>,
}

/// Takes in a file.
pub(crate) fn run(shared: &Shared, arguments: &ImportArgs) -> Result<()> {
    let path = &arguments.file;
    // Before a memory is made: there may be no such file.
    let input = input(path)?;
    let memory = open_or_make(shared)?;
    let embedder = memory.embedder();
    let original = match path.as_os_str() == STDIN {
        true => None,
        false => PythonOriginal::read(path, embedder.fingerprint(), embedder.dim())?,
    };
    let options = arguments.options(shared);
    let imported = match original {
        None => import(&memory, input, options, Vec::new())?,
        Some(mut original) => {
            let repairs = std::mem::take(&mut original.repairs);
            import(&memory, Box::new(original), options, repairs)?
        }
    };
    if shared.json {
        return Out::json(&imported);
    }
    imported.write()
}

fn input(path: &Path) -> Result<Box<dyn BufRead>> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

fn import(
    memory: &RoutingMemory,
    input: Box<dyn BufRead>,
    options: ImportOptions,
    repairs: Vec<String>,
) -> Result<Imported> {
    let stored = Arc::new(AtomicUsize::new(0));
    let known = Arc::clone(&stored);
    on_interrupt(move || format!("{} stored", items(known.load(Ordering::Acquire))))?;
    let bar = counted_bar("importing");
    let report = memory.import_with_progress(input, options, &mut |progress| {
        let done = progress.done.added + progress.done.replaced;
        stored.store(
            usize::try_from(done).unwrap_or(usize::MAX),
            Ordering::Release,
        );
        if let Some(all) = progress.items {
            bar.set_length(all);
        }
        bar.set_position(done + progress.done.skipped);
    });
    bar.finish_and_clear();
    let report = report?;
    Ok(Imported {
        added: report.added,
        replaced: report.replaced,
        skipped: report.skipped,
        embedded: report.embedded,
        repairs,
    })
}

impl ImportArgs {
    fn options(&self, shared: &Shared) -> ImportOptions {
        let on_conflict = match self.on_conflict {
            Conflict::Refuse => OnConflict::Refuse,
            Conflict::Skip => OnConflict::Skip,
            Conflict::Replace => OnConflict::Replace,
        };
        let extra = match self.extra {
            Extra::Refuse => ExtraFields::Refuse,
            Extra::Metadata => ExtraFields::IntoMetadata,
        };
        ImportOptions::new()
            .on_conflict(on_conflict)
            .extra_fields(extra)
            .into_this_namespace(shared.namespace().is_some())
    }
}

impl Imported {
    fn write(&self) -> Result<()> {
        let mut line = format!("added {}", items(usize::try_from(self.added)?));
        for (number, word) in [
            (self.replaced, "replaced"),
            (self.skipped, "skipped"),
            (self.embedded, "embedded"),
        ] {
            if number > 0 {
                line.push_str(&format!(", {word} {}", grouped(number)));
            }
        }
        let mut out = Out::new();
        out.line(line)?;
        for repair in &self.repairs {
            out.line(format!("taken over otherwise: {repair}"))?;
        }
        out.end()
    }
}
