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
    // The project's folder is named and not reached by `..`, so that messages show the path a person would type.
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = crate_folder.ancestors().nth(2).unwrap_or(crate_folder);
    project.join("data").join("vectors")
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    #[test]
    fn vectors_are_kept_beside_the_crates_of_the_project() {
        let folder = vector_cache();
        assert!(folder.ends_with("data/vectors"));
        assert!(folder.components().all(|part| part != Component::ParentDir));
        let project = folder.ancestors().nth(2);
        assert!(project.is_some_and(|project| project.join("crates/rm-experiments").is_dir()));
    }
}
