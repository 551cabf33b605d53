//! `rmem forget`: removes what has had its time.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use rm_memory::{ItemTime, RetentionPolicy, RetentionReport};
use serde::Serialize;

use crate::arguments::{Shared, period, share};
use crate::open::open_without_model;
use crate::output::Out;

const AFTER: &str = "\
Examples:
  rmem forget
  rmem forget --max-age 52w --min-importance 0.2 --dry-run
  rmem forget --max-items 10000

Without options, what is past its own time to live goes, which nothing finds any more. Pinned items stay. Where there are \
too many, the least important go first, and of those the oldest.";

/// Holds the arguments of `forget`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct ForgetArgs {
    /// Forget what is older than this: 12h, 30d, 52w.
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    max_age: Option<Duration>,

    /// Count the age from the last change, in place of the day of adding.
    #[arg(long)]
    by_change: bool,

    /// Forget what is less important than this, from 0 to 1.
    #[arg(long, value_name = "NUMBER", value_parser = share)]
    min_importance: Option<f32>,

    /// Forget the least valuable until no more than this are left.
    #[arg(long, value_name = "N")]
    max_items: Option<usize>,

    /// Say what would be forgotten, and forget nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Is what `forget` prints as JSON.
#[derive(Serialize)]
struct Forgot {
    forgotten: Vec<Forgotten>,
    kept: usize,
    pinned: usize,
    dry_run: bool,
}

#[derive(Serialize)]
struct Forgotten {
    id: String,
    reason: String,
}

/// Removes what the options say.
pub(crate) fn run(shared: &Shared, arguments: &ForgetArgs) -> Result<()> {
    let memory = open_without_model(shared)?;
    let policy = arguments.policy();
    let report = match arguments.dry_run {
        true => memory.plan_to_forget(&policy)?,
        false => memory.forget(&policy)?,
    };
    if shared.json {
        return Out::json(&Forgot::from(report));
    }
    let mut out = Out::new();
    out.line(report)?;
    out.end()
}

impl ForgetArgs {
    fn policy(&self) -> RetentionPolicy {
        let age_by = match self.by_change {
            true => ItemTime::Updated,
            false => ItemTime::Created,
        };
        RetentionPolicy::new()
            .max_age(self.max_age)
            .age_by(age_by)
            .min_importance(self.min_importance)
            .max_items(self.max_items)
    }
}

impl From<RetentionReport> for Forgot {
    fn from(report: RetentionReport) -> Self {
        let forgotten = report.forgotten.into_iter().map(|forgotten| Forgotten {
            id: forgotten.id,
            reason: forgotten.reason.to_string(),
        });
        Self {
            forgotten: forgotten.collect(),
            kept: report.kept,
            pinned: report.pinned,
            dry_run: report.dry_run,
        }
    }
}
