//! `rmem delete`: deletes items.

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};
use serde::Serialize;

use crate::arguments::{FilterArgs, Shared};
use crate::error::NotUnderstood;
use crate::open::open_without_model;
use crate::output::{Out, items};

const AFTER: &str = "\
Examples:
  rmem delete ui-theme door-code
  rmem delete --where source=chat --where '#created_at<2025-01-01'
  rmem delete --namespace acme --all

Texts and vectors are overwritten in the file. Ids of which there is no item make the status 1; the others are deleted.";

/// Holds the arguments of `delete`.
#[derive(Debug, Args)]
#[command(
    after_help = AFTER,
    group = ArgGroup::new("filters").args(["filter", "conditions"]).multiple(true)
)]
pub(crate) struct DeleteArgs {
    /// Ids of the items.
    #[arg(value_name = "ID", conflicts_with_all = ["filters", "all"])]
    ids: Vec<String>,

    /// Delete everything in the namespace, its codebook included.
    #[arg(long, conflicts_with = "filters")]
    all: bool,

    /// Which items to delete.
    #[command(flatten)]
    filter: FilterArgs,
}

/// Is what `delete` prints as JSON.
#[derive(Serialize)]
struct Deleted {
    deleted: usize,
    missing: Vec<String>,
}

/// Deletes what is named.
pub(crate) fn run(shared: &Shared, arguments: &DeleteArgs) -> Result<()> {
    let filter = arguments.filter.filter();
    if arguments.ids.is_empty() && filter.is_none() && !arguments.all {
        let told = "say what to delete: ids, --where, --filter or --all";
        return Err(NotUnderstood(told.into()).into());
    }
    let memory = open_without_model(shared)?;
    let mut missing = Vec::new();
    let deleted = if arguments.all {
        memory.clear()?
    } else if let Some(filter) = &filter {
        memory.delete_matching(filter)?
    } else {
        let mut deleted = 0;
        for id in &arguments.ids {
            match memory.delete(id)? {
                true => deleted += 1,
                false => missing.push(id.clone()),
            }
        }
        deleted
    };
    let failure = failure(&missing);
    if shared.json {
        Out::json(&Deleted { deleted, missing })?;
    } else {
        let mut out = Out::new();
        out.line(format!("deleted {}", items(deleted)))?;
        out.end()?;
    }
    match failure {
        Some(failure) => bail!(failure),
        None => Ok(()),
    }
}

fn failure(missing: &[String]) -> Option<String> {
    let named: Vec<String> = missing.iter().map(|id| format!("{id:?}")).collect();
    match named.as_slice() {
        [] => None,
        named => Some(format!(
            "no item has the id {}; `rmem list` shows those there are",
            named.join(" or ")
        )),
    }
}
