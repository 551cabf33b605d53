//! The Page-Hinkley test (Page, 1954; Hinkley, 1971) for a rise of the mean.

/// Sums up by how much values exceed their own mean; far above its minimum, the mean has risen.
#[derive(Debug, Clone)]
pub(super) struct PageHinkley {
    /// Rise of the mean that is let pass.
    delta: f64,
    /// Distance from the minimum that raises the alarm, lambda.
    threshold: f64,
    count: f64,
    mean: f64,
    sum: f64,
    minimum: f64,
}

impl PageHinkley {
    pub(super) fn new(delta: f64, threshold: f64) -> Self {
        Self {
            delta,
            threshold,
            count: 0.0,
            mean: 0.0,
            sum: 0.0,
            minimum: 0.0,
        }
    }

    /// Takes one value and returns whether the mean was found to have risen.
    pub(super) fn record(&mut self, value: f64) -> bool {
        self.count += 1.0;
        self.mean += (value - self.mean) / self.count;
        self.sum += value - self.mean - self.delta;
        self.minimum = self.minimum.min(self.sum);
        self.sum - self.minimum > self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_worked_by_hand() {
        let mut test = PageHinkley::new(0.1, 0.7);
        // Means 0, 0, 1/3, 1/2; sums -0.1, -0.2, 0.3667, 0.7667; above the minimum of -0.2 by 0.5667, 0.9667.
        let alarms: Vec<bool> = [0.0, 0.0, 1.0, 1.0].map(|x| test.record(x)).to_vec();
        assert_eq!(alarms, [false, false, false, true]);
        assert!((test.sum - 0.766_666_666).abs() < 1e-6);
        assert!((test.minimum + 0.2).abs() < 1e-12);
    }
}
