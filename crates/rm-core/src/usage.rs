//! How often and when each centroid answered a query.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Marks a centroid that no query and no adaptation has met yet.
const NEVER: i64 = i64::MIN;

/// Tells how much one centroid is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Time of the last query that was nearest to it, in milliseconds since 1970; `None` before the first.
    pub last_used_ms: Option<i64>,
    /// Queries that were nearest to it.
    pub hits: u64,
}

/// Is a [`Usage`] that parallel searches can write to.
#[derive(Debug)]
pub(crate) struct UsageCell {
    last_used_ms: AtomicI64,
    hits: AtomicU64,
}

impl UsageCell {
    pub(crate) fn new(usage: Usage) -> Self {
        Self {
            last_used_ms: AtomicI64::new(usage.last_used_ms.unwrap_or(NEVER)),
            hits: AtomicU64::new(usage.hits),
        }
    }

    /// Counts one query at `now_ms`.
    pub(crate) fn record(&self, now_ms: i64) {
        self.last_used_ms.fetch_max(now_ms, Ordering::Relaxed);
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Starts the idle clock at `now_ms` unless it runs already.
    pub(crate) fn start_clock(&self, now_ms: i64) {
        self.last_used_ms
            .fetch_max(now_ms.min(self.last_ms(now_ms)), Ordering::Relaxed);
    }

    /// Returns for how long no query was nearest to it; 0 before the clock has started.
    pub(crate) fn idle_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(self.last_ms(now_ms)).max(0)
    }

    pub(crate) fn get(&self) -> Usage {
        let last = self.last_used_ms.load(Ordering::Relaxed);
        Usage {
            last_used_ms: (last != NEVER).then_some(last),
            hits: self.hits.load(Ordering::Relaxed),
        }
    }

    fn last_ms(&self, otherwise: i64) -> i64 {
        self.get().last_used_ms.unwrap_or(otherwise)
    }
}

impl Default for UsageCell {
    fn default() -> Self {
        Self::new(Usage::default())
    }
}

impl Clone for UsageCell {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_once_and_never_runs_backwards() {
        let cell = UsageCell::default();
        assert_eq!(cell.idle_ms(1_000), 0);
        cell.start_clock(1_000);
        cell.start_clock(2_000);
        assert_eq!(cell.idle_ms(3_000), 2_000);
        cell.record(5_000);
        cell.record(4_000);
        assert_eq!(
            cell.get(),
            Usage {
                last_used_ms: Some(5_000),
                hits: 2
            }
        );
        assert_eq!(cell.idle_ms(4_000), 0);
    }
}
