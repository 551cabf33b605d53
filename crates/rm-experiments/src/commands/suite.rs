//! Runs experiments, or lists them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use rm_embed::CachedEmbedder;

use super::interrupt::on_interrupt;
use super::stdout::print;
use super::threads;
use crate::cli::RunArgs;
use crate::experiments;
use crate::output::{Gate, ResultsFolder, RunState};
use crate::suite::{
    ExperimentIds, LazyEmbedder, Options, Plan, Progress, Registry, RunInfo, Session, load_model,
    run, vector_cache,
};

/// Does what the command line asks of the suite; returns whether all of it could be done.
///
/// # Errors
/// When the run cannot begin, or its results not be written; failed experiments are no error.
pub fn suite(arguments: &RunArgs) -> Result<bool> {
    let registry = Registry::new(experiments::built())?;
    if arguments.list {
        print(&registry.listing())?;
        return Ok(true);
    }
    let options = arguments.options();
    threads::start(options.threads)?;
    print(&Plan::new(&registry, &options)?.to_string())?;
    let progress = Progress::on_stderr();
    let gate = Gate::default();
    leave_nothing_half_done(&registry, &options, &gate, &progress)?;
    let session = Session {
        scale: options.scale,
        seed: options.seed,
        data: options.data.clone(),
        embedder: embedder(&options, &progress),
        precision: options.precision,
        vectors: vectors(&options),
        encoders: options.encoders.clone(),
        progress,
        gate,
        run_info: RunInfo::gather(),
    };
    let summary = run(&registry, &options, &session)?;
    print(&format!("\n{summary}"))?;
    Ok(summary.succeeded())
}

/// Returns the embedding model behind its cache, made the first time an experiment asks for it.
fn embedder(options: &Options, progress: &Progress) -> LazyEmbedder {
    let cache = vectors(options);
    let (precision, progress) = (options.precision, progress.clone());
    LazyEmbedder::new(Box::new(move || {
        let model = load_model(&progress, precision)?;
        progress.message(&format!("vectors are kept in {}", cache.display()));
        Ok(Arc::new(CachedEmbedder::open(model, &cache)?))
    }))
}

fn vectors(options: &Options) -> PathBuf {
    options.cache.clone().unwrap_or_else(vector_cache)
}

/// Makes Ctrl-C take away what is not whole, and say what is kept and which command does the rest.
fn leave_nothing_half_done(
    registry: &Registry,
    options: &Options,
    gate: &Gate,
    progress: &Progress,
) -> Result<()> {
    let wanted = registry
        .iter()
        .filter(|entry| options.selects(entry.id()) && entry.experiment().is_some());
    let wanted: ExperimentIds = wanted.map(|entry| entry.id()).collect();
    let (options, gate) = (options.clone(), gate.clone());
    on_interrupt(progress, move || {
        let reached = gate.close();
        if let Some(folder) = &reached.folder {
            ResultsFolder::discard_staged(folder);
        }
        last_words(&wanted, &options, &reached)
    })
}

/// Says what an interrupted run leaves behind, and how to go on.
fn last_words(wanted: &ExperimentIds, options: &Options, reached: &RunState) -> String {
    let done = reached.done.iter().copied().collect();
    let rest: ExperimentIds = wanted.difference(&done).copied().collect();
    let kept = "Vectors are kept, those of the last 1,024 texts at most excepted.";
    if rest.is_empty() {
        return format!("all experiments had ended. {kept}");
    }
    let folder = options.out.display();
    let state = if done.is_empty() {
        format!("no experiment had ended, and {folder} is as it was")
    } else {
        format!(
            "{} in {folder}; {} as before",
            listed(&done, "is new", "are new"),
            listed(&rest, "is", "are"),
        )
    };
    let command = options.command_for_all(&rest);
    format!("{state}. {kept} To run what is left:\n\n    {command}")
}

fn listed(ids: &ExperimentIds, one: &str, many: &str) -> String {
    let names: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let verb = if names.len() == 1 { one } else { many };
    format!("{} {verb}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{DataChoice, ExperimentId, Scale};

    #[test]
    fn last_words_name_what_is_new_and_what_is_left() {
        let options = Options {
            select: None,
            scale: Scale::Smoke,
            seed: 42,
            out: "results".into(),
            data: DataChoice::Auto,
            precision: rm_embed::Precision::F32,
            cache: None,
            threads: None,
            encoders: None,
        };
        let wanted = [ExperimentId::H1, ExperimentId::H2, ExperimentId::A4].into();
        let words = |done: &[ExperimentId]| {
            let done = done.to_vec();
            last_words(&wanted, &options, &RunState { folder: None, done })
        };
        assert_eq!(
            words(&[ExperimentId::H1]),
            "H1 is new in results; H2, A4 are as before. Vectors are kept, those of the last 1,024 texts at most \
             excepted. To run what is left:\n\n    \
             cargo run -p rm-experiments -- --select H2 A4 --scale smoke"
        );
        assert!(words(&[]).starts_with("no experiment had ended, and results is as it was. "));
        let all: Vec<_> = wanted.iter().copied().collect();
        assert_eq!(
            words(&all),
            "all experiments had ended. Vectors are kept, those of the last 1,024 texts at most excepted."
        );
    }
}
