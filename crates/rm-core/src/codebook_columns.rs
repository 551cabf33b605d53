//! Centroids that are set, that come and that go: as they are and rounded, in step.

use nalgebra::DMatrix;

use crate::rounded_centroids::{MOST_COMPONENTS, RoundedCentroids};
use crate::{CentroidId, Codebook};

/// Fewest centroids that are worth a second, rounded form.
const ROUNDED_FROM: usize = 256;

impl Codebook {
    /// Makes the rounded form where the codebook has become large enough for one.
    pub(crate) fn round_if_large(&mut self) {
        let (k, dim) = (self.k(), self.dim());
        if self.rounded.is_none() && k >= ROUNDED_FROM && dim <= MOST_COMPONENTS {
            self.rounded = Some(RoundedCentroids::new(dim, self.as_slice()));
        }
    }

    /// Sets one centroid to a unit vector.
    pub(crate) fn set_column(&mut self, id: CentroidId, unit: &[f32]) {
        self.centroids.column_mut(id.index()).copy_from_slice(unit);
        if let Some(rounded) = &mut self.rounded {
            rounded.set(id.index(), unit);
        }
    }

    /// Appends a unit vector as the last centroid and returns its id.
    pub(crate) fn push_column(&mut self, unit: &[f32]) -> CentroidId {
        let k = self.k();
        let old = std::mem::replace(&mut self.centroids, DMatrix::zeros(0, 0));
        self.centroids = old.insert_column(k, 0.0);
        self.centroids.column_mut(k).copy_from_slice(unit);
        if let Some(rounded) = &mut self.rounded {
            rounded.push(unit);
        }
        self.round_if_large();
        CentroidId(k as u32)
    }

    /// Removes one centroid; the last one takes its id.
    pub(crate) fn swap_remove_column(&mut self, id: CentroidId) {
        let last = self.k() - 1;
        let old = std::mem::replace(&mut self.centroids, DMatrix::zeros(0, 0));
        let mut swapped = old;
        swapped.swap_columns(id.index(), last);
        self.centroids = swapped.remove_column(last);
        if let Some(rounded) = &mut self.rounded {
            rounded.swap_remove(id.index());
        }
    }
}
