//! A figure of ours with its interval.

use anyhow::{Result, ensure};

/// Holds a measured figure and, where one was computed, its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    value: f64,
    interval: Option<(f64, f64)>,
}

impl Measured {
    /// Takes a figure that has no spread, such as a count of bytes.
    ///
    /// # Errors
    /// When the figure is infinite or not a number.
    pub fn exact(value: f64) -> Result<Self> {
        ensure!(value.is_finite(), "expected a finite figure, got {value}");
        Ok(Self {
            value,
            interval: None,
        })
    }

    /// Takes a figure with the 95% interval `[low, high]` round it.
    ///
    /// # Errors
    /// When one of the three is infinite or not a number, or `low` is above `high`.
    pub fn with_interval(value: f64, low: f64, high: f64) -> Result<Self> {
        ensure!(
            value.is_finite() && low.is_finite() && high.is_finite() && low <= high,
            "expected a finite figure within an interval from low to high, got {value} within [{low}, {high}]"
        );
        Ok(Self {
            value,
            interval: Some((low, high)),
        })
    }

    /// Returns the figure.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// Returns the interval, if one was computed.
    #[must_use]
    pub fn interval(self) -> Option<(f64, f64)> {
        self.interval
    }

    /// Returns the interval, or the figure itself as an interval of one point.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        self.interval.unwrap_or((self.value, self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_are_no_numbers_are_refused() {
        assert!(Measured::exact(f64::NAN).is_err());
        assert!(Measured::with_interval(0.5, f64::NEG_INFINITY, 0.6).is_err());
        assert!(Measured::with_interval(0.5, 0.6, 0.4).is_err());
    }

    #[test]
    fn bounds_fall_back_to_the_figure() -> Result<()> {
        assert_eq!(Measured::exact(3.0)?.bounds(), (3.0, 3.0));
        assert_eq!(Measured::with_interval(3.0, 2.0, 5.0)?.bounds(), (2.0, 5.0));
        Ok(())
    }
}
