//! Opening the memory that a command is about.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result, bail};
use rm_embed::LazyMiniLm;
use rm_memory::{
    AdaptationPolicy, Error, MemoryBuilder, ReembedProgress, ReembedReport, RoutingMemory,
};

use crate::arguments::Shared;
use crate::model;

/// Opens the memory, or makes it.
///
/// The model is loaded meanwhile; where there is no file yet it comes first, so that none is made without it.
pub(crate) fn open_or_make(shared: &Shared) -> Result<RoutingMemory> {
    let path = shared.database()?;
    let model = Arc::new(LazyMiniLm::new(model::source()));
    if path.exists() {
        load_ahead(&model);
    } else {
        model.load()?;
        make_default_folder(shared, &path)?;
    }
    open(shared, &path, model)
}

/// Opens the memory for texts to be searched for or changed: the model is loaded meanwhile.
pub(crate) fn open_with_model(shared: &Shared) -> Result<RoutingMemory> {
    let path = existing(shared)?;
    let model = Arc::new(LazyMiniLm::new(model::source()));
    load_ahead(&model);
    open(shared, &path, model)
}

/// Opens the memory, or makes it, at once: whoever needs the model waits for it, and is told where it cannot be had.
pub(crate) fn open_to_serve(shared: &Shared, may_make: bool) -> Result<RoutingMemory> {
    let path = match may_make {
        true => shared.database()?,
        false => existing(shared)?,
    };
    make_default_folder(shared, &path)?;
    let model = Arc::new(LazyMiniLm::new(model::source()));
    load_ahead(&model);
    // No agent is to wait for a cycle that its search has led to.
    let beside = AdaptationPolicy {
        in_background: true,
        ..AdaptationPolicy::default()
    };
    opened(shared, builder(&path, model).adaptation(beside))
}

/// Opens the memory for what needs no model, which is not loaded then.
pub(crate) fn open_without_model(shared: &Shared) -> Result<RoutingMemory> {
    let path = existing(shared)?;
    open(shared, &path, Arc::new(LazyMiniLm::new(model::source())))
}

/// Moves the memory to the model of this program.
pub(crate) fn reembedded(
    shared: &Shared,
    report: &mut dyn FnMut(ReembedProgress),
) -> Result<ReembedReport> {
    let path = existing(shared)?;
    let model = Arc::new(LazyMiniLm::new(model::source()));
    load_ahead(&model);
    let (_, report) = builder(&path, model).reembed(report)?;
    Ok(report)
}

/// Makes the folder where nobody said where the file should be.
fn make_default_folder(shared: &Shared, path: &Path) -> Result<()> {
    match path.parent().filter(|_| shared.is_default_database()) {
        None => Ok(()),
        Some(folder) => fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display())),
    }
}

fn existing(shared: &Shared) -> Result<std::path::PathBuf> {
    let path = shared.database()?;
    if !path.exists() {
        bail!(
            "there is no memory at {}; `rmem add TEXT` makes one, --db names another",
            path.display()
        );
    }
    Ok(path)
}

fn open(shared: &Shared, path: &Path, model: Arc<LazyMiniLm>) -> Result<RoutingMemory> {
    opened(shared, builder(path, model))
}

fn opened(shared: &Shared, builder: MemoryBuilder) -> Result<RoutingMemory> {
    let memory = builder.open().map_err(|error| {
        let is_of_another = matches!(error, Error::Store(rm_store::Error::ModelMismatch { .. }));
        let error = anyhow::Error::from(error);
        match is_of_another {
            true => error.context("`rmem reembed` moves this memory to the model of this program"),
            false => error,
        }
    })?;
    match shared.namespace() {
        None => Ok(memory),
        Some(name) => Ok(memory.namespace(&name)?),
    }
}

fn builder(path: &Path, model: Arc<LazyMiniLm>) -> MemoryBuilder {
    RoutingMemory::builder().path(path).embedder(model)
}

/// Loads the model on a thread of its own: it takes about as long as opening the file.
fn load_ahead(model: &Arc<LazyMiniLm>) {
    let model = Arc::clone(model);
    thread::spawn(move || model.load_ahead());
}
