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
        let mut recorder = Recorder::new(self.k());
        self.apply_ema(std::mem::take(pending), &mut recorder)?;
        self.split_lists(config, seed, &mut recorder)?;
        self.prune_lists(config, now_ms, &mut recorder)?;
        self.renew_codes()?;
        Ok(recorder.finish(self))
    }
}
