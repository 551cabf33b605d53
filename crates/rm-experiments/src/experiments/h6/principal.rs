//! Principal components of a block of vectors.

use anyhow::{Result, ensure};
use nalgebra::{DMatrix, DMatrixView, DVector, SymmetricEigen};
use rm_core::Vectors;

/// Vectors that one matrix product takes.
const BLOCK: usize = 1024;

/// Holds mean and covariance of a block of vectors.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    /// Mean of each component.
    pub(super) mean: DVector<f64>,
    /// Covariance of the components, `(dim, dim)`.
    pub(super) covariance: DMatrix<f64>,
}

impl Moments {
    /// Averages over all rows of `vectors`, of which there must be one.
    pub(super) fn of(vectors: &Vectors) -> Result<Self> {
        ensure!(!vectors.is_empty(), "expected vectors to average, got none");
        let (dim, n) = (vectors.dim(), vectors.len() as f64);
        let mut sum = DVector::zeros(dim);
        let mut squares = DMatrix::zeros(dim, dim);
        for rows in vectors.as_slice().chunks(BLOCK * dim) {
            let block = DMatrixView::from_slice(rows, dim, rows.len() / dim);
            squares += (block * block.transpose()).map(f64::from);
            for row in block.column_iter() {
                sum += row.map(f64::from);
            }
        }
        let mean = sum / n;
        Ok(Self {
            covariance: squares / n - &mean * mean.transpose(),
            mean,
        })
    }

    /// Returns the effective number of dimensions: `(sum of eigenvalues)^2 / (sum of their squares)`, which is the
    /// dimension where all directions vary alike and 1 where only one does.
    pub(super) fn participation_ratio(&self) -> f64 {
        let trace = self.covariance.trace();
        trace * trace / self.covariance.norm_squared()
    }
}

/// Maps vectors onto the directions in which the vectors it was fitted on vary most.
#[derive(Debug, Clone)]
pub(super) struct Principal {
    mean: DVector<f64>,
    /// One direction a row, `(n_axes, dim)`, divided by its standard deviation where whitened.
    axes: DMatrix<f64>,
}

impl Principal {
    /// Takes the first `n_axes` directions of `moments`, each scaled to unit variance where `whitened`.
    ///
    /// Directions without variance are left out.
    pub(super) fn of(moments: &Moments, n_axes: usize, whitened: bool) -> Result<Self> {
        let (variances, mut axes) = leading(&moments.covariance, n_axes);
        ensure!(!variances.is_empty(), "expected vectors that differ");
        if whitened {
            for (mut axis, variance) in axes.row_iter_mut().zip(&variances) {
                axis /= variance.sqrt();
            }
        }
        let mean = moments.mean.clone();
        Ok(Self { mean, axes })
    }

    /// Returns the number of components of what it maps to.
    pub(super) fn dim(&self) -> usize {
        self.axes.nrows()
    }

    /// Maps all vectors, row-major `(len, dim)`, not normalised.
    pub(super) fn map(&self, vectors: &Vectors) -> Vec<f32> {
        let dim = vectors.dim();
        let mut mapped = Vec::with_capacity(vectors.len() * self.dim());
        for rows in vectors.as_slice().chunks(BLOCK * dim) {
            let mut block = DMatrixView::from_slice(rows, dim, rows.len() / dim).map(f64::from);
            for mut row in block.column_iter_mut() {
                row -= &self.mean;
            }
            mapped.extend((&self.axes * block).iter().map(|x| *x as f32));
        }
        mapped
    }
}

/// Returns the `n` largest eigenvalues of a symmetric matrix with their eigenvectors, one a row, largest first.
///
/// Values below a 1e-10th of the largest count as zero and are left out.
pub(super) fn leading(matrix: &DMatrix<f64>, n: usize) -> (Vec<f64>, DMatrix<f64>) {
    let SymmetricEigen {
        eigenvalues,
        eigenvectors,
    } = SymmetricEigen::new(matrix.clone());
    let mut order: Vec<usize> = (0..eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigenvalues[b].total_cmp(&eigenvalues[a]));
    let least = order
        .first()
        .map_or(0.0, |&first| 1e-10 * eigenvalues[first]);
    order.retain(|&at| eigenvalues[at] > least.max(0.0));
    order.truncate(n);
    let values = order.iter().map(|&at| eigenvalues[at]).collect();
    let vectors = eigenvectors.select_columns(&order).transpose();
    (values, vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unit vectors of three components, four along the first axis, two along the second.
    fn cross() -> Result<Vectors> {
        let rows = [
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, -1.0, 0.0],
        ];
        Ok(Vectors::from_rows(3, rows.concat())?)
    }

    #[test]
    fn variances_and_effective_dimension_are_known() -> Result<()> {
        // Variances 4/6, 2/6 and 0: (6/6)^2 / (16/36 + 4/36) = 1.8.
        let moments = Moments::of(&cross()?)?;
        assert!((moments.participation_ratio() - 1.8).abs() < 1e-6);
        let (values, axes) = leading(&moments.covariance, 3);
        assert_eq!(values.len(), 2, "the third axis has no variance");
        assert!((values[0] - 4.0 / 6.0).abs() < 1e-6 && (values[1] - 2.0 / 6.0).abs() < 1e-6);
        assert!((axes[(0, 0)].abs() - 1.0).abs() < 1e-6 && (axes[(1, 1)].abs() - 1.0).abs() < 1e-6);
        Ok(())
    }

    #[test]
    fn whitened_axes_have_unit_variance() -> Result<()> {
        let moments = Moments::of(&cross()?)?;
        let plain = Principal::of(&moments, 1, false)?.map(&cross()?);
        assert!(plain.iter().take(4).all(|x| (x.abs() - 1.0).abs() < 1e-6));
        assert!(plain.iter().skip(4).all(|x| x.abs() < 1e-6));
        let white = Principal::of(&moments, 2, true)?.map(&cross()?);
        for axis in 0..2 {
            let squares: f32 = white.iter().skip(axis).step_by(2).map(|x| x * x).sum();
            assert!((squares / 6.0 - 1.0).abs() < 1e-5, "axis {axis}");
        }
        Ok(())
    }
}
