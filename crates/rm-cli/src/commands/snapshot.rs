//! `rmem snapshot`: copies the memory while it is in use.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{Out, human_bytes};

const AFTER: &str = "\
Examples:
  rmem snapshot backup.db
  rmem snapshot \"backup-$(date +%F).db\" --db agent.db

Copies all namespaces, vectors and codebooks as they are at one moment; others go on searching and adding. The copy is \
there when it is whole, and is a memory like any other: rmem search QUERY --db backup.db";

/// Holds the arguments of `snapshot`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct SnapshotArgs {
    /// File to write, which must not exist.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Is what `snapshot` prints as JSON.
#[derive(Serialize)]
struct Copied {
    file: String,
    bytes: u64,
}

/// Copies the memory.
pub(crate) fn run(shared: &Shared, arguments: &SnapshotArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    memory.snapshot_to(&arguments.file)?;
    let copied = Copied {
        file: arguments.file.display().to_string(),
        bytes: std::fs::metadata(&arguments.file).map_or(0, |about| about.len()),
    };
    if shared.json {
        return Out::json(&copied);
    }
    let mut out = Out::new();
    let (file, bytes) = (&copied.file, human_bytes(copied.bytes));
    out.line(format!("copied to {file}, {bytes}"))?;
    out.end()
}
