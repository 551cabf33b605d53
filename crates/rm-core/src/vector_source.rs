//! Vectors that are kept somewhere else than in an index.

use std::fmt;
use std::sync::Arc;

use crate::ItemId;

/// Keeps the vectors of an index's items, on disk as a rule, and reads them when a search or an adaptation needs them.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
///
/// use rm_core::{Codebook, Coding, Index, ItemId, Retriever, SourceError, VectorSource};
///
/// struct Kept(HashMap<ItemId, Vec<f32>>);
///
/// impl VectorSource for Kept {
///     fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
///         for item in items {
///             let vector = self.0.get(item).ok_or_else(|| SourceError::new(format!("no item {item}")))?;
///             rows.extend_from_slice(vector);
///         }
///         Ok(())
///     }
/// }
///
/// let kept = Kept(HashMap::from([(ItemId(1), vec![0.8, 0.6]), (ItemId(2), vec![0.0, 1.0])]));
/// let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
/// let mut index = Index::new(codebook).with_coding(Coding::one_bit(42)).with_vectors_in(Arc::new(kept))?;
/// index.add(ItemId(1), &[0.8, 0.6])?;
/// index.add(ItemId(2), &[0.0, 1.0])?;
/// assert_eq!(index.bytes().vectors, 0);
/// let found = Retriever::default().query(&index, &[1.0, 0.0])?;
/// assert_eq!(found.hits[0].item, ItemId(1));
/// # Ok::<(), rm_core::Error>(())
/// ```
pub trait VectorSource: Send + Sync {
    /// Appends the vectors of `items` to `rows`, in their order: unit vectors of the index's dimension, and for an item
    /// that was added or replaced the vector it came with, scaled to unit norm.
    ///
    /// # Errors
    /// [`SourceError`] where one of them cannot be read.
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError>;

    /// Is told that an index has another vector for an item from now on, or none, so that a source that keeps what it has read
    /// reads it anew; told too often rather than too seldom. Does nothing by default.
    fn forget(&self, _item: ItemId) {}

    /// Counts the bytes that the source holds in RAM so as to read sooner; none by default.
    fn held_bytes(&self) -> usize {
        0
    }
}

impl<S: VectorSource + ?Sized> VectorSource for Arc<S> {
    fn read(&self, items: &[ItemId], rows: &mut Vec<f32>) -> Result<(), SourceError> {
        self.as_ref().read(items, rows)
    }

    fn forget(&self, item: ItemId) {
        self.as_ref().forget(item);
    }

    fn held_bytes(&self) -> usize {
        self.as_ref().held_bytes()
    }
}

/// Says why vectors could not be read.
#[derive(Clone)]
pub struct SourceError(Arc<dyn std::error::Error + Send + Sync>);

impl SourceError {
    /// Wraps an error of the source's own, or a message.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// Returns the source's own error.
    #[must_use]
    pub fn inner(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self.0.as_ref()
    }
}

impl fmt::Debug for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Two are equal that say the same.
impl PartialEq for SourceError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// Is the source of an index.
#[derive(Clone)]
pub(crate) struct Elsewhere(pub(crate) Arc<dyn VectorSource>);

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VectorSource")
    }
}
