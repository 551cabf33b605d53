//! A block of unit vectors, checked once at the door.

use std::borrow::Cow;

use nalgebra::{DMatrixView, Dyn};

use crate::{Error, Result};

/// How far a squared norm may be from 1 before a vector is scaled; within it the bits stay as they came.
///
/// Embedders and `f16` round trips leave norms within a few units of 1e-6, so a vector that was stored
/// comes back as it was written.
const UNIT_TOLERANCE: f32 = 1e-5;

/// Holds `len` unit vectors of `dim` components, row-major `(len, dim)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    dim: usize,
    data: Vec<f32>,
}

impl Vectors {
    /// Takes a row-major block of shape `(data.len() / dim, dim)` and scales each row to unit norm.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for `dim` 0, [`Error::RaggedBlock`] when `dim` does not divide the
    /// block, [`Error::NotFinite`] and [`Error::ZeroVector`] for the first row that has no direction.
    pub fn from_rows(dim: usize, mut data: Vec<f32>) -> Result<Self> {
        if dim == 0 {
            return Err(Error::parameter("dim", "at least 1", dim));
        }
        if !data.len().is_multiple_of(dim) {
            return Err(Error::RaggedBlock {
                dim,
                got: data.len(),
            });
        }
        for (row, vector) in data.chunks_exact_mut(dim).enumerate() {
            if let Some(scale) = unit_scale(vector, row)? {
                vector
                    .iter_mut()
                    .for_each(|x| *x = (f64::from(*x) * scale) as f32);
            }
        }
        Ok(Self { dim, data })
    }

    /// Makes an empty block for vectors of `dim` components.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for `dim` 0.
    pub fn empty(dim: usize) -> Result<Self> {
        Self::from_rows(dim, Vec::new())
    }

    /// Appends one vector, scaled to unit norm.
    ///
    /// # Errors
    /// As [`check_unit`].
    pub fn push(&mut self, vector: &[f32]) -> Result<()> {
        let unit = check_unit(self.dim, vector)?;
        self.data.extend_from_slice(&unit);
        Ok(())
    }

    /// Wraps rows that are known to be unit vectors because they came out of another checked block.
    pub(crate) fn from_unit_rows(dim: usize, data: Vec<f32>) -> Self {
        debug_assert!(dim > 0 && data.len().is_multiple_of(dim));
        Self { dim, data }
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

    /// Returns whether there is no vector.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Returns vector `row`, or `None` past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&[f32]> {
        let start = row.checked_mul(self.dim)?;
        self.data.get(start..start.checked_add(self.dim)?)
    }

    /// Iterates over the vectors in order.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, f32> {
        self.data.chunks_exact(self.dim)
    }

    /// Returns the whole block, row-major `(len, dim)`.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// Returns the first `len` vectors (or all, where there are fewer) as a block of their own.
    #[must_use]
    pub fn prefix(&self, len: usize) -> Self {
        let end = len.min(self.len()) * self.dim;
        Self::from_unit_rows(self.dim, self.data[..end].to_vec())
    }

    /// Copies the vectors at `rows`, in that order; rows past the end are left out.
    #[must_use]
    pub fn gather(&self, rows: &[usize]) -> Self {
        let mut data = Vec::with_capacity(rows.len() * self.dim);
        rows.iter()
            .filter_map(|&row| self.get(row))
            .for_each(|v| data.extend_from_slice(v));
        Self::from_unit_rows(self.dim, data)
    }
}

/// Views row-major `(n, dim)` numbers as the `dim x n` matrix that has one vector a column.
///
/// `None` when the length is no multiple of `dim`.
pub(crate) fn columns(dim: usize, rows: &[f32]) -> DMatrixView<'_, f32> {
    debug_assert!(rows.len().is_multiple_of(dim));
    DMatrixView::from_slice_generic(rows, Dyn(dim), Dyn(rows.len() / dim))
}

/// Checks one vector against a dimension and returns it with unit norm, borrowed where it has that already.
///
/// # Errors
/// [`Error::WrongDimension`], [`Error::NotFinite`], [`Error::ZeroVector`].
pub fn check_unit(dim: usize, vector: &[f32]) -> Result<Cow<'_, [f32]>> {
    if vector.len() != dim {
        return Err(Error::WrongDimension {
            expected: dim,
            got: vector.len(),
        });
    }
    Ok(match unit_scale(vector, 0)? {
        None => Cow::Borrowed(vector),
        Some(scale) => Cow::Owned(
            vector
                .iter()
                .map(|x| (f64::from(*x) * scale) as f32)
                .collect(),
        ),
    })
}

/// Returns what `vector` has to be multiplied by to have unit norm, `None` where it has that already.
fn unit_scale(vector: &[f32], row: usize) -> Result<Option<f64>> {
    let squared: f64 = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    if !squared.is_finite() {
        let bad = vector.iter().enumerate().find(|(_, x)| !x.is_finite());
        let (component, value) = bad.map_or((0, f32::NAN), |(i, x)| (i, *x));
        return Err(Error::NotFinite {
            row,
            component,
            value,
        });
    }
    if squared == 0.0 {
        return Err(Error::ZeroVector { row });
    }
    let is_unit = (squared - 1.0).abs() <= f64::from(UNIT_TOLERANCE);
    Ok((!is_unit).then(|| squared.sqrt().recip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_scaled_to_unit_norm() -> Result<()> {
        let vectors = Vectors::from_rows(2, vec![3.0, 4.0, 0.0, -2.0])?;
        assert_eq!(vectors.as_slice(), &[0.6, 0.8, 0.0, -1.0]);
        assert_eq!(vectors.len(), 2);
        Ok(())
    }

    #[test]
    fn unit_rows_keep_their_bits() -> Result<()> {
        let row = vec![0.600_000_1, 0.8];
        assert_eq!(Vectors::from_rows(2, row.clone())?.as_slice(), row);
        Ok(())
    }

    #[test]
    fn the_smallest_and_the_largest_numbers_have_a_direction() -> Result<()> {
        let tiny = f32::MIN_POSITIVE / 8.0;
        assert_eq!(
            Vectors::from_rows(2, vec![tiny, 0.0])?.as_slice(),
            &[1.0, 0.0]
        );
        assert_eq!(
            Vectors::from_rows(2, vec![0.0, f32::MAX])?.as_slice(),
            &[0.0, 1.0]
        );
        Ok(())
    }

    #[test]
    fn what_has_no_direction_is_refused() {
        let zero = Vectors::from_rows(2, vec![1.0, 0.0, 0.0, 0.0]);
        assert_eq!(zero, Err(Error::ZeroVector { row: 1 }));
        let infinite = Vectors::from_rows(2, vec![1.0, f32::INFINITY]);
        assert_eq!(
            infinite,
            Err(Error::NotFinite {
                row: 0,
                component: 1,
                value: f32::INFINITY
            })
        );
        assert!(matches!(
            check_unit(2, &[f32::NAN, 0.0]),
            Err(Error::NotFinite { component: 0, .. })
        ));
        assert_eq!(
            check_unit(3, &[1.0]),
            Err(Error::WrongDimension {
                expected: 3,
                got: 1
            })
        );
        assert_eq!(
            Vectors::from_rows(2, vec![1.0; 3]),
            Err(Error::RaggedBlock { dim: 2, got: 3 })
        );
        assert!(Vectors::from_rows(0, vec![]).is_err());
    }
}
