//! Splits lists that one centroid cannot stand for.

use super::AdaptationConfig;
use super::report::{CentroidChange, Recorder};
use crate::train::train;
use crate::{CentroidId, Index, Result, Trainer, Vectors, dot};

/// Two halves whose centroids agree this well are one heap of equal vectors.
const INDISTINCT: f32 = 1.0 - 1e-6;

impl Index {
    /// Splits one list in two by spherical 2-means and moves items, its own and others', to where they are
    /// now routed.
    ///
    /// Returns `None` where there is nothing to tell apart: fewer than two items, or all equal.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`](crate::Error::UnknownCentroid).
    pub fn split(
        &mut self,
        centroid: CentroidId,
        seed: u64,
    ) -> Result<Option<super::AdaptationReport>> {
        self.codebook.check(centroid)?;
        let mut recorder = Recorder::new(self.k());
        let split = self.split_recorded(centroid, seed, &mut recorder)?;
        Ok(split.then(|| recorder.finish(self)))
    }

    /// Splits all lists that ask for it, in the order of their centroids.
    pub(super) fn split_lists(
        &mut self,
        config: &AdaptationConfig,
        seed: u64,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let mean = self.len() as f32 / self.k() as f32;
        for at in 0..self.k() {
            let centroid = CentroidId(at as u32);
            let len = self.lists.list(centroid).len();
            if self.k() >= config.max_k {
                break;
            }
            if len < config.split_min_items.max(2) {
                continue;
            }
            let oversized = len as f32 > config.split_oversize * mean;
            if oversized || self.bucket_variance(centroid)? >= config.split_variance {
                self.split_recorded(centroid, seed.wrapping_add(at as u64), recorder)?;
            }
        }
        Ok(())
    }

    fn split_recorded(
        &mut self,
        centroid: CentroidId,
        seed: u64,
        recorder: &mut Recorder,
    ) -> Result<bool> {
        let list = self.lists.list(centroid);
        if list.len() < 2 {
            return Ok(false);
        }
        let vectors = Vectors::from_unit_rows(self.dim(), list.vectors().to_vec());
        let halves = train(&vectors, 2, &Trainer::default(), seed)?.codebook;
        let (first, second) = halves.as_slice().split_at(self.dim());
        if dot(first, second) > INDISTINCT {
            return Ok(false);
        }
        self.codebook.set_column(centroid, first);
        let added = self.codebook.push_column(second);
        self.lists.push_list();
        self.usage.push(self.usage[centroid.index()].clone());
        recorder.changed(CentroidChange::Split {
            from: centroid,
            added,
        });
        self.repair(&[centroid, added], recorder)?;
        Ok(true)
    }
}
