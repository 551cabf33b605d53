//! The contents of the model's files, read or held in the program.

use std::borrow::Cow;
use std::fmt;

use super::folder;
use super::pinned::ModelFile;

/// Holds the contents of the model's files, as a program carries them in itself (`include_bytes!`).
#[derive(Clone, Copy)]
pub struct ModelFiles {
    /// `model.safetensors`.
    pub weights: &'static [u8],
    /// `tokenizer.json`.
    pub tokenizer: &'static [u8],
    /// `config.json`.
    pub config: &'static [u8],
}

/// The contents of the model's files, read once.
#[derive(Debug, Clone)]
pub(crate) struct ModelBytes {
    pub(crate) weights: Cow<'static, [u8]>,
    pub(crate) tokenizer: Cow<'static, [u8]>,
    pub(crate) config: Cow<'static, [u8]>,
}

impl ModelFiles {
    /// Checks the contents as those of a folder are checked, and gives what `build` makes of them.
    pub(crate) fn read_model<T: Send>(
        self,
        build: &(impl Fn(&ModelBytes) -> T + Sync),
    ) -> Result<T, String> {
        folder::check(ModelFile::Config, self.config)?;
        folder::check(ModelFile::Tokenizer, self.tokenizer)?;
        folder::build_checked(&self.into(), build)
    }
}

impl From<ModelFiles> for ModelBytes {
    fn from(files: ModelFiles) -> Self {
        Self {
            weights: files.weights.into(),
            tokenizer: files.tokenizer.into(),
            config: files.config.into(),
        }
    }
}

impl fmt::Debug for ModelFiles {
    /// Writes how many bytes there are, and none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFiles")
            .field("weights", &self.weights.len())
            .field("tokenizer", &self.tokenizer.len())
            .field("config", &self.config.len())
            .finish()
    }
}
