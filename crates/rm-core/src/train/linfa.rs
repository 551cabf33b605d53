//! The reference trainer: linfa-clustering's k-means.

use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::KMeans;
use linfa_nn::distance::L2Dist;
use nalgebra::DMatrix;
use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::{LinfaConfig, Trained};
use crate::{Codebook, Error, Result, Vectors};

/// Fits `k` Euclidean centroids to all vectors and scales them to unit norm.
pub(super) fn train(
    vectors: &Vectors,
    k: usize,
    config: &LinfaConfig,
    seed: u64,
) -> Result<Trained> {
    config.check()?;
    let shape = (vectors.len(), vectors.dim());
    let records = ArrayView2::from_shape(shape, vectors.as_slice())
        .map_err(|error| Error::Linfa(error.to_string()))?;
    let model = KMeans::params_with(k, Xoshiro256Plus::seed_from_u64(seed), L2Dist)
        .max_n_iterations(config.max_iterations)
        .n_runs(config.runs)
        .tolerance(config.tolerance)
        .fit(&DatasetBase::from(records))
        .map_err(|error| Error::Linfa(error.to_string()))?;
    let rows: Vec<f32> = model.centroids().iter().copied().collect();
    let mut centroids = DMatrix::from_vec(vectors.dim(), k, rows);
    for (at, mut column) in centroids.column_iter_mut().enumerate() {
        if column.try_normalize_mut(f32::MIN_POSITIVE).is_none() {
            // Opposite vectors can cancel out; any member is a better centroid than none.
            column.copy_from_slice(vectors.get(at).unwrap_or_default());
        }
    }
    Ok(Trained {
        codebook: Codebook::from_matrix(centroids),
        iterations: config.max_iterations as usize * config.runs,
        sample: vectors.len(),
    })
}
