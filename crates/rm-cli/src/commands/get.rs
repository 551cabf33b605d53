//! `rmem get`: shows one item.

use anyhow::{Context as _, Result};
use clap::Args;

use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{DIM, ItemJson, Out, date_time, metadata_line};

const AFTER: &str = "\
Examples:
  rmem get ui-theme
  rmem get ui-theme --json

The text is printed as it is, and below it what is known about it.";

/// Holds the arguments of `get`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct GetArgs {
    /// Id of the item.
    #[arg(value_name = "ID")]
    id: String,
}

/// Shows the item.
pub(crate) fn run(shared: &Shared, arguments: &GetArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let item = memory.get(&arguments.id)?;
    let item = item.with_context(|| unknown(&arguments.id))?;
    let item = ItemJson::from(item);
    if shared.json {
        return Out::json(&item);
    }
    write_item(&item)
}

/// Says that there is no such item, and where to look.
pub(super) fn unknown(id: &str) -> String {
    format!("no item has the id {id:?}; `rmem list` shows those there are")
}

/// Writes one item for people.
pub(super) fn write_item(item: &ItemJson) -> Result<()> {
    let mut out = Out::new();
    for line in item.text.lines() {
        out.line(crate::output::one_line(line))?;
    }
    let mut rows = vec![
        ("id", crate::output::one_line(&item.id)),
        ("added", date_time(item.created_at_ms)),
        ("changed", date_time(item.updated_at_ms)),
        ("importance", item.importance.to_string()),
    ];
    if let Some(at_ms) = item.expires_at_ms {
        rows.push(("forgotten at", date_time(at_ms)));
    }
    if item.pinned {
        rows.push(("pinned", "yes".to_owned()));
    }
    if !item.metadata.is_empty() {
        rows.push(("metadata", metadata_line(&item.metadata)));
    }
    out.line(format!("{DIM}--{DIM:#}"))?;
    out.table(&rows)?;
    out.end()
}
