//! `rmem adapt`: adapts the codebook.

use anyhow::Result;
use clap::Args;
use rm_memory::{AdaptationReport, CentroidId};
use serde::Serialize;

use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{Out, grouped};

const AFTER: &str = "\
Examples:
  rmem adapt
  rmem adapt --split 3
  rmem adapt --train

A cycle splits buckets that are spread widely, merges those that are alike, and prunes those that no question has met. A \
memory does this by itself; it never changes what is remembered, only where it is looked for.";

/// Holds the arguments of `adapt`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct AdaptArgs {
    /// Split this bucket in two, however little it is spread.
    #[arg(long, value_name = "BUCKET", conflicts_with = "train")]
    split: Option<u32>,

    /// Train the codebook again on all items.
    #[arg(long)]
    train: bool,
}

/// Is what `adapt` prints as JSON.
#[derive(Serialize)]
struct Adapted {
    k_before: usize,
    k_after: usize,
    trained: bool,
    adaptation: Option<AdaptationJson>,
}

/// Is what one cycle did, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct AdaptationJson {
    k_before: usize,
    k_after: usize,
    moves: usize,
    splits: usize,
    merges: usize,
    prunes: usize,
    items_moved: usize,
}

/// Adapts as asked for.
pub(crate) fn run(shared: &Shared, arguments: &AdaptArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let k_before = memory.stats().k;
    let report = if arguments.train {
        memory.refit()?;
        None
    } else if let Some(bucket) = arguments.split {
        memory.force_split(CentroidId(bucket))?
    } else {
        memory.adapt()?
    };
    memory.save()?;
    let k_after = memory.stats().k;
    if shared.json {
        return Out::json(&Adapted {
            k_before,
            k_after,
            trained: arguments.train,
            adaptation: report.as_ref().map(AdaptationJson::from),
        });
    }
    let mut out = Out::new();
    out.line(match &report {
        Some(report) => adapted(report),
        None if arguments.train => format!(
            "trained again: {} buckets became {}",
            grouped(k_before as u64),
            grouped(k_after as u64)
        ),
        None => "nothing to adapt".to_owned(),
    })?;
    out.end()
}

/// Says in one line what a cycle did.
pub(super) fn adapted(report: &AdaptationReport) -> String {
    format!(
        "adapted: {} splits, {} merges, {} prunes, {} moves of centroids; {} items moved, {} buckets became {}",
        report.splits(),
        report.merges(),
        report.prunes(),
        report.moves(),
        grouped(report.items_moved as u64),
        grouped(report.k_before as u64),
        grouped(report.k_after as u64),
    )
}

impl From<&AdaptationReport> for AdaptationJson {
    fn from(report: &AdaptationReport) -> Self {
        Self {
            k_before: report.k_before,
            k_after: report.k_after,
            moves: report.moves(),
            splits: report.splits(),
            merges: report.merges(),
            prunes: report.prunes(),
            items_moved: report.items_moved,
        }
    }
}
