//! Adaptation: the codebook follows the items and the queries, and the items follow the codebook.
//!
//! The original moves centroids and leaves items where they were, so items drift out of reach. Here each
//! operation ends with a [repair](repair): every item that another centroid is now nearest to is moved to
//! that centroid's list. A centroid that moves concerns all items of its own list, and of other lists those
//! it has come nearer to than their own centroid; a centroid that goes concerns only its own list.

mod config;
mod ema;
mod prune;
mod repair;
mod report;
mod split;

pub use config::{ADAPTATION_INTERVAL, AdaptationConfig, EMA_RATE, PRUNE_IDLE_MS, SPLIT_VARIANCE};
pub use ema::EmaUpdates;
pub use report::{AdaptationReport, CentroidChange};

use crate::{Index, Result};
use report::Recorder;

impl Index {
    /// Runs one cycle of adaptation at time `now_ms`: applies and clears `pending` moving averages, splits
    /// lists that are spread out or oversized, merges tiny lists and prunes small idle ones.
    ///
    /// The same index, updates, time and seed give the same result. Costs a comparison of every item with
    /// every centroid that moved.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a configuration out of range,
    /// [`Error::WrongDimension`](crate::Error::WrongDimension) and
    /// [`Error::UnknownCentroid`](crate::Error::UnknownCentroid) for updates that belong to another codebook;
    /// the index is unchanged then.
    pub fn adapt(
        &mut self,
        config: &AdaptationConfig,
        pending: &mut EmaUpdates,
        now_ms: i64,
        seed: u64,
    ) -> Result<AdaptationReport> {
        config.check()?;
        pending.check(self.codebook())?;
        self.usage
            .iter()
            .for_each(|usage| usage.start_clock(now_ms));
        if pending.is_empty() && !self.has_work(config, now_ms) {
            return Ok(Recorder::new(self.k()).finish(self));
        }
        let report = self.all_or_nothing(|index| {
            let mut recorder = Recorder::new(index.k());
            index.apply_ema(pending.clone(), &mut recorder)?;
            index.split_lists(config, seed, &mut recorder)?;
            index.prune_lists(config, now_ms, &mut recorder)?;
            index.renew_codes()?;
            Ok(recorder.finish(index))
        })?;
        pending.clear();
        Ok(report)
    }

    /// Changes the index, or leaves it as it is where vectors that are elsewhere cannot be read.
    fn all_or_nothing<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if !self.has_vectors_elsewhere() {
            // Nothing is read, so nothing can fail half-way.
            return change(self);
        }
        let mut changed = self.clone();
        let done = change(&mut changed)?;
        *self = changed;
        Ok(done)
    }

    /// Returns whether a cycle would split, merge or prune something, or try to.
    fn has_work(&self, config: &AdaptationConfig, now_ms: i64) -> bool {
        self.asks_for_splits(config) || self.asks_for_removals(config, now_ms)
    }
}
