//! What is kept, and for how long.

use std::time::Duration;

use crate::parameter::check_share;
use crate::{ItemTime, Result};

/// Says what is forgotten when forgetting is asked for. Each rule is a switch of its own; with none, only items whose own
/// time to live is over go.
///
/// An item is forgotten for the first of these that holds of it:
/// 1. its own time to live is over ([`ForgetReason::Expired`](crate::ForgetReason::Expired));
/// 2. it is older than `max_age`;
/// 3. it is less important than `min_importance`;
/// 4. with those gone, there are still more than `max_items`: the least valuable go until there are not, that is the least
///    important first, of equally important ones the oldest, and of equally old ones the one with the smaller id.
///
/// A pinned item is never forgotten, not even when its time to live is over. It counts towards `max_items`: where
/// more are pinned than may be kept, all others go and the pinned ones stay.
///
/// ```
/// use std::time::Duration;
/// use rm_memory::RetentionPolicy;
///
/// const DAY: Duration = Duration::from_secs(86_400);
/// let policy = RetentionPolicy::new().max_age(90 * DAY).min_importance(0.2).max_items(10_000);
/// policy.check()?;
/// assert_eq!(policy.max_age(None).min_importance(None).max_items(None), RetentionPolicy::default());
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RetentionPolicy {
    pub(super) max_age: Option<Duration>,
    pub(super) age_by: ItemTime,
    pub(super) min_importance: Option<f32>,
    pub(super) max_items: Option<usize>,
}

impl RetentionPolicy {
    /// Forgets what has outlived its own time to live, and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets items that are older than this (default `None`: age does not matter). A time in the future is no age.
    #[must_use]
    pub fn max_age(mut self, max_age: impl Into<Option<Duration>>) -> Self {
        self.max_age = max_age.into();
        self
    }

    /// Sets the time that age is counted from, for `max_age` and for who is the oldest (default [`ItemTime::Created`]).
    #[must_use]
    pub fn age_by(mut self, age_by: ItemTime) -> Self {
        self.age_by = age_by;
        self
    }

    /// Forgets items that are less important than this (default `None`: importance does not matter).
    #[must_use]
    pub fn min_importance(mut self, min_importance: impl Into<Option<f32>>) -> Self {
        self.min_importance = min_importance.into();
        self
    }

    /// Forgets the least valuable items until no more than this are left (default `None`: any number is kept).
    #[must_use]
    pub fn max_items(mut self, max_items: impl Into<Option<usize>>) -> Self {
        self.max_items = max_items.into();
        self
    }

    /// Refuses a policy that means nothing.
    ///
    /// # Errors
    /// [`rm_core::Error::InvalidParameter`] for a least importance outside of [0, 1].
    pub fn check(&self) -> Result<()> {
        self.min_importance
            .map_or(Ok(()), |least| check_share("least importance", least))
    }
}
