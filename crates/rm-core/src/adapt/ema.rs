//! Exponential moving averages: centroids drift towards the queries that reach them.

use std::collections::BTreeMap;

use super::report::{CentroidChange, Recorder};
use crate::vectors::check_unit;
use crate::{CentroidId, Codebook, Error, Index, Result};

/// Collects the moves of centroids between two adaptations, so that a query costs nothing but a sum.
///
/// A centroid that was moved must be compared with every item before the next search; collecting the moves
/// and applying them together shares that comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmaUpdates {
    moved: BTreeMap<CentroidId, Vec<f32>>,
}

impl EmaUpdates {
    /// Moves the pending position `c` of a centroid to the direction of `(1 - rate) * c + rate * x`.
    ///
    /// # Errors
    /// As [`check_unit`], [`Error::UnknownCentroid`], and [`Error::InvalidParameter`] for a rate outside of
    /// [0, 1].
    pub fn record(
        &mut self,
        codebook: &Codebook,
        centroid: CentroidId,
        x: &[f32],
        rate: f32,
    ) -> Result<()> {
        let unit = check_unit(codebook.dim(), x)?;
        let old = codebook.centroid(centroid)?;
        if !(0.0..=1.0).contains(&rate) {
            return Err(Error::parameter("EMA rate", "in 0..=1", rate));
        }
        let pending = self.moved.entry(centroid).or_insert_with(|| old.to_vec());
        let mixed: Vec<f32> = pending
            .iter()
            .zip(unit.iter())
            .map(|(c, x)| (1.0 - rate) * c + rate * x)
            .collect();
        // Opposite vectors may cancel out; then there is no direction to move to.
        if let Ok(direction) = check_unit(mixed.len(), &mixed) {
            pending.copy_from_slice(&direction);
        }
        Ok(())
    }

    /// Returns the number of centroids with a pending move.
    #[must_use]
    pub fn len(&self) -> usize {
        self.moved.len()
    }

    /// Returns whether no centroid has a pending move.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moved.is_empty()
    }

    /// Drops all pending moves, as after a refit.
    pub fn clear(&mut self) {
        self.moved.clear();
    }

    pub(super) fn check(&self, codebook: &Codebook) -> Result<()> {
        for (centroid, direction) in &self.moved {
            let expected = codebook.centroid(*centroid)?.len();
            if direction.len() != expected {
                return Err(Error::WrongDimension {
                    expected,
                    got: direction.len(),
                });
            }
        }
        Ok(())
    }
}

impl Index {
    /// Applies pending moves and repairs the lists.
    pub(super) fn apply_ema(&mut self, pending: EmaUpdates, recorder: &mut Recorder) -> Result<()> {
        let moved: Vec<CentroidId> = pending.moved.keys().copied().collect();
        for (centroid, direction) in pending.moved {
            self.move_centroid(centroid, &direction);
            recorder.changed(CentroidChange::Moved(centroid));
        }
        self.repair(&moved, recorder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_worked_by_hand() -> Result<()> {
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0])?;
        let mut pending = EmaUpdates::default();
        pending.record(&codebook, CentroidId(0), &[0.0, 1.0], 0.5)?;
        let half = 0.5f32.sqrt();
        let moved = &pending.moved[&CentroidId(0)];
        assert!((moved[0] - half).abs() < 1e-6 && (moved[1] - half).abs() < 1e-6);
        pending.record(&codebook, CentroidId(0), &[-half, -half], 0.5)?;
        assert_eq!(pending.len(), 1, "a move that cancels out is left out");
        assert!(
            pending
                .record(&codebook, CentroidId(1), &[0.0, 1.0], 0.5)
                .is_err()
        );
        assert!(
            pending
                .record(&codebook, CentroidId(0), &[0.0, 1.0], 1.5)
                .is_err()
        );
        Ok(())
    }
}
