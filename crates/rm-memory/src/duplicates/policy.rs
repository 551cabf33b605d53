//! When two texts are the same, and what is done then.

use super::numbers::same_numbers;
use super::{DuplicateDecision, NearItem};
use crate::Result;
use crate::parameter::check;

/// The cosine from which on two texts count as the same, where nothing is said.
///
/// Chosen by the example `near_duplicates` of `rm-experiments`, on the nearest neighbours of 20,000 texts of each kind. Of web
/// passages that share four fifths of their words and all their numbers with another, 86% reach it (49% of the titles of
/// posts); of all pairs that reach it, 5% (2%) share less than half of their words. Of 20,000 generated memories, of which
/// each states another fact, no two reach even 0.90. The same fact in quite other words mostly does not reach it either: that
/// is for a model to tell, not for a cosine.
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
/// An embedding hardly sees numbers: of titles of posts whose cosine is 0.99 or more, four in five pairs differ in one ("Ruby 1.9.1
/// is released" and "Ruby 1.9.2 is released" have 0.995). So texts whose numbers differ are not the same, unless that
/// is switched off. It sees little more of names ("Bye Nate!" and "Bye Joanna!" have 0.993), which nothing here looks at; so
/// the default is to keep both and tell.
///
/// ```
/// use rm_memory::{DuplicateDecision, DuplicatePolicy, NearItem, OnDuplicate};
///
/// let policy = DuplicatePolicy::new(OnDuplicate::Skip).threshold(0.9);
/// let near = NearItem { id: "a".into(), score: 0.97 };
/// let decide = |text| policy.decide(text, None, [(near.clone(), "The flight leaves at 06:40")]);
/// assert_eq!(decide("The flight leaves at 06:40.")?, DuplicateDecision::Skip(near.clone()));
/// assert_eq!(decide("The flight leaves at 07:40")?, DuplicateDecision::Add { near: None });
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuplicatePolicy {
    threshold: f32,
    action: OnDuplicate,
    numbers_must_agree: bool,
}

impl Default for DuplicatePolicy {
    /// Keeps everything, and tells of what is at least [`DEFAULT_DUPLICATE_THRESHOLD`] near.
    fn default() -> Self {
        Self::new(OnDuplicate::default())
    }
}

impl DuplicatePolicy {
    /// Does this with what is at least [`DEFAULT_DUPLICATE_THRESHOLD`] near.
    #[must_use]
    pub fn new(action: OnDuplicate) -> Self {
        Self {
            threshold: DEFAULT_DUPLICATE_THRESHOLD,
            action,
            numbers_must_agree: true,
        }
    }

    /// Sets the cosine from which on two items count as the same; there is none above 1, and -1 makes everything the same.
    #[must_use]
    pub fn threshold(mut self, threshold: f32) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets whether two items count as the same only if the same numbers stand in them in the same order (default they do).
    #[must_use]
    pub fn numbers_must_agree(mut self, numbers_must_agree: bool) -> Self {
        self.numbers_must_agree = numbers_must_agree;
        self
    }

    /// Decides what is done with a new text, given the items nearest to it with their texts, best first.
    ///
    /// The first of them that counts as the same is the one. An item is no duplicate of the one that it replaces by its own
    /// id anyway: `own_id` is passed over.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn decide<'a>(
        &self,
        text: &str,
        own_id: Option<&str>,
        nearest: impl IntoIterator<Item = (NearItem, &'a str)>,
    ) -> Result<DuplicateDecision> {
        self.check()?;
        let is_same = |(near, other): &(NearItem, &str)| {
            near.score >= self.threshold
                && own_id != Some(near.id.as_str())
                && (!self.numbers_must_agree || same_numbers(text, other))
        };
        let same = nearest.into_iter().find(is_same).map(|(near, _)| near);
        Ok(match (same, self.action) {
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

    const TEXT: &str = "User drinks 2 espressi";

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
            policy.decide(TEXT, None, [(near("a", score), TEXT), (near("b", 0.1), "")])
        };
        let keep = DuplicateDecision::Add {
            near: Some(near("a", 0.9)),
        };
        for (action, expected) in [
            (OnDuplicate::Keep, keep),
            (OnDuplicate::Skip, DuplicateDecision::Skip(near("a", 0.9))),
            (
                OnDuplicate::Replace,
                DuplicateDecision::Replace(near("a", 0.9)),
            ),
        ] {
            assert_eq!(decide(action, 0.9)?, expected);
            let below = DuplicateDecision::Add { near: None };
            assert_eq!(decide(action, 0.899)?, below);
        }
        Ok(())
    }

    #[test]
    fn nothing_is_a_duplicate_of_itself() -> Result<()> {
        let policy = DuplicatePolicy::new(OnDuplicate::Skip);
        let nearest = [(near("a", 1.0), TEXT), (near("b", 0.99), TEXT)];
        assert_eq!(
            policy.decide(TEXT, Some("a"), nearest.clone())?,
            DuplicateDecision::Skip(near("b", 0.99))
        );
        let itself = nearest.into_iter().take(1);
        let added = DuplicateDecision::Add { near: None };
        assert_eq!(policy.decide(TEXT, Some("a"), itself)?, added);
        assert_eq!(policy.decide(TEXT, None, [])?, added);
        Ok(())
    }

    #[test]
    fn other_numbers_are_another_fact_unless_that_is_switched_off() -> Result<()> {
        let policy = DuplicatePolicy::new(OnDuplicate::Replace);
        let nearest = [
            (near("a", 0.99), "User drinks 3 espressi"),
            (near("b", 0.98), "User drinks 2 espressi."),
        ];
        assert_eq!(
            policy.decide(TEXT, None, nearest.clone())?,
            DuplicateDecision::Replace(near("b", 0.98))
        );
        let lax = policy.numbers_must_agree(false);
        assert_eq!(
            lax.decide(TEXT, None, nearest)?,
            DuplicateDecision::Replace(near("a", 0.99))
        );
        Ok(())
    }

    #[test]
    fn thresholds_that_mean_nothing_are_refused() {
        for threshold in [1.01, -1.01, f32::NAN] {
            let policy = DuplicatePolicy::default().threshold(threshold);
            assert!(policy.decide(TEXT, None, []).is_err());
        }
    }
}
