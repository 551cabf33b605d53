//! What can go wrong between a text and its vector.

/// The result of every fallible call in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says what failed on the way from text to vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model's own computation failed.
    #[error("model computation failed: {0}")]
    Model(String),
}
