//! What a caller can send that this crate refuses, each with what was expected and what came.

use crate::{CentroidId, ItemId, SourceError};

/// The result of every fallible call in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Says why a call was refused; nothing was changed by the call that returned it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector has another number of components than the codebook or block it meets.
    #[error("vector has the wrong dimension: expected {expected} components, got {got}")]
    WrongDimension {
        /// Components of the codebook or block.
        expected: usize,
        /// Components that came.
        got: usize,
    },

    /// A block of rows does not divide into vectors of the dimension it was said to have.
    #[error("block of {got} numbers does not divide into vectors of {dim} components")]
    RaggedBlock {
        /// The dimension the caller named.
        dim: usize,
        /// Length of the block.
        got: usize,
    },

    /// A vector holds a NaN or an infinity.
    #[error("vector {row} is not finite: component {component} is {value}")]
    NotFinite {
        /// Position of the vector in what was passed, 0 for a single one.
        row: usize,
        /// Position of the first bad component.
        component: usize,
        /// Its value.
        value: f32,
    },

    /// A vector has no direction.
    #[error("vector {row} is zero: it has no direction, so no cosine with anything")]
    ZeroVector {
        /// Position of the vector in what was passed, 0 for a single one.
        row: usize,
    },

    /// Something that needs at least one vector got none.
    #[error("{operation} needs at least one vector, got none")]
    NoVectors {
        /// What was asked for.
        operation: &'static str,
    },

    /// Two lists that belong together differ in length.
    #[error("expected {expected} of {what}, one for each, got {got}")]
    LengthMismatch {
        /// What there should be one of for each vector or centroid.
        what: &'static str,
        /// Number of vectors or centroids.
        expected: usize,
        /// Number that came.
        got: usize,
    },

    /// A parameter is outside of its range.
    #[error("{name} must be {expected}, got {got}")]
    InvalidParameter {
        /// Name of the parameter.
        name: &'static str,
        /// Range it has to lie in.
        expected: &'static str,
        /// The value that came.
        got: String,
    },

    /// No item with this id is in the index.
    #[error("item {0} is not in the index")]
    UnknownItem(ItemId),

    /// An item with this id is in the index already.
    #[error("item {0} is in the index already; use replace to change its vector")]
    DuplicateItem(ItemId),

    /// The codebook has no such centroid.
    #[error("centroid {got} does not exist: the codebook has centroids 0 to {}", k - 1)]
    UnknownCentroid {
        /// Number of centroids.
        k: usize,
        /// The id that came.
        got: CentroidId,
    },

    /// Vectors that are kept elsewhere could not be read.
    #[error("vectors cannot be read from where they are kept: {0}")]
    VectorSource(#[source] SourceError),

    /// A packed list is not one that an index with this codebook and coding has packed.
    #[error("packed list of centroid {centroid}: expected {expected}, got {got}")]
    PackedList {
        /// The centroid whose list it is said to be.
        centroid: CentroidId,
        /// What a packed list holds.
        expected: &'static str,
        /// What came.
        got: String,
    },

    /// The reference trainer gave up.
    #[error("linfa's k-means failed: {0}")]
    Linfa(String),
}

impl Error {
    /// Builds [`Error::InvalidParameter`] from any printable value.
    pub(crate) fn parameter(
        name: &'static str,
        expected: &'static str,
        got: impl ToString,
    ) -> Self {
        Self::InvalidParameter {
            name,
            expected,
            got: got.to_string(),
        }
    }
}
