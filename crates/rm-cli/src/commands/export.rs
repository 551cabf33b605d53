//! `rmem export`: writes the memory down as JSON Lines.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rm_memory::{ExportOptions, ExportReport, RoutingMemory};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::arguments::{STDIN, Shared};
use crate::open::open_without_model;
use crate::output::{Out, ReaderGone, items};

const AFTER: &str = "\
Examples:
  rmem export memory.jsonl
  rmem export --vectors | gzip > memory.jsonl.gz
  rmem export acme.jsonl --namespace acme

All namespaces are written, or with --namespace that one alone, as they are at one moment. The first line says what it \
is, each line after it is an item; `rmem import` reads them. A file is there when it is whole.";

/// Holds the arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ExportArgs {
    /// File to write, which must not exist [default: standard output].
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Write vectors as well, so that nothing has to be embedded when it is imported; some 4 KB an item.
    #[arg(long)]
    vectors: bool,

    /// Replace the file if it exists.
    #[arg(long, requires = "file")]
    force: bool,
}

/// Is what `export` into a file prints as JSON.
#[derive(Serialize)]
struct Exported {
    file: String,
    namespaces: usize,
    items: u64,
}

/// Writes the memory down.
pub(crate) fn run(shared: &Shared, arguments: &ExportArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let options = ExportOptions::new()
        .vectors(arguments.vectors)
        .this_namespace_only(shared.namespace().is_some());
    let file = arguments.file.as_deref();
    let Some(file) = file.filter(|file| file.as_os_str() != STDIN) else {
        return to_stdout(&memory, options);
    };
    let report = to_file(&memory, options, file, arguments.force)?;
    let file = file.display().to_string();
    if shared.json {
        return Out::json(&Exported {
            file,
            namespaces: report.namespaces,
            items: report.items,
        });
    }
    let mut out = Out::new();
    let exported = items(usize::try_from(report.items)?);
    out.line(format!("wrote {exported} to {file}"))?;
    out.end()
}

fn to_stdout(memory: &RoutingMemory, options: ExportOptions) -> Result<()> {
    let mut stdout = Stdout {
        writer: BufWriter::new(io::stdout().lock()),
        is_gone: false,
    };
    match memory.export(&mut stdout, options) {
        Err(_) if stdout.is_gone => Err(ReaderGone.into()),
        outcome => Ok(outcome.map(drop)?),
    }
}

fn to_file(
    memory: &RoutingMemory,
    options: ExportOptions,
    file: &Path,
    force: bool,
) -> Result<ExportReport> {
    let name = file.display();
    if !force && file.exists() {
        bail!("{name} exists; name another file, or give --force to replace it");
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {name}");
    let partial = NamedTempFile::new_in(folder).with_context(cannot)?;
    let mut writer = BufWriter::new(partial);
    let report = memory.export(&mut writer, options)?;
    let partial = writer.into_inner().map_err(io::IntoInnerError::into_error);
    let partial = partial.with_context(cannot)?;
    partial.as_file().sync_all().with_context(cannot)?;
    let kept = match force {
        true => partial.persist(file),
        false => partial.persist_noclobber(file),
    };
    kept.map_err(|refused| refused.error).with_context(cannot)?;
    Ok(report)
}

/// Is standard output, which notes when nobody reads it any more.
struct Stdout<W> {
    writer: W,
    is_gone: bool,
}

impl<W> Stdout<W> {
    fn noted<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        let kind = outcome.as_ref().err().map(io::Error::kind);
        self.is_gone |= kind == Some(io::ErrorKind::BrokenPipe);
        outcome
    }
}

impl<W: Write> Write for Stdout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.writer.flush();
        self.noted(flushed)
    }
}
