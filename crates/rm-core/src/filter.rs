//! Which results are worth their tokens.

use crate::{Error, Result};

/// Is anything that was given a score by a search.
pub trait Score {
    /// Returns the dot product with the query: in [-1, 1] but for rounding.
    fn score(&self) -> f32;
}

/// Returns the lowest score that `threshold` keeps: itself, but everything from -1 down, since rounding may
/// put the dot product of two opposite unit vectors a little under -1.
pub(crate) fn lowest_kept(threshold: f32) -> f32 {
    if threshold <= -1.0 {
        f32::NEG_INFINITY
    } else {
        threshold
    }
}

/// Keeps the results that score at least `tau`, in their order; -1 keeps everything.
///
/// # Errors
/// [`Error::InvalidParameter`] when `tau` is no number.
pub fn filter_by_score<T: Score>(results: Vec<T>, tau: f32) -> Result<Vec<T>> {
    if tau.is_nan() {
        return Err(Error::parameter("tau", "a number", "NaN"));
    }
    let lowest = lowest_kept(tau);
    Ok(results
        .into_iter()
        .filter(|result| result.score() >= lowest)
        .collect())
}

/// Keeps the `n` results with the highest scores, best first; equals keep their order.
#[must_use]
pub fn filter_top_n<T: Score>(mut results: Vec<T>, n: usize) -> Vec<T> {
    results.sort_by(|a, b| b.score().total_cmp(&a.score()));
    results.truncate(n);
    results
}

/// Keeps results, in their order, as long as their tokens fit into `budget` together.
///
/// A result that does not fit is left out, and smaller ones after it may still be kept; so the sum never
/// exceeds the budget, and the first result is kept whenever it fits by itself.
#[must_use]
pub fn filter_by_token_budget<T>(
    results: Vec<T>,
    budget: usize,
    mut tokens: impl FnMut(&T) -> usize,
) -> Vec<T> {
    let mut left = budget;
    let mut kept = results;
    kept.retain(|result| match left.checked_sub(tokens(result)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Score for f32 {
        fn score(&self) -> f32 {
            *self
        }
    }

    #[test]
    fn filters_worked_by_hand() -> Result<()> {
        assert_eq!(filter_by_score(vec![0.9, 0.3, 0.29], 0.3)?, [0.9, 0.3]);
        assert_eq!(filter_by_score(vec![-1.000_000_1], -1.0)?, [-1.000_000_1]);
        assert_eq!(filter_top_n(vec![0.2, 0.9, 0.5], 2), [0.9, 0.5]);
        assert!(filter_top_n(vec![0.2], 0).is_empty());
        assert_eq!(
            filter_by_token_budget(vec![4, 7, 3, 3], 10, |t| *t),
            [4, 3, 3]
        );
        assert!(filter_by_score(vec![0.5f32], f32::NAN).is_err());
        Ok(())
    }

    proptest! {
        #[test]
        fn the_budget_is_hard(
            tokens in prop::collection::vec(0usize..50, 0..30), budget in 0usize..200,
        ) {
            let kept = filter_by_token_budget(tokens.clone(), budget, |t| *t);
            prop_assert!(kept.iter().sum::<usize>() <= budget);
            let naive = tokens.iter().filter(|t| **t <= budget).count();
            prop_assert!(kept.len() <= naive);
            if tokens.iter().sum::<usize>() <= budget {
                prop_assert_eq!(kept, tokens);
            }
        }
    }
}
