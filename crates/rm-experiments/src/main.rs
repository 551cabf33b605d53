//! The command `rm-experiments`: runs the experiments of Routing Memory.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use rm_embed::{CachedEmbedder, Embedder, MiniLm, ModelSource};
use rm_experiments::cli::Cli;
use rm_experiments::experiments;
use rm_experiments::output::ResultsFolder;
use rm_experiments::suite::{
    LazyEmbedder, Options, Plan, Progress, Registry, RunInfo, Session, run,
};

/// Exit status of a process that Ctrl-C ended, as shells have it.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the command line asks for; returns whether all of it could be done.
fn start(cli: &Cli) -> Result<bool> {
    let registry = Registry::new(experiments::built())?;
    if cli.run.list {
        print(&registry.listing())?;
        return Ok(true);
    }
    let options = cli.run.options();
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global()
            .context("cannot start the threads")?;
    }
    print(&Plan::new(&registry, &options)?.to_string())?;
    leave_nothing_half_done(&options)?;
    let progress = Progress::on_stderr();
    let session = Session {
        scale: options.scale,
        seed: options.seed,
        data: options.data.clone(),
        embedder: LazyEmbedder::new(embedder(options.cache.as_deref(), &progress)),
        progress,
        run_info: RunInfo::gather(),
    };
    let summary = run(&registry, &options, &session)?;
    print(&format!("\n{summary}"))?;
    Ok(summary.succeeded())
}

/// Returns the function that will make the embedding model, the first time an experiment asks for it.
fn embedder(
    cache: Option<&Path>,
    progress: &Progress,
) -> Box<dyn FnOnce() -> Result<Arc<dyn Embedder>> + Send> {
    let cache = cache.map_or_else(vector_cache, Path::to_path_buf);
    let progress = progress.clone();
    Box::new(move || {
        let source = ModelSource::from_env();
        progress.message(&format!(
            "model: all-MiniLM-L6-v2, fetched once (87 MiB) into {} unless it is on this machine",
            source.model_folder().display()
        ));
        let model = MiniLm::load(&source)?;
        progress.message(&format!("vectors are kept in {}", cache.display()));
        Ok(Arc::new(CachedEmbedder::open(model, &cache)?))
    })
}

/// Returns the folder that keeps vectors between runs: `data/vectors` in the project, which git ignores.
fn vector_cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/vectors")
}

/// Makes Ctrl-C say what is kept and take away what is not whole.
fn leave_nothing_half_done(options: &Options) -> Result<()> {
    let out = options.out.clone();
    let handler = move || {
        ResultsFolder::discard_staged(&out);
        eprintln!(
            "\ninterrupted: experiments that had ended are in {}, the one that was running left its earlier results as \
             they were, and the vectors embedded so far are kept; the same command goes on from there",
            out.display()
        );
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}

/// Writes to standard output; a reader that has gone away (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}
