//! A figure to compare the data with.

/// Holds a value drawn as a line across the plot area: the published figure.
#[derive(Debug, Clone)]
pub struct Reference {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) at: Option<f64>,
}

impl Reference {
    /// Makes a reference; the legend shows `label` ("published: 0.9916 at n = 4").
    #[must_use]
    pub fn new(label: &str, value: f64) -> Self {
        Self {
            label: label.to_owned(),
            value,
            at: None,
        }
    }

    /// Marks with a star where on the other axis the value holds.
    #[must_use]
    pub fn at(mut self, x: f64) -> Self {
        self.at = Some(x);
        self
    }
}
