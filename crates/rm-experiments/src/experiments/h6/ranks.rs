//! Whether two quantities rise together.

/// Returns Spearman's rank correlation: 1 where both rank alike, -1 where one ranks the other way round.
///
/// Equal values share the mean of their ranks. `None` where one of the two does not vary, or they differ in length.
pub(super) fn rank_correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    if left.len() != right.len() {
        return None;
    }
    let (left, right) = (ranks(left), ranks(right));
    let mean = (left.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let spread = (product(&left, &left) * product(&right, &right)).sqrt();
    (spread > 0.0).then(|| product(&left, &right) / spread)
}

/// Returns the rank of each value, from 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal as f64 + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_decide_and_not_distances() {
        assert_eq!(
            rank_correlation(&[1.0, 2.0, 50.0], &[0.1, 0.2, 0.3]),
            Some(1.0)
        );
        assert_eq!(
            rank_correlation(&[1.0, 2.0, 50.0], &[3.0, 2.0, 1.0]),
            Some(-1.0)
        );
        // Ranks 1 2 3 4 and 2 1 4 3: 1 - 6 * 4 / (4 * 15) = 0.6.
        let swapped = rank_correlation(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 4.0, 3.0]);
        assert!(swapped.is_some_and(|r| (r - 0.6).abs() < 1e-12));
    }

    #[test]
    fn equal_values_share_a_rank_and_constants_have_no_correlation() {
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0], &[1.0, 2.0]), None);
    }
}
