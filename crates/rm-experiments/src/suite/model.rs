//! The one place where the embedding model is loaded, and where its vectors are kept.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rm_embed::{MiniLm, ModelSource, Precision};

use super::Progress;

/// Loads the model, which the first call on a machine fetches, to compute in `precision`.
///
/// # Errors
/// When no source has the model's files, or they are not what they should be.
pub fn load_model(progress: &Progress, precision: Precision) -> Result<MiniLm> {
    let source = ModelSource::from_env();
    progress.message(&format!(
        "model: all-MiniLM-L6-v2, computing in {precision}, fetched once (87 MiB) into {} unless it is on this machine",
        source.model_folder().display()
    ));
    Ok(MiniLm::load_with(&source, precision)?)
}

/// Returns the folder that keeps vectors between runs: `data/vectors` in the project, which git ignores.
#[must_use]
pub fn vector_cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/vectors")
}
