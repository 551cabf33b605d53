//! Normalised discounted cumulative gain.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Returns nDCG@k: the discounted gain of the top `k` found over that of the best possible order.
///
/// A grade g gains `2^g - 1` and is discounted by `log2(rank + 1)`, ranks from 1 (Burges et al., 2005).
/// `grades` holds the labelled items of one query; an unlabelled item gains nothing. The best order is
/// that of all labelled items, found or not. An id that stands twice gains at its first rank alone, and
/// its second place stays empty. Items of equal grade may change places without effect.
///
/// `None` if no item has a grade above 0, or `k` is 0.
///
/// ```
/// use std::collections::HashMap;
/// use rm_experiments::metrics::ndcg;
///
/// let grades = HashMap::from([("p1", 3), ("p2", 1)]);
/// assert_eq!(ndcg(&["p1", "p2", "p3"], &grades, 10), Some(1.0));
/// ```
#[must_use]
pub fn ndcg<Id: Eq + Hash>(found: &[Id], grades: &HashMap<Id, u8>, k: usize) -> Option<f64> {
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let ideal_gain = discounted_gain(ideal.into_iter().take(k));
    if ideal_gain <= 0.0 {
        return None;
    }
    let mut seen = HashSet::new();
    let found_grades = found.iter().take(k).map(|id| {
        if seen.insert(id) {
            grades.get(id).copied().unwrap_or(0)
        } else {
            0
        }
    });
    Some(discounted_gain(found_grades) / ideal_gain)
}

fn discounted_gain(grades: impl Iterator<Item = u8>) -> f64 {
    grades
        .zip(1_u32..)
        .map(|(grade, rank)| (f64::from(grade).exp2() - 1.0) / f64::from(rank + 1).log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades() -> HashMap<&'static str, u8> {
        HashMap::from([("a", 3), ("b", 2), ("c", 1), ("d", 0)])
    }

    #[test]
    fn three_grades_in_the_wrong_order() {
        // Gains: a 7, b 3, c 1, d 0. Discounts: log2(2) = 1, log2(3) = 1.584963, log2(4) = 2.
        // Found b, x, a: 3/1 + 0/1.584963 + 7/2 = 6.5.
        // Best  a, b, c: 7/1 + 3/1.584963 + 1/2 = 9.392789.
        // 6.5 / 9.392789 = 0.692020.
        let value = ndcg(&["b", "x", "a", "c"], &grades(), 3);
        assert!(
            value.is_some_and(|value| (value - 0.692_020).abs() < 1e-6),
            "got {value:?}"
        );
    }

    #[test]
    fn the_best_order_gives_one_and_nothing_found_gives_zero() {
        assert_eq!(ndcg(&["a", "b", "c", "d"], &grades(), 10), Some(1.0));
        assert_eq!(ndcg(&["d", "x"], &grades(), 10), Some(0.0));
        assert_eq!(ndcg(&[], &grades(), 10), Some(0.0));
    }

    #[test]
    fn a_repeated_id_gains_once_and_keeps_its_places() {
        // a, a, b: 7/1 + 0 + 3/2 = 8.5; without the repetition b would stand at rank 2.
        // 8.5 / 9.392789 = 0.904950.
        let value = ndcg(&["a", "a", "b"], &grades(), 3);
        assert!(
            value.is_some_and(|value| (value - 0.904_950).abs() < 1e-6),
            "got {value:?}"
        );
    }

    #[test]
    fn undefined_without_a_positive_grade_or_a_cut() {
        assert_eq!(ndcg(&["a"], &HashMap::from([("a", 0)]), 5), None);
        assert_eq!(ndcg(&["a"], &HashMap::new(), 5), None);
        assert_eq!(ndcg(&["a"], &grades(), 0), None);
    }
}
