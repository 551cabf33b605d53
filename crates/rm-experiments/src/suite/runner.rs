//! One run of the suite, from the check of the results folder to the report.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::{
    Context, Entry, Experiment, Finished, Options, Outcome, Registry, Session, Status, Summary,
};
use crate::output::{ResultsFolder, RunRecord, report};

/// Runs every selected experiment and writes its results, then the report over all results in the folder.
///
/// One experiment's failure does not keep the others from running; each experiment's folder is replaced as a whole when it
/// has ended well and is otherwise left as it was. The folder is checked before any work starts.
///
/// # Errors
/// When the results folder cannot be written to or the report cannot be made. Failed experiments are no error here: see
/// [`Summary::succeeded`].
pub fn run(registry: &Registry, options: &Options, session: &Session) -> Result<Summary> {
    let selected: Vec<&Entry> = registry
        .iter()
        .filter(|entry| options.selects(entry.id()))
        .collect();
    let mut summary = Summary::default();
    // A run in which nothing is built leaves the disk alone.
    let nothing_to_run = selected.iter().all(|entry| entry.experiment().is_none());
    let results = if nothing_to_run {
        None
    } else {
        Some(ResultsFolder::open(&options.out)?)
    };
    for entry in selected {
        let started = Instant::now();
        let status = match (&results, entry.experiment()) {
            (Some(results), Some(experiment)) => {
                session
                    .progress
                    .message(&format!("{} {}", entry.id(), entry.definition().title));
                run_one(entry, experiment, options, session, results)
                    .unwrap_or_else(|error| Status::Failed(format!("{error:#}")))
            }
            _ => Status::NotBuilt {
                named: options.select.is_some(),
            },
        };
        if let Status::Failed(message) = &status {
            session
                .progress
                .warn(&format!("{} failed: {message}", entry.id()));
        }
        summary.finished.push(Finished {
            id: entry.id(),
            status,
            took: started.elapsed(),
        });
    }
    if let Some(results) = &results {
        report::write(results, registry, &options.command())
            .context("the experiments ran, but the report could not be written")?;
    }
    Ok(summary)
}

fn run_one(
    entry: &Entry,
    experiment: &dyn Experiment,
    options: &Options,
    session: &Session,
    results: &ResultsFolder,
) -> Result<Status> {
    let started = Instant::now();
    let staged = results.stage(entry.id())?;
    let outcome = experiment.run(&Context::new(session, entry.definition(), staged.path()))?;
    check(entry, &outcome)?;
    let Outcome {
        rows,
        plots,
        notes,
        failures,
    } = outcome;
    let record = RunRecord {
        experiment: entry.id(),
        scale: session.scale,
        seed: session.seed,
        command: options.command_for(entry.id()),
        git_revision: session.run_info.git_revision.clone(),
        date: session.run_info.date.clone(),
        hardware: session.run_info.hardware.clone(),
        seconds: started.elapsed().as_secs_f64(),
        notes,
        plots,
        failures: failures.clone(),
    };
    staged.commit(&rows, &record)?;
    Ok(Status::Done { rows, failures })
}

fn check(entry: &Entry, outcome: &Outcome) -> Result<()> {
    let id = entry.id();
    ensure!(
        !outcome.rows.is_empty(),
        "it measured nothing: {}",
        outcome.failures.join("; ")
    );
    for row in &outcome.rows {
        ensure!(
            row.experiment == id,
            "it returned a result row of experiment {}",
            row.experiment
        );
    }
    Ok(())
}
