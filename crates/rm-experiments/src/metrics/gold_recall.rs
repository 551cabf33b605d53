//! Recall of labelled answers.

use std::collections::HashSet;
use std::hash::Hash;

/// Returns gold recall@k: the share of the labelled `gold` items that are among the top `k` found.
///
/// The denominator is the number of distinct gold items, also where it exceeds `k`, so that a query with
/// more answers than `k` cannot reach 1. Order within the top `k` does not matter; an id that stands
/// twice counts once.
///
/// `None` if there is no gold item or `k` is 0.
///
/// ```
/// use rm_experiments::metrics::gold_recall;
///
/// assert_eq!(gold_recall(&["D1:3", "D2:8"], &["D2:8", "D4:1"], 2), Some(0.5));
/// ```
#[must_use]
pub fn gold_recall<Id: Eq + Hash>(found: &[Id], gold: &[Id], k: usize) -> Option<f64> {
    let gold: HashSet<&Id> = gold.iter().collect();
    if gold.is_empty() || k == 0 {
        return None;
    }
    let kept: HashSet<&Id> = found
        .iter()
        .take(k)
        .filter(|id| gold.contains(id))
        .collect();
    Some(kept.len() as f64 / gold.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_answers_in_the_top_three() {
        // Gold 4, 7, 9. Top 3 found: 7, 1, 4, which holds two of the three; 9 comes at rank 4.
        assert_eq!(gold_recall(&[7, 1, 4, 9], &[4, 7, 9], 3), Some(2.0 / 3.0));
        assert_eq!(gold_recall(&[7, 1, 4, 9], &[4, 7, 9], 4), Some(1.0));
    }

    #[test]
    fn more_answers_than_places_cannot_all_be_found() {
        assert_eq!(gold_recall(&[1, 2], &[1, 2, 3, 4], 2), Some(0.5));
    }

    #[test]
    fn repeated_ids_count_once_on_either_side() {
        assert_eq!(gold_recall(&[1, 1, 5], &[1, 1, 2], 3), Some(0.5));
    }

    #[test]
    fn undefined_without_gold_or_cut() {
        assert_eq!(gold_recall(&[1], &[], 5), None);
        assert_eq!(gold_recall(&[1], &[1], 0), None);
        assert_eq!(gold_recall(&[], &[1], 5), Some(0.0));
    }
}
