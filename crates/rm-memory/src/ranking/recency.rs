//! How new an item is.

use crate::Result;
use crate::item_time::{ItemTime, age_ms};
use crate::parameter::{check, check_weight};

/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;

/// Days in which recency halves, where nothing is said. A choice, not a measurement: it depends on what is remembered.
pub const DEFAULT_HALF_LIFE_DAYS: f64 = 30.0;

/// How much cosine the newest item gains on the oldest, where nothing is said. A choice, not a measurement.
pub const DEFAULT_RECENCY_WEIGHT: f32 = 0.1;

/// Says how much it counts that an item is new: its recency is 1 now, 1/2 after one half-life, 1/4 after two, and so on.
///
/// A time in the future counts as now.
///
/// ```
/// use rm_memory::{ItemTime, Recency};
///
/// const DAY_MS: i64 = 86_400_000;
/// let recency = Recency::half_life_days(2.0).weight(0.2).by(ItemTime::Updated);
/// assert_eq!(recency.of(0, 4 * DAY_MS), 0.25);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recency {
    half_life_ms: f64,
    pub(super) weight: f32,
    pub(super) by: ItemTime,
}

impl Default for Recency {
    /// Halves in [`DEFAULT_HALF_LIFE_DAYS`] from the time of adding, and weighs [`DEFAULT_RECENCY_WEIGHT`].
    fn default() -> Self {
        Self::half_life_days(DEFAULT_HALF_LIFE_DAYS)
    }
}

impl Recency {
    /// Halves recency in so many days.
    #[must_use]
    pub fn half_life_days(days: f64) -> Self {
        Self::half_life_ms(days * DAY_MS)
    }

    /// Halves recency in so many milliseconds.
    #[must_use]
    pub fn half_life_ms(half_life_ms: f64) -> Self {
        Self {
            half_life_ms,
            weight: DEFAULT_RECENCY_WEIGHT,
            by: ItemTime::default(),
        }
    }

    /// Sets how much cosine a recency of 1 is worth (default [`DEFAULT_RECENCY_WEIGHT`]).
    #[must_use]
    pub fn weight(mut self, weight: f32) -> Self {
        self.weight = weight;
        self
    }

    /// Sets the time that age is counted from (default [`ItemTime::Created`]).
    #[must_use]
    pub fn by(mut self, by: ItemTime) -> Self {
        self.by = by;
        self
    }

    /// Returns the recency of a time, both in milliseconds since 1970: `2^(-age / half-life)`, from 0 to 1.
    #[must_use]
    pub fn of(&self, at_ms: i64, now_ms: i64) -> f32 {
        (-(age_ms(at_ms, now_ms) as f64) / self.half_life_ms).exp2() as f32
    }

    pub(super) fn check(&self) -> Result<()> {
        let is_valid = self.half_life_ms.is_finite() && self.half_life_ms > 0.0;
        let expected = "a finite number of milliseconds above 0";
        check("half-life", expected, self.half_life_ms, is_valid)?;
        check_weight("recency weight", self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_with_each_half_life() {
        let recency = Recency::half_life_ms(1_000.0);
        let now_ms = 10_000;
        assert_eq!(recency.of(now_ms, now_ms), 1.0);
        assert_eq!(recency.of(now_ms - 1_000, now_ms), 0.5);
        assert_eq!(recency.of(now_ms - 3_000, now_ms), 0.125);
    }

    #[test]
    fn the_future_is_now_and_the_oldest_time_is_nothing() {
        let recency = Recency::default();
        assert_eq!(recency.of(i64::MAX, 0), 1.0);
        assert_eq!(recency.of(i64::MIN, i64::MAX), 0.0);
        assert_eq!(recency.of(i64::MIN, i64::MIN), 1.0);
    }
}
