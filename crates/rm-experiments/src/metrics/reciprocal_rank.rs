//! Reciprocal rank and its mean, MRR.

use std::collections::HashMap;
use std::hash::Hash;

use super::mean::mean;

/// Returns RR@k: 1 over the rank of the first relevant item among the top `k` found, or 0 if none is.
///
/// An item is relevant if its grade in `grades` is at least `threshold` (1 for MS MARCO dev, 2 for TREC
/// DL, see [`Split::relevance_threshold`](crate::datasets::Split::relevance_threshold)).
///
/// `None` if no labelled item is relevant, or `k` is 0.
#[must_use]
pub fn reciprocal_rank<Id: Eq + Hash>(
    found: &[Id],
    grades: &HashMap<Id, u8>,
    threshold: u8,
    k: usize,
) -> Option<f64> {
    let is_relevant = |grade: &u8| *grade >= threshold;
    if k == 0 || !grades.values().any(is_relevant) {
        return None;
    }
    let first = found
        .iter()
        .take(k)
        .position(|id| grades.get(id).is_some_and(is_relevant));
    Some(first.map_or(0.0, |index| 1.0 / (index + 1) as f64))
}

/// Returns MRR@k: the mean of [`reciprocal_rank`] over queries, each a pair of found ids and grades.
///
/// Queries without a relevant item are left out; `None` if none is left or `k` is 0.
///
/// ```
/// use std::collections::HashMap;
/// use rm_experiments::metrics::mean_reciprocal_rank;
///
/// let grades = HashMap::from([(7, 1)]);
/// let queries = [(&[7, 8][..], &grades), (&[8, 7], &grades)];
/// assert_eq!(mean_reciprocal_rank(queries, 1, 10), Some(0.75));
/// ```
#[must_use]
pub fn mean_reciprocal_rank<'a, Id: Eq + Hash + 'a>(
    queries: impl IntoIterator<Item = (&'a [Id], &'a HashMap<Id, u8>)>,
    threshold: u8,
    k: usize,
) -> Option<f64> {
    let ranks: Vec<f64> = queries
        .into_iter()
        .filter_map(|(found, grades)| reciprocal_rank(found, grades, threshold, k))
        .collect();
    mean(&ranks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades() -> HashMap<u32, u8> {
        HashMap::from([(1, 1), (2, 2), (3, 3), (4, 0)])
    }

    #[test]
    fn the_threshold_decides_which_is_first() {
        // Ranks: 4 (grade 0), 1 (grade 1), 9 (unlabelled), 2 (grade 2).
        let found = [4, 1, 9, 2];
        assert_eq!(reciprocal_rank(&found, &grades(), 1, 10), Some(1.0 / 2.0));
        assert_eq!(reciprocal_rank(&found, &grades(), 2, 10), Some(1.0 / 4.0));
        assert_eq!(reciprocal_rank(&found, &grades(), 3, 10), Some(0.0));
        assert_eq!(reciprocal_rank(&found, &grades(), 2, 3), Some(0.0));
    }

    #[test]
    fn undefined_without_a_relevant_label_or_a_cut() {
        assert_eq!(reciprocal_rank(&[1], &HashMap::from([(1, 1)]), 2, 10), None);
        assert_eq!(reciprocal_rank(&[1], &HashMap::new(), 1, 10), None);
        assert_eq!(reciprocal_rank(&[1], &grades(), 1, 0), None);
    }

    #[test]
    fn the_mean_leaves_out_unlabelled_queries() {
        // 1/1, 1/2, 0 and one without labels: (1 + 0.5 + 0) / 3 = 0.5.
        let (grades, none) = (grades(), HashMap::new());
        let queries: [(&[u32], &HashMap<u32, u8>); 4] = [
            (&[3, 2], &grades),
            (&[1, 2], &grades),
            (&[9], &grades),
            (&[9], &none),
        ];
        assert_eq!(mean_reciprocal_rank(queries, 2, 10), Some(0.5));
        assert_eq!(mean_reciprocal_rank([(&[9][..], &none)], 2, 10), None);
    }
}
