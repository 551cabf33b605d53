//! A batch of vectors as one block of memory.

/// Holds `len` vectors of `dim` components each, row-major, in the order of the texts they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    dim: usize,
    data: Vec<f32>,
}

impl Embeddings {
    /// Wraps a row-major block of shape `(data.len() / dim, dim)`.
    ///
    /// # Errors
    /// Gives the block back when `dim` is zero or does not divide its length.
    pub fn from_rows(dim: usize, data: Vec<f32>) -> std::result::Result<Self, Vec<f32>> {
        if dim == 0 || !data.len().is_multiple_of(dim) {
            return Err(data);
        }
        Ok(Self { dim, data })
    }

    /// Wraps a block that this crate made.
    pub(crate) fn checked(dim: usize, data: Vec<f32>) -> crate::Result<Self> {
        Self::from_rows(dim, data).map_err(|data| crate::Error::WrongDimension {
            expected: dim,
            got: data.len() % dim.max(1),
        })
    }

    /// Returns the number of components of each vector.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.len() / self.dim
    }

    /// Returns whether there is no vector at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Returns vector `index`, or `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[f32]> {
        self.data.chunks_exact(self.dim).nth(index)
    }

    /// Iterates over the vectors in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.data.chunks_exact(self.dim)
    }

    /// Returns the whole block, row-major `(len, dim)`.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// Gives up the block, row-major `(len, dim)`.
    #[must_use]
    pub fn into_vec(self) -> Vec<f32> {
        self.data
    }
}
