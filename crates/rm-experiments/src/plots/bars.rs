//! The data of a bar chart.

/// Holds the length of one bar and, where it was computed, its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
}

impl Bar {
    /// Makes a bar without an interval.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self {
            value,
            interval: None,
        }
    }

    /// Gives the bar the interval from `low` to `high`.
    #[must_use]
    pub fn with_interval(self, low: f64, high: f64) -> Self {
        Self {
            interval: Some((low, high)),
            ..self
        }
    }

    /// Returns the greatest value that is drawn.
    pub(super) fn end(&self) -> f64 {
        self.interval
            .map_or(self.value, |(_, high)| high.max(self.value))
    }
}

/// Holds the bars of one look, one for each category.
#[derive(Debug, Clone)]
pub struct BarSeries {
    pub(super) label: String,
    pub(super) bars: Vec<Bar>,
}

impl BarSeries {
    /// Makes a series; `bars` are in the order of the chart's categories.
    #[must_use]
    pub fn new(label: &str, bars: Vec<Bar>) -> Self {
        Self {
            label: label.to_owned(),
            bars,
        }
    }
}
