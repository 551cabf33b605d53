//! The cache that Hugging Face's own tools fill, in its layout of references and snapshots.

use std::path::Path;

use hf_hub::Cache;

use super::bytes::ModelBytes;
use super::folder::read_files;
use super::pinned::{HUB_MODEL, ModelFile};

/// As [`read_files`], out of the cache's snapshot of the main branch.
pub(crate) fn read_model<T: Send>(
    cache: &Path,
    build: &(impl Fn(&ModelBytes) -> T + Sync),
) -> Result<T, String> {
    let snapshot = Cache::new(cache.to_owned()).model(HUB_MODEL.to_owned());
    for file in ModelFile::ALL {
        if snapshot.get(file.name()).is_none() {
            return Err(format!("no {} of {HUB_MODEL} there", file.name()));
        }
    }
    read_files(|file| snapshot.get(file.name()).unwrap_or_default(), build)
}
