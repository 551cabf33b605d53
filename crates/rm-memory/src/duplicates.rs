//! What becomes of a text that is remembered already in almost the same words.

use crate::Result;
use crate::parameter::check;

/// The cosine from which on two texts count as the same, where nothing is said.
pub const DEFAULT_DUPLICATE_THRESHOLD: f32 = 0.95;

/// Says what is done with a new item that nearly equals one in the memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OnDuplicate {
    /// Both stay, and the outcome tells of the other.
    #[default]
    Keep,
    /// The new one is not stored; the old one stays as it is.
    Skip,
    /// The new one takes the place of the old one: its id too, unless the new one brings an id of its own, under which it is
    /// then stored while the old one is removed.
    Replace,
}

/// Says when a new item nearly equals one in the memory, and what is done then.
///
/// ```
/// use rm_memory::{DuplicateDecision, DuplicatePolicy, NearItem, OnDuplicate};
///
/// let policy = DuplicatePolicy::new(OnDuplicate::Skip).threshold(0.9);
/// let near = NearItem { id: "a".into(), score: 0.93 };
/// assert_eq!(policy.decide(None, [near.clone()])?, DuplicateDecision::Skip(near));
/// let far = NearItem { id: "a".into(), score: 0.8 };
/// assert_eq!(policy.decide(None, [far])?, DuplicateDecision::Add { near: None });
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuplicatePolicy {
    threshold: f32,
    action: OnDuplicate,
}

impl Default for DuplicatePolicy {
    /// Keeps everything, and tells of what is at least [`DEFAULT_DUPLICATE_THRESHOLD`] near.
    fn default() -> Self {
        Self::new(OnDuplicate::default())
    }
}

/// Is an item of the memory with its cosine to a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct NearItem {
    /// Its id.
    pub id: String,
    /// Its cosine with the new item, in [-1, 1].
    pub score: f32,
}

/// Says what is to be done with a new item.
#[derive(Debug, Clone, PartialEq)]
pub enum DuplicateDecision {
    /// It is stored beside everything else.
    Add {
        /// The item that it nearly equals, if there is one.
        near: Option<NearItem>,
    },
    /// It is not stored, because of this item.
    Skip(NearItem),
    /// It is stored in place of this item.
    Replace(NearItem),
}

/// Tells what became of an item that was to be added.
#[derive(Debug, Clone, PartialEq)]
pub enum AddOutcome {
    /// It was stored.
    Added {
        /// Its id.
        id: String,
        /// The item that it nearly equals, if there is one; both are there now.
        near: Option<NearItem>,
    },
    /// It was not stored.
    Skipped {
        /// The item that it nearly equals, which is as it was.
        because_of: NearItem,
    },
    /// It was stored in place of another.
    Replaced {
        /// Its id, which is that of the other unless it came with its own.
        id: String,
        /// The item that it nearly equals, whose text is gone.
        replaced: NearItem,
    },
}

impl AddOutcome {
    /// Returns the id under which the memory holds what was to be added, or what it nearly equals where it was skipped.
    ///
    /// ```
    /// use rm_memory::{AddOutcome, NearItem};
    ///
    /// let because_of = NearItem { id: "a".into(), score: 0.97 };
    /// assert_eq!(AddOutcome::Skipped { because_of }.id(), "a");
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Added { id, .. } | Self::Replaced { id, .. } => id,
            Self::Skipped { because_of } => &because_of.id,
        }
    }
}

impl DuplicatePolicy {
    /// Does this with what is at least [`DEFAULT_DUPLICATE_THRESHOLD`] near.
    #[must_use]
    pub fn new(action: OnDuplicate) -> Self {
        Self {
            threshold: DEFAULT_DUPLICATE_THRESHOLD,
            action,
        }
    }

    /// Sets the cosine from which on two items count as the same; there is none above 1, and -1 makes everything the same.
    #[must_use]
    pub fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// Decides what is done with a new item, given the items nearest to it, best first.
    ///
    /// An item is no duplicate of the one that it replaces by its own id anyway: `own_id` is passed over. Where that is not
    /// among `nearest`, the first of them is all that is looked at; so two are enough.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn decide(
        &self,
        own_id: Option<&str>,
        nearest: impl IntoIterator<Item = NearItem>,
    ) -> Result<DuplicateDecision> {
        self.check()?;
        let other = |near: &NearItem| own_id != Some(near.id.as_str());
        let near = nearest.into_iter().find(other);
        let near = near.filter(|near| near.score >= self.threshold);
        Ok(match (near, self.action) {
            (None, _) => DuplicateDecision::Add { near: None },
            (near, OnDuplicate::Keep) => DuplicateDecision::Add { near },
            (Some(near), OnDuplicate::Skip) => DuplicateDecision::Skip(near),
            (Some(near), OnDuplicate::Replace) => DuplicateDecision::Replace(near),
        })
    }

    /// Refuses a threshold that means nothing.
    ///
    /// # Errors
    /// [`rm_core::Error::InvalidParameter`] for a threshold outside of [-1, 1].
    pub fn check(&self) -> Result<()> {
        let (name, expected) = ("duplicate threshold", "a number from -1 to 1");
        let is_valid = (-1.0..=1.0).contains(&self.threshold);
        check(name, expected, self.threshold, is_valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(id: &str, score: f32) -> NearItem {
        NearItem {
            id: id.into(),
            score,
        }
    }

    #[test]
    fn the_action_is_taken_from_the_threshold_on() -> Result<()> {
        let decide = |action, score| {
            let policy = DuplicatePolicy::new(action).threshold(0.9);
            policy.decide(None, [near("a", score), near("b", 0.1)])
        };
        let (at, below) = (near("a", 0.9), DuplicateDecision::Add { near: None });
        for (action, expected) in [
            (
                OnDuplicate::Keep,
                DuplicateDecision::Add {
                    near: Some(at.clone()),
                },
            ),
            (OnDuplicate::Skip, DuplicateDecision::Skip(at.clone())),
            (OnDuplicate::Replace, DuplicateDecision::Replace(at)),
        ] {
            assert_eq!(decide(action, 0.9)?, expected);
            assert_eq!(decide(action, 0.899)?, below);
        }
        Ok(())
    }

    #[test]
    fn nothing_is_a_duplicate_of_itself() -> Result<()> {
        let policy = DuplicatePolicy::new(OnDuplicate::Skip);
        let nearest = [near("a", 1.0), near("b", 0.99)];
        assert_eq!(
            policy.decide(Some("a"), nearest.clone())?,
            DuplicateDecision::Skip(near("b", 0.99))
        );
        assert_eq!(
            policy.decide(Some("a"), nearest.into_iter().take(1))?,
            DuplicateDecision::Add { near: None }
        );
        assert_eq!(
            policy.decide(None, [])?,
            DuplicateDecision::Add { near: None }
        );
        Ok(())
    }

    #[test]
    fn thresholds_that_mean_nothing_are_refused() {
        for threshold in [1.01, -1.01, f32::NAN] {
            let policy = DuplicatePolicy::default().threshold(threshold);
            assert!(policy.decide(None, []).is_err());
        }
    }
}
