//! Where the model's files come from, one file a source, and the checks that they are the right ones.

mod attempts;
mod bytes;
mod checksums;
mod folder;
mod hub;
mod hub_cache;
mod install;
mod pinned;
mod source;
mod wheel;

#[cfg(test)]
mod hub_tests;
#[cfg(test)]
mod source_tests;

pub use attempts::{Attempt, Attempts};
pub use bytes::ModelFiles;
pub use source::ModelSource;

pub(crate) use bytes::ModelBytes;
pub(crate) use checksums::WEIGHTS_SHA256;
pub(crate) use pinned::sha256;
