//! When adaptation does what.

use crate::{Error, ORIGINAL_MAX_CENTROIDS, Result};

/// Share of a query that its centroid moves by (`EMA_ETA`, routing-memory 0.1.0).
pub const EMA_RATE: f32 = 0.01;
/// Bucket variance from which on a list is split (`SPLIT_VARIANCE_THRESHOLD`, routing-memory 0.1.0).
pub const SPLIT_VARIANCE: f32 = 0.15;
/// Milliseconds without a query after which a centroid is idle (`PRUNE_IDLE_SECONDS`, routing-memory 0.1.0).
pub const PRUNE_IDLE_MS: i64 = 3_600_000;
/// Queries between two cycles (`UPDATE_INTERVAL`, routing-memory 0.1.0).
pub const ADAPTATION_INTERVAL: u64 = 50;

/// Configures [`Index::adapt`](crate::Index::adapt).
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptationConfig {
    /// Splits lists whose bucket variance is at least this.
    pub split_variance: f32,
    /// Splits lists that hold more than this many times the mean.
    pub split_oversize: f32,
    /// Splits no list of fewer items.
    pub split_min_items: usize,
    /// Splits nothing once there are this many centroids.
    pub max_k: usize,
    /// Prunes lists whose centroid was nearest to no query for this many milliseconds, if they are small.
    pub prune_idle_ms: i64,
    /// Prunes idle lists of at most this many times the mean.
    ///
    /// The original would prune an idle list of any size, and so forget its codebook over night.
    pub prune_undersize: f32,
    /// Merges lists of fewer items into their neighbours, idle or not; 1 merges empty ones, 0 none.
    pub merge_below: usize,
    /// Prunes and merges nothing once there are only this many centroids.
    pub min_k: usize,
}

impl Default for AdaptationConfig {
    fn default() -> Self {
        Self {
            split_variance: SPLIT_VARIANCE,
            split_oversize: 8.0,
            split_min_items: 4,
            max_k: ORIGINAL_MAX_CENTROIDS,
            prune_idle_ms: PRUNE_IDLE_MS,
            prune_undersize: 0.25,
            merge_below: 1,
            min_k: 2,
        }
    }
}

impl AdaptationConfig {
    pub(super) fn check(&self) -> Result<()> {
        let positive = |x: f32| x > 0.0;
        if !positive(self.split_variance) {
            return Err(Error::parameter(
                "split_variance",
                "positive",
                self.split_variance,
            ));
        }
        if self.split_oversize.is_nan() || self.split_oversize <= 1.0 {
            return Err(Error::parameter(
                "split_oversize",
                "above 1",
                self.split_oversize,
            ));
        }
        if self.prune_undersize.is_nan() || self.prune_undersize < 0.0 {
            return Err(Error::parameter(
                "prune_undersize",
                "at least 0",
                self.prune_undersize,
            ));
        }
        if self.prune_idle_ms < 0 {
            return Err(Error::parameter(
                "prune_idle_ms",
                "at least 0",
                self.prune_idle_ms,
            ));
        }
        if self.min_k == 0 {
            return Err(Error::parameter("min_k", "at least 1", 0));
        }
        Ok(())
    }
}
