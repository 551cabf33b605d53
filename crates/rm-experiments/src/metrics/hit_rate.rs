//! Share of queries that find any answer.

use std::hash::Hash;

use super::gold_recall::gold_recall;
use super::mean::mean;

/// Returns 1 if at least one of the `gold` items is among the top `k` found, else 0.
///
/// `None` if there is no gold item or `k` is 0.
#[must_use]
pub fn hit<Id: Eq + Hash>(found: &[Id], gold: &[Id], k: usize) -> Option<f64> {
    gold_recall(found, gold, k).map(|recall| if recall > 0.0 { 1.0 } else { 0.0 })
}

/// Returns hit rate@k: the share of queries, each a pair of found and gold ids, with at least one gold
/// item in the top `k`.
///
/// Queries without gold are left out; `None` if none is left or `k` is 0.
///
/// ```
/// use rm_experiments::metrics::hit_rate;
///
/// let queries = [(&[1, 2][..], &[2][..]), (&[3, 4], &[9])];
/// assert_eq!(hit_rate(queries, 2), Some(0.5));
/// ```
#[must_use]
pub fn hit_rate<'a, Id: Eq + Hash + 'a>(
    queries: impl IntoIterator<Item = (&'a [Id], &'a [Id])>,
    k: usize,
) -> Option<f64> {
    let hits: Vec<f64> = queries
        .into_iter()
        .filter_map(|(found, gold)| hit(found, gold, k))
        .collect();
    mean(&hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_labelled_queries_hit() {
        // First: gold 5 at rank 2, a hit. Second: gold 8 at rank 3, outside the cut. Third: one of two
        // golds is enough. Fourth: no gold, left out. 2 / 3.
        let queries: [(&[u32], &[u32]); 4] = [
            (&[1, 5], &[5]),
            (&[1, 2, 8], &[8]),
            (&[4, 6], &[6, 7]),
            (&[1, 2], &[]),
        ];
        assert_eq!(hit_rate(queries, 2), Some(2.0 / 3.0));
    }

    #[test]
    fn undefined_without_labelled_queries_or_cut() {
        let unlabelled: [(&[u32], &[u32]); 1] = [(&[1], &[])];
        assert_eq!(hit_rate(unlabelled, 5), None);
        assert_eq!(hit_rate::<u32>([], 5), None);
        assert_eq!(hit(&[1], &[1], 0), None);
    }
}
