//! How unequal sizes are.

/// Returns the Gini coefficient of non-negative sizes: 0 if all are equal, `(n - 1) / n` if one of `n` holds
/// everything.
///
/// Computed by [`rm_core::gini`], which knows no undefined case. Empty buckets count.
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
    sizes
        .iter()
        .any(|&size| size > 0)
        .then(|| rm_core::gini(sizes))
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
