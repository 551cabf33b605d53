//! Standard output.

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

use anstream::AutoStream;
use anyhow::{Context as _, Result};
use serde::Serialize;

/// Says that whoever read standard output has gone away (`| head`); the command ends then, and has not failed.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub(crate) struct ReaderGone;

/// Writes to standard output; what is written is there after [`end`](Self::end).
pub(crate) struct Out {
    writer: BufWriter<AutoStream<StdoutLock<'static>>>,
}

impl Out {
    /// Takes standard output.
    pub(crate) fn new() -> Self {
        let stdout = AutoStream::auto(io::stdout().lock());
        Self {
            writer: BufWriter::new(stdout),
        }
    }

    /// Writes one JSON object, in one line, and nothing else.
    pub(crate) fn json(value: &impl Serialize) -> Result<()> {
        let mut out = Self::new();
        out.line(serde_json::to_string(value)?)?;
        out.end()
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<()> {
        named(writeln!(self.writer, "{line}"))
    }

    /// Writes names and values below each other, the values in one column.
    pub(crate) fn table(&mut self, rows: &[(&str, String)]) -> Result<()> {
        let width = rows.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0);
        rows.iter()
            .try_for_each(|(name, value)| self.line(format!("{name:<width$}  {value}")))
    }

    /// Writes out what is left.
    pub(crate) fn end(mut self) -> Result<()> {
        named(self.writer.flush())
    }
}

fn named(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(ReaderGone.into()),
        other => other.context("cannot write to standard output"),
    }
}
