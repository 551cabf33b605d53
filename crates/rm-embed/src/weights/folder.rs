//! A folder that holds the model's files.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::pinned::ModelFile;

/// The contents of the model's files, read once and checked.
#[derive(Debug)]
pub(crate) struct ModelBytes {
    pub(crate) weights: Vec<u8>,
    pub(crate) tokenizer: Vec<u8>,
    pub(crate) config: Vec<u8>,
}

/// Reads and checks the model's files, or says what is wrong with the first that is not right.
pub(crate) fn read_model(folder: &Path) -> Result<ModelBytes, String> {
    read_files(|file| folder.join(file.name()))
}

/// As [`read_model`], for files that may lie in different folders.
pub(crate) fn read_files(path_of: impl Fn(ModelFile) -> PathBuf) -> Result<ModelBytes, String> {
    let read = |file: ModelFile| read_checked(&path_of(file), file);
    Ok(ModelBytes {
        config: read(ModelFile::Config)?,
        tokenizer: read(ModelFile::Tokenizer)?,
        weights: read(ModelFile::Weights)?,
    })
}

/// Reads one file and checks it.
pub(crate) fn read_checked(path: &Path, file: ModelFile) -> Result<Vec<u8>, String> {
    let name = file.name();
    let opened = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("no {name} there"),
        _ => format!("{name} cannot be opened: {error}"),
    })?;
    let bytes = read_at_most(opened, file.max_bytes())
        .map_err(|error| format!("{name} cannot be read: {error}"))?;
    file.check(&bytes)
        .map_err(|problem| format!("{name} is not the right file: {problem}"))?;
    Ok(bytes)
}

/// Reads to the end, or to one byte past the limit, which no check lets pass.
pub(crate) fn read_at_most(source: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    // One byte more than is expected saves the buffer from growing at the end of the file.
    let mut bytes = Vec::with_capacity(limit as usize + 1);
    source.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
