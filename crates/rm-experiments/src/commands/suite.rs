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
use crate::output::ResultsFolder;
use crate::suite::{
    LazyEmbedder, Options, Plan, Progress, Registry, RunInfo, Session, load_model, run,
    vector_cache,
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
    leave_nothing_half_done(&options)?;
    let progress = Progress::on_stderr();
    let session = Session {
        scale: options.scale,
        seed: options.seed,
        data: options.data.clone(),
        embedder: embedder(&options, &progress),
        precision: options.precision,
        vectors: vectors(&options),
        progress,
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

/// Makes Ctrl-C say what is kept and take away what is not whole.
fn leave_nothing_half_done(options: &Options) -> Result<()> {
    let out = options.out.clone();
    on_interrupt(move || {
        ResultsFolder::discard_staged(&out);
        format!(
            "experiments that had ended are in {}, the one that was running left its earlier results as they were, \
             and the vectors embedded so far are kept; the same command goes on from there",
            out.display()
        )
    })
}
