//! How fast something grows: the exponent of a power law.

/// Returns the exponent `e` of `y = c x^e` that fits the points best: least squares on the logarithms of both.
///
/// `None` where fewer than two different `x` are given, or a coordinate has no logarithm.
#[must_use]
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    if logs.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let n = logs.len() as f64;
    let (mean_x, mean_y) = logs
        .iter()
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut covariance, mut variance) = (0.0, 0.0);
    for (x, y) in &logs {
        covariance += (x - mean_x) * (y - mean_y);
        variance += (x - mean_x) * (x - mean_x);
    }
    (variance > 0.0).then(|| covariance / variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_gives_its_exponent() {
        let points = [10.0_f64, 100.0, 1000.0].map(|x| (x, 3.0 * x.powf(0.5)));
        assert!(exponent(&points).is_some_and(|e| (e - 0.5).abs() < 1e-12));
    }

    #[test]
    fn points_off_the_law_pull_by_their_logarithms() {
        // Slopes 1 and 0 between three points at equal steps: the fit is (y3 - y1) / (x3 - x1) = 1/2.
        let e = exponent(&[(1.0, 1.0), (10.0, 10.0), (100.0, 10.0)]);
        assert!(e.is_some_and(|e| (e - 0.5).abs() < 1e-12));
    }

    #[test]
    fn one_size_has_no_exponent() {
        assert_eq!(exponent(&[]), None);
        assert_eq!(exponent(&[(10.0, 1.0), (10.0, 2.0)]), None);
        assert_eq!(exponent(&[(1.0, 0.0), (10.0, 2.0)]), None);
    }
}
