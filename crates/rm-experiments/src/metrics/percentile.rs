//! Percentiles by linear interpolation.

/// Returns the `percent`-th percentile (0 to 100), interpolated linearly between the two nearest values.
///
/// With n values in rising order, it stands at position `(n - 1) * percent / 100`, counted from 0; this is
/// type 7 of Hyndman and Fan (1996), the default of NumPy and R. 0 gives the least value, 100 the greatest.
///
/// `None` if there are no values, one is NaN or infinite, or `percent` is outside 0 to 100.
///
/// ```
/// use rm_experiments::metrics::percentile;
///
/// assert_eq!(percentile(&[40.0, 10.0, 20.0, 30.0], 50.0), Some(25.0));
/// ```
#[must_use]
pub fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    interpolate(&sorted(values)?, percent)
}

/// Holds the median and the two tail percentiles that latencies are reported by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// The value that 95% do not exceed.
    pub p95: f64,
    /// The value that 99% do not exceed.
    pub p99: f64,
}

impl Percentiles {
    /// Computes all three as [`percentile`] does, in the unit of `values`.
    ///
    /// `None` if there are no values or one is NaN or infinite.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values)?;
        Some(Self {
            p50: interpolate(&sorted, 50.0)?,
            p95: interpolate(&sorted, 95.0)?,
            p99: interpolate(&sorted, 99.0)?,
        })
    }
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(sorted)
}

/// Interpolates in values that are sorted already.
pub(super) fn interpolate(sorted: &[f64], percent: f64) -> Option<f64> {
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let position = last as f64 * (percent / 100.0);
    let below = position.floor() as usize;
    let low = *sorted.get(below)?;
    let high = *sorted.get((below + 1).min(last))?;
    // Equal neighbours need no arithmetic, which two infinite ones would turn into NaN.
    Some(if low == high {
        low
    } else {
        low + (high - low) * position.fract()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_values() {
        // Rising: 10 20 30 40. Position of the 90th: 3 * 0.9 = 2.7, so 30 + 0.7 * (40 - 30) = 37.
        let value = percentile(&[40.0, 10.0, 30.0, 20.0], 90.0);
        assert!(
            value.is_some_and(|value| (value - 37.0).abs() < 1e-12),
            "got {value:?}"
        );
    }

    #[test]
    fn at_the_ends_and_on_a_value() {
        let values = [5.0, 1.0, 3.0];
        assert_eq!(percentile(&values, 0.0), Some(1.0));
        assert_eq!(percentile(&values, 50.0), Some(3.0));
        assert_eq!(percentile(&values, 100.0), Some(5.0));
        assert_eq!(percentile(&[4.0], 99.0), Some(4.0));
    }

    #[test]
    fn the_three_of_a_hundred_and_one() {
        // 0, 1, ..., 100: the position is the percentage itself.
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(
            Percentiles::of(&values),
            Some(Percentiles {
                p50: 50.0,
                p95: 95.0,
                p99: 99.0
            })
        );
    }

    #[test]
    fn undefined_without_values_or_sense() {
        assert_eq!(percentile(&[], 50.0), None);
        assert_eq!(percentile(&[1.0, f64::NAN], 50.0), None);
        assert_eq!(percentile(&[1.0, f64::INFINITY], 0.0), None);
        for percent in [-1.0, 100.5, f64::NAN] {
            assert_eq!(percentile(&[1.0], percent), None);
        }
        assert_eq!(Percentiles::of(&[]), None);
    }
}
