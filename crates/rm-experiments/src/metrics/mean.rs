//! The arithmetic mean.

/// Returns the arithmetic mean, or `None` of nothing.
///
/// Summed in the order given, so the same values in another order may differ in the last bits.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_three() {
        // (1 + 2 + 6) / 3 = 3.
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(mean(&[]), None);
    }
}
