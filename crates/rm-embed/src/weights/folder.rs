//! A folder that holds the model's files.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::bytes::ModelBytes;
use super::pinned::ModelFile;

/// Reads and checks the model's files and gives what `build` makes of them, or says what is wrong with the first
/// that is not right.
///
/// The weights are checked while they are built from, on another core: what was built from wrong ones is dropped.
pub(crate) fn read_model<T: Send>(
    folder: &Path,
    build: &(impl Fn(&ModelBytes) -> T + Sync),
) -> Result<T, String> {
    read_files(|file| folder.join(file.name()), build)
}

/// As [`read_model`], for files that may lie in different folders.
pub(crate) fn read_files<T: Send>(
    path_of: impl Fn(ModelFile) -> PathBuf,
    build: &(impl Fn(&ModelBytes) -> T + Sync),
) -> Result<T, String> {
    let checked = |file: ModelFile| read_checked(&path_of(file), file).map(Cow::Owned);
    let files = ModelBytes {
        config: checked(ModelFile::Config)?,
        tokenizer: checked(ModelFile::Tokenizer)?,
        weights: read(&path_of(ModelFile::Weights), ModelFile::Weights)?.into(),
    };
    build_checked(&files, build)
}

/// Checks the weights while `build` builds from them, on another core.
pub(crate) fn build_checked<T: Send>(
    files: &ModelBytes,
    build: &(impl Fn(&ModelBytes) -> T + Sync),
) -> Result<T, String> {
    let check = || check(ModelFile::Weights, &files.weights);
    let (outcome, built) = rayon::join(check, || build(files));
    outcome.map(|()| built)
}

/// Reads one file and checks it.
pub(crate) fn read_checked(path: &Path, file: ModelFile) -> Result<Vec<u8>, String> {
    let bytes = read(path, file)?;
    check(file, &bytes)?;
    Ok(bytes)
}

fn read(path: &Path, file: ModelFile) -> Result<Vec<u8>, String> {
    let name = file.name();
    let opened = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("no {name} there"),
        _ => format!("{name} cannot be opened: {error}"),
    })?;
    read_at_most(opened, file.max_bytes())
        .map_err(|error| format!("{name} cannot be read: {error}"))
}

/// Says which file is not the right one, and why.
pub(crate) fn check(file: ModelFile, bytes: &[u8]) -> Result<(), String> {
    file.check(bytes)
        .map_err(|problem| format!("{} is not the right file: {problem}", file.name()))
}

/// Reads to the end, or to one byte past the limit, which no check lets pass.
pub(crate) fn read_at_most(source: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    // One byte more than is expected saves the buffer from growing at the end of the file.
    let mut bytes = Vec::with_capacity(limit as usize + 1);
    source.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
