//! What an experiment is given to work with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use rm_embed::{Embedder, Precision};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DataChoice, Definition, LazyEmbedder, Measured, Progress, RowBuilder, RunInfo, Scale};
use crate::output::{Gate, Table};

/// Holds what all experiments of a run share.
#[derive(Debug)]
pub struct Session {
    /// Which parameters of the definitions hold.
    pub scale: Scale,
    /// Seed of everything random.
    pub seed: u64,
    /// Real or generated text.
    pub data: DataChoice,
    /// The embedding model, built on first use.
    pub embedder: LazyEmbedder,
    /// How exactly any embedding model computes.
    pub precision: Precision,
    /// Folder that keeps vectors between runs.
    pub vectors: PathBuf,
    /// Folder whose subfolders each hold another model.
    pub encoders: Option<PathBuf>,
    /// Where progress is shown.
    pub progress: Progress,
    /// What an interruption closes; see [`Gate`].
    pub gate: Gate,
    /// Revision, machine and date.
    pub run_info: RunInfo,
}

/// Gives one experiment its definition, its folder and what the run shares.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    session: &'a Session,
    definition: &'a Definition,
    folder: &'a Path,
}

impl<'a> Context<'a> {
    /// Joins the three.
    #[must_use]
    pub fn new(session: &'a Session, definition: &'a Definition, folder: &'a Path) -> Self {
        Self {
            session,
            definition,
            folder,
        }
    }

    /// Returns the experiment's definition.
    #[must_use]
    pub fn definition(&self) -> &'a Definition {
        self.definition
    }

    /// Returns the parameters of this run's scale as the experiment's own type.
    ///
    /// # Errors
    /// As [`Definition::parameters`].
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T> {
        self.definition.parameters(self.session.scale)
    }

    /// Returns the scale of this run.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.session.scale
    }

    /// Returns the seed of this run.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.session.seed
    }

    /// Returns which text to work on.
    #[must_use]
    pub fn data(&self) -> &'a DataChoice {
        &self.session.data
    }

    /// Returns the folder that takes this experiment's files; it becomes `results/<id>/` when the
    /// experiment has ended well.
    #[must_use]
    pub fn folder(&self) -> &'a Path {
        self.folder
    }

    /// Returns where progress is shown.
    #[must_use]
    pub fn progress(&self) -> &'a Progress {
        &self.session.progress
    }

    /// Returns revision, machine and date of the run.
    #[must_use]
    pub fn run_info(&self) -> &'a RunInfo {
        &self.session.run_info
    }

    /// Returns the embedding model, which the first call of a run fetches and loads.
    ///
    /// # Errors
    /// When the model cannot be had.
    pub fn embedder(&self) -> Result<Arc<dyn Embedder>> {
        self.session.embedder.get()
    }

    /// Returns how exactly embedding models compute, for an experiment that loads one of its own.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.session.precision
    }

    /// Returns the folder that keeps vectors between runs, for an experiment that loads a model of its own.
    #[must_use]
    pub fn vectors(&self) -> &'a Path {
        &self.session.vectors
    }

    /// Returns the folder whose subfolders each hold another model, where the run was given one.
    #[must_use]
    pub fn encoders(&self) -> Option<&'a Path> {
        self.session.encoders.as_deref()
    }

    /// Starts the table `<name>.csv` of figures that depend on data and seed alone; the fields of
    /// `Row` are its columns.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn table<Row: Serialize>(&self, name: &str) -> Result<Table<Row>> {
        Table::create(self.folder, &format!("{name}.csv"))
    }

    /// Starts the table `<name>_timing.csv`, apart from the others because times differ from run to
    /// run.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn timing_table<Row: Serialize>(&self, name: &str) -> Result<Table<Row>> {
        Table::create(self.folder, &format!("{name}_timing.csv"))
    }

    /// Starts a result row that carries this run's scale, seed and revision.
    #[must_use]
    pub fn row(&self, metric: &str, measured: Measured) -> RowBuilder {
        let Session {
            scale,
            seed,
            run_info,
            ..
        } = self.session;
        let revision = &run_info.git_revision;
        RowBuilder::new(
            self.definition.id,
            *scale,
            *seed,
            revision,
            metric,
            measured,
        )
    }
}
