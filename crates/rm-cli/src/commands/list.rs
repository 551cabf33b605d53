//! `rmem list`: lists items.

use anyhow::Result;
use clap::Args;
use rm_memory::{Cursor, Filter, MemoryItem, RoutingMemory};
use serde::Serialize;

use crate::arguments::{FilterArgs, Shared};
use crate::open::open_without_model;
use crate::output::{DIM, ItemJson, Out, date_time, grouped, metadata_line, one_line};

/// Items that are read at once.
const AT_ONCE: usize = 1_000;

const AFTER: &str = "\
Examples:
  rmem list
  rmem list --where topic=food --limit 100
  rmem list --all --json
  rmem list --count --where '#importance>=0.8'

Each line has the day on which an item was added, its text, its id and its metadata. Where there are more items than \
the limit, the last line names what --after takes to go on.";

/// Holds the arguments of `list`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ListArgs {
    /// Items at most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,

    /// List all there are.
    #[arg(long, conflicts_with = "limit")]
    all: bool,

    /// Go on after the page that ended with this.
    #[arg(long, value_name = "CURSOR", value_parser = cursor)]
    after: Option<Cursor>,

    /// Say only how many there are.
    #[arg(long, conflicts_with_all = ["all", "after", "limit"])]
    count: bool,

    /// Which items to list.
    #[command(flatten)]
    filter: FilterArgs,
}

/// Is what `list` prints as JSON.
#[derive(Serialize)]
struct Listed {
    items: Vec<ItemJson>,
    next: Option<String>,
}

/// Is what `list --count` prints as JSON.
#[derive(Serialize)]
struct Counted {
    count: usize,
}

/// Lists what is asked for.
pub(crate) fn run(shared: &Shared, arguments: &ListArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let filter = arguments.filter.filter();
    if arguments.count {
        let count = memory.count(filter.as_ref())?;
        if shared.json {
            return Out::json(&Counted { count });
        }
        let mut out = Out::new();
        out.line(count)?;
        return out.end();
    }
    if shared.json {
        let mut items = Vec::new();
        let next = each(&memory, filter.as_ref(), arguments, |item| {
            items.push(ItemJson::from(item));
            Ok(())
        })?;
        let next = next.map(|next| next.to_string());
        return Out::json(&Listed { items, next });
    }
    let mut out = Out::new();
    let next = each(&memory, filter.as_ref(), arguments, |item| {
        out.line(line(&item))
    })?;
    if let Some(next) = next {
        let shown = grouped(arguments.limit as u64);
        out.line(format!(
            "{DIM}-- the first {shown}; go on with --after {next}{DIM:#}"
        ))?;
    }
    out.end()
}

/// Gives every item to `take`, a page at a time, and returns where there are more.
fn each(
    memory: &RoutingMemory,
    filter: Option<&Filter>,
    arguments: &ListArgs,
    mut take: impl FnMut(MemoryItem) -> Result<()>,
) -> Result<Option<Cursor>> {
    let mut left = match arguments.all {
        true => usize::MAX,
        false => arguments.limit,
    };
    let mut from = arguments.after;
    loop {
        let page = memory.list(filter, from, left.min(AT_ONCE))?;
        left -= page.items.len();
        page.items.into_iter().try_for_each(&mut take)?;
        from = page.next;
        if from.is_none() || left == 0 {
            // A page that is full says where the next would begin, whether or not there is more.
            return match from {
                Some(_) if memory.list(filter, from, 1)?.items.is_empty() => Ok(None),
                from => Ok(from),
            };
        }
    }
}

fn line(item: &MemoryItem) -> String {
    let day: String = date_time(item.created_at_ms).chars().take(10).collect();
    let (text, id) = (one_line(&item.text), one_line(&item.id));
    let metadata = metadata_line(&item.metadata);
    let metadata = if metadata.is_empty() {
        metadata
    } else {
        format!("  {metadata}")
    };
    format!("{DIM}{day}{DIM:#}  {text}  {DIM}{id}{metadata}{DIM:#}")
}

fn cursor(text: &str) -> Result<Cursor, String> {
    text.parse()
        .map_err(|error: rm_memory::Error| error.to_string())
}
