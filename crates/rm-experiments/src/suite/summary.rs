//! How a run ended.

use std::fmt;
use std::time::Duration;

use super::progress::human_duration;
use super::{ExperimentId, ResultRow};
use crate::output::text::{figure, figure_with_interval};

/// Holds how every experiment of a run ended; its `Display` is the table shown last.
#[derive(Debug, Default)]
pub struct Summary {
    /// The experiments in the order they ran.
    pub finished: Vec<Finished>,
    /// Why the report could not be written.
    pub report_failure: Option<String>,
}

/// Holds how one experiment ended.
#[derive(Debug)]
pub struct Finished {
    /// Which experiment.
    pub id: ExperimentId,
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub took: Duration,
}

/// Says how one experiment ended.
#[derive(Debug)]
pub enum Status {
    /// Results were written; `failures` holds the parts that could not be done.
    Done {
        /// All result rows.
        rows: Vec<ResultRow>,
        /// What was asked for and could not be done.
        failures: Vec<String>,
    },
    /// Nothing was written; the message says why.
    Failed(String),
    /// The experiment does not exist yet.
    NotBuilt {
        /// Whether it was asked for by name, which makes the run a failure.
        named: bool,
    },
}

impl Summary {
    /// Returns whether everything that was asked for was done.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let mut statuses = self.finished.iter().map(|finished| &finished.status);
        let all_done = statuses.all(|status| match status {
            Status::Done { failures, .. } => failures.is_empty(),
            Status::Failed(_) => false,
            Status::NotBuilt { named } => !named,
        });
        all_done && self.report_failure.is_none()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "Summary")?;
        for Finished { id, status, took } in &self.finished {
            let took = human_duration(*took);
            match status {
                Status::Done { rows, failures } => {
                    let state = if failures.is_empty() {
                        "done"
                    } else {
                        "done in part"
                    };
                    writeln!(formatter, "  {id}  {state} in {took}")?;
                    for row in rows.iter().filter(|row| row.published.is_some()) {
                        writeln!(formatter, "      {}", line(row))?;
                    }
                    for failure in failures {
                        writeln!(formatter, "      not done: {failure}")?;
                    }
                }
                Status::Failed(message) => writeln!(formatter, "  {id}  FAILED: {message}")?,
                Status::NotBuilt { .. } => writeln!(formatter, "  {id}  not yet built")?,
            }
        }
        if let Some(message) = &self.report_failure {
            writeln!(formatter, "  the report could not be written: {message}")?;
        }
        Ok(())
    }
}

fn line(row: &ResultRow) -> String {
    let published = row.published.map_or_else(|| "none".to_owned(), figure);
    let ours = figure_with_interval(row);
    let (metric, dataset, text_kind, verdict) =
        (&row.metric, &row.dataset, row.text_kind, row.verdict);
    format!("{metric} on {dataset} ({text_kind}): {ours}, published {published}: {verdict}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(status: Status) -> Summary {
        let took = Duration::from_secs(3);
        Summary {
            finished: vec![Finished {
                id: ExperimentId::H3,
                status,
                took,
            }],
            report_failure: None,
        }
    }

    #[test]
    fn a_report_that_is_missing_fails_the_run() {
        let done = Status::Done {
            rows: Vec::new(),
            failures: Vec::new(),
        };
        let mut summary = summary(done);
        assert!(summary.succeeded());
        summary.report_failure = Some("disk full".to_owned());
        assert!(!summary.succeeded());
        assert!(
            summary
                .to_string()
                .contains("report could not be written: disk full")
        );
    }

    #[test]
    fn only_what_was_named_must_be_built() {
        assert!(summary(Status::NotBuilt { named: false }).succeeded());
        assert!(!summary(Status::NotBuilt { named: true }).succeeded());
    }

    #[test]
    fn a_part_that_failed_fails_the_run() {
        let part = Status::Done {
            rows: Vec::new(),
            failures: vec!["no reddit".into()],
        };
        let summary = summary(part);
        assert!(!summary.succeeded());
        assert!(summary.to_string().contains("not done: no reddit"));
    }

    #[test]
    fn an_unbuilt_experiment_is_never_done() {
        let text = summary(Status::NotBuilt { named: false }).to_string();
        assert!(text.contains("not yet built") && !text.contains("done"));
    }
}
