//! How unequal sizes are.

/// Returns the Gini coefficient of non-negative sizes: 0 if all are equal, `(n - 1) / n` if one of `n` holds
/// everything.
///
/// With sizes in rising order and ranks i from 1, `G = sum((2i - n - 1) x_i) / (n sum(x_i))`, which is the
/// mean absolute difference of two sizes over twice their mean (Gini, 1912), with no correction for small
/// n. Summed in whole numbers, so the order of the sizes has no effect at all. Empty buckets count.
///
/// `None` if there are no sizes or all are 0.
///
/// ```
/// use rm_experiments::metrics::gini;
///
/// assert_eq!(gini(&[5, 5, 5, 5]), Some(0.0));
/// assert_eq!(gini(&[0, 0, 0, 20]), Some(0.75));
/// ```
#[must_use]
pub fn gini(sizes: &[usize]) -> Option<f64> {
    let n = sizes.len() as i128;
    let total: i128 = sizes.iter().map(|&size| size as i128).sum();
    if total == 0 {
        return None;
    }
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let weighted: i128 = sorted
        .iter()
        .zip(1_i128..)
        .map(|(&size, rank)| (2 * rank - n - 1) * size as i128)
        .sum();
    Some(weighted as f64 / (n * total) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_unequal_sizes() {
        // Rising: 1 2 3 6, n = 4, sum 12. Weights 2i - 5: -3 -1 1 3.
        // -3 - 2 + 3 + 18 = 16; 16 / (4 * 12) = 1/3.
        assert_eq!(gini(&[3, 6, 1, 2]), Some(1.0 / 3.0));
    }

    #[test]
    fn the_two_extremes() {
        assert_eq!(gini(&[7; 9]), Some(0.0));
        assert_eq!(gini(&[0, 0, 9, 0, 0]), Some(0.8));
        assert_eq!(gini(&[3]), Some(0.0));
    }

    #[test]
    fn undefined_where_nothing_is_shared_out() {
        assert_eq!(gini(&[]), None);
        assert_eq!(gini(&[0, 0]), None);
    }

    #[test]
    fn huge_sizes_do_not_overflow() {
        assert_eq!(gini(&[usize::MAX, usize::MAX]), Some(0.0));
    }
}
