//! The data of a line chart.

/// Holds one point and, where it was computed, the interval of its height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) interval: Option<(f64, f64)>,
}

impl Point {
    /// Makes a point without an interval.
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self {
            x,
            y,
            interval: None,
        }
    }

    /// Gives the point the interval from `low` to `high`.
    #[must_use]
    pub fn with_interval(self, low: f64, high: f64) -> Self {
        Self {
            interval: Some((low, high)),
            ..self
        }
    }
}

/// Holds the points of one line, in the order they are joined, and how they are drawn.
///
/// Intervals are drawn as error bars unless [`banded`](Self::banded).
#[derive(Debug, Clone)]
pub struct Series {
    pub(super) label: String,
    pub(super) points: Vec<Point>,
    pub(super) look: Option<usize>,
    pub(super) band: bool,
    pub(super) markers: bool,
    pub(super) line: bool,
}

impl Series {
    /// Makes a series with a line, a marker at each point and error bars where points have
    /// intervals.
    #[must_use]
    pub fn new(label: &str, points: Vec<Point>) -> Self {
        Self {
            label: label.to_owned(),
            points,
            look: None,
            band: false,
            markers: true,
            line: true,
        }
    }

    /// Draws the intervals as one band behind the line.
    #[must_use]
    pub fn banded(mut self) -> Self {
        self.band = true;
        self
    }

    /// Leaves the markers out, for curves of many points.
    #[must_use]
    pub fn without_markers(mut self) -> Self {
        self.markers = false;
        self
    }

    /// Leaves the line out, for points that follow no order.
    #[must_use]
    pub fn without_line(mut self) -> Self {
        self.line = false;
        self
    }

    /// Fixes which colour, marker and dash pattern the series has, so that it looks the same in
    /// every plot; by default the first series of a chart has look 0, the second look 1.
    #[must_use]
    pub fn with_look(mut self, look: usize) -> Self {
        self.look = Some(look);
        self
    }
}
