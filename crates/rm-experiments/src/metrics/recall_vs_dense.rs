//! Recall against an exact search.

use std::collections::HashSet;
use std::hash::Hash;

/// Returns R@k vs dense: the share of the exact top `k` that is among the top `k` found.
///
/// `exact` is the ranking of a brute-force search over everything. The denominator is `k`, or
/// `exact.len()` if the whole collection has fewer items. A result list that is shorter than `k` counts
/// as having missed the rest; an id that stands twice in it counts once. Order within the top `k` does
/// not matter; between items of equal score at the cut, it does which of them each ranking put first.
///
/// `None` if `k` is 0 or `exact` is empty. Says nothing about relevance: see
/// [`gold_recall`](super::gold_recall).
///
/// ```
/// use rm_experiments::metrics::recall_vs_dense;
///
/// assert_eq!(recall_vs_dense(&[7, 3, 9], &[3, 7, 1, 9], 3), Some(2.0 / 3.0));
/// ```
#[must_use]
pub fn recall_vs_dense<Id: Eq + Hash>(found: &[Id], exact: &[Id], k: usize) -> Option<f64> {
    let wanted: HashSet<&Id> = exact.iter().take(k).collect();
    if wanted.is_empty() {
        return None;
    }
    let kept: HashSet<&Id> = found
        .iter()
        .take(k)
        .filter(|id| wanted.contains(id))
        .collect();
    Some(kept.len() as f64 / wanted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_five_with_one_too_deep() {
        // Exact top 5: 1 2 3 4 5. Found top 5: 5 1 8 2 4, which holds 1, 2, 4 and 5; 3 comes at rank 6,
        // outside the cut. 4 / 5 = 0.8.
        assert_eq!(
            recall_vs_dense(&[5, 1, 8, 2, 4, 3], &[1, 2, 3, 4, 5, 6], 5),
            Some(0.8)
        );
    }

    #[test]
    fn a_short_list_misses_the_rest() {
        // 2 of the 4 wanted are found; the list ends there.
        assert_eq!(
            recall_vs_dense(&["b", "a"], &["a", "b", "c", "d"], 4),
            Some(0.5)
        );
        assert_eq!(recall_vs_dense(&[], &["a"], 4), Some(0.0));
    }

    #[test]
    fn a_collection_smaller_than_k_can_be_found_whole() {
        assert_eq!(recall_vs_dense(&[2, 1], &[1, 2], 10), Some(1.0));
    }

    #[test]
    fn a_repeated_id_counts_once() {
        assert_eq!(recall_vs_dense(&[1, 1, 1], &[1, 2, 3], 3), Some(1.0 / 3.0));
    }

    #[test]
    fn undefined_without_a_cut_or_an_exact_ranking() {
        assert_eq!(recall_vs_dense(&[1], &[1], 0), None);
        assert_eq!(recall_vs_dense(&[1], &[], 5), None);
    }
}
