//! `rmem reembed`: moves the memory to the model of this program.

use anyhow::Result;
use serde::Serialize;

use crate::arguments::Shared;
use crate::open::reembedded;
use crate::output::{Out, counted_bar, items};

pub(crate) const AFTER: &str = "\
Examples:
  rmem reembed --db agent.db

For a memory that was made with another model: every text is embedded by all-MiniLM-L6-v2, and every codebook trained \
anew. Until that is done the file stays a memory of the old model; a run that was stopped goes on where it was.";

/// Is what `reembed` prints as JSON.
#[derive(Serialize)]
struct Reembedded {
    from: Option<String>,
    to: String,
    items: u64,
    embedded: u64,
}

/// Moves the memory.
pub(crate) fn run(shared: &Shared) -> Result<()> {
    let bar = counted_bar("embedding");
    let report = reembedded(shared, &mut |progress| {
        bar.set_length(progress.items);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let report = report?;
    let done = Reembedded {
        from: report.from,
        to: report.to,
        items: report.items,
        embedded: report.embedded,
    };
    if shared.json {
        return Out::json(&done);
    }
    let mut out = Out::new();
    let to = &done.to;
    out.line(match (done.items, &done.from) {
        (0, _) => format!("nothing to do: the memory is of {to}"),
        (n, Some(from)) => format!("moved {} from {from} to {to}", items(usize::try_from(n)?)),
        (n, None) => format!("moved {} to {to}", items(usize::try_from(n)?)),
    })?;
    out.end()
}
