//! Removes centroids that are not worth a probe.

use super::AdaptationConfig;
use super::report::{CentroidChange, Recorder};
use crate::{CentroidId, Error, Index, Result};

impl Index {
    /// Removes one centroid and moves its items to the next nearest; the last centroid takes its id.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`], and [`Error::InvalidParameter`] for the only centroid there is.
    pub fn prune(&mut self, centroid: CentroidId) -> Result<super::AdaptationReport> {
        self.codebook.check(centroid)?;
        if self.k() == 1 {
            return Err(Error::parameter("K", "at least 2 to prune one", 1));
        }
        self.all_or_nothing(|index| {
            let mut recorder = Recorder::new(index.k());
            let change = CentroidChange::Pruned {
                removed: centroid,
                filled_by: index.last(),
            };
            index.remove_centroid(centroid, change, &mut recorder)?;
            Ok(recorder.finish(index))
        })
    }

    /// Merges tiny lists and prunes small idle ones, from the last centroid to the first, so that the
    /// centroid that takes a removed one's id has been looked at already.
    pub(super) fn prune_lists(
        &mut self,
        config: &AdaptationConfig,
        now_ms: i64,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let small = self.small(config);
        for at in (0..self.k()).rev() {
            if self.k() <= config.min_k {
                break;
            }
            let centroid = CentroidId(at as u32);
            if let Some(change) = self.removal(centroid, small, config, now_ms) {
                self.remove_centroid(centroid, change, recorder)?;
            }
        }
        Ok(())
    }

    /// Returns whether [`prune_lists`](Self::prune_lists) would remove anything.
    pub(super) fn asks_for_removals(&self, config: &AdaptationConfig, now_ms: i64) -> bool {
        let small = self.small(config);
        let mut centroids = (0..self.k() as u32).map(CentroidId);
        self.k() > config.min_k
            && centroids.any(|centroid| self.removal(centroid, small, config, now_ms).is_some())
    }

    /// Returns how many items an idle list holds at most that is pruned.
    fn small(&self, config: &AdaptationConfig) -> f32 {
        config.prune_undersize * self.len() as f32 / self.k() as f32
    }

    /// Returns as what a centroid is to be removed, if it is.
    fn removal(
        &self,
        removed: CentroidId,
        small: f32,
        config: &AdaptationConfig,
        now_ms: i64,
    ) -> Option<CentroidChange> {
        let len = self.lists.list(removed).len();
        let filled_by = self.last();
        if len < config.merge_below {
            return Some(CentroidChange::Merged { removed, filled_by });
        }
        let idle = self.usage[removed.index()].idle_ms(now_ms) >= config.prune_idle_ms;
        let prune = idle && len as f32 <= small;
        prune.then_some(CentroidChange::Pruned { removed, filled_by })
    }

    fn remove_centroid(
        &mut self,
        centroid: CentroidId,
        change: CentroidChange,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let ids = self.lists.list(centroid).ids().to_vec();
        let rows = self.list_rows(centroid)?.into_owned();
        ids.iter()
            .try_for_each(|item| self.remove(*item).map(drop))?;
        for item in self.swap_remove_centroid(centroid)? {
            recorder.renamed(item);
        }
        recorder.changed(change);
        // The last centroid has taken another id, which may decide ties: its list is looked at again.
        if centroid.index() < self.k() {
            self.repair(&[centroid], recorder)?;
        }
        let routed = self.codebook.encode_rows(&rows);
        for ((item, unit), encoding) in ids.iter().zip(rows.chunks(self.dim())).zip(routed) {
            self.insert(*item, unit, encoding.centroid)?;
            recorder.relocated(*item);
        }
        Ok(())
    }

    fn last(&self) -> CentroidId {
        CentroidId((self.k() - 1) as u32)
    }
}
