//! One axis: what it measures, how it is scaled, and where a value falls on it.

use super::PlotError;
use super::ticks;

/// Number of ticks a linear axis aims at.
const WANTED_TICKS: usize = 6;

/// Share of the axis left free beyond the data.
const PADDING: f64 = 0.04;

/// Says how values are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisScale {
    /// Equal differences are equally far apart.
    Linear,
    /// Equal ratios are equally far apart; ticks at powers of two.
    Log2,
    /// Equal ratios are equally far apart; ticks at powers of ten.
    Log10,
}

/// Says where an axis ends when its range is not fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// A little beyond the data.
    Beyond,
    /// At ticks where it is linear, a little beyond the data where it is logarithmic.
    Ticks,
    /// At ticks or, where it is logarithmic, at powers of its base: bars need a base to stand on.
    Powers,
}

/// Describes one axis of a chart.
#[derive(Debug, Clone)]
pub struct Axis {
    pub(super) label: String,
    scale: AxisScale,
    range: Option<(f64, f64)>,
    from_zero: bool,
}

impl Axis {
    /// Makes an axis; the label says what is measured and in which unit ("search time (ms)").
    #[must_use]
    pub fn new(label: &str, scale: AxisScale) -> Self {
        Self {
            label: label.to_owned(),
            scale,
            range: None,
            from_zero: false,
        }
    }

    /// Makes a linear axis.
    #[must_use]
    pub fn linear(label: &str) -> Self {
        Self::new(label, AxisScale::Linear)
    }

    /// Fixes the range; data outside it is then an error, because a chart hides no point.
    #[must_use]
    pub fn with_range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Makes a linear axis begin at zero at the latest.
    #[must_use]
    pub fn from_zero(mut self) -> Self {
        self.from_zero = true;
        self
    }

    /// Fits the axis to `values`.
    pub(super) fn fit(
        &self,
        values: impl Iterator<Item = f64> + Clone,
        ends: Ends,
        title: &str,
    ) -> Result<FittedAxis, PlotError> {
        let unplaceable = |value: f64| PlotError::Unplaceable {
            title: title.to_owned(),
            axis: self.label.clone(),
            value,
        };
        let logarithmic = self.scale != AxisScale::Linear;
        let impossible = |value: &f64| !value.is_finite() || (logarithmic && *value <= 0.0);
        let fixed = self.range.iter().flat_map(|(low, high)| [*low, *high]);
        if let Some(value) = values.clone().chain(fixed).find(impossible) {
            return Err(unplaceable(value));
        }
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = match self.range {
            Some((low, high)) if low >= high => return Err(unplaceable(high)),
            Some((low, high)) => {
                if least < low || most > high {
                    return Err(unplaceable(if least < low { least } else { most }));
                }
                (low, high)
            }
            None if logarithmic => self.logarithmic_range(least, most, ends),
            None => self.linear_range(least, most, ends),
        };
        Ok(FittedAxis {
            scale: self.scale,
            low,
            high,
            ticks: self.ticks(low, high),
        })
    }

    fn base(&self) -> f64 {
        if self.scale == AxisScale::Log2 {
            2.0
        } else {
            10.0
        }
    }

    fn logarithmic_range(&self, least: f64, most: f64, ends: Ends) -> (f64, f64) {
        if ends == Ends::Powers {
            let base = self.base();
            let low = (least.log(base) + 1e-9).floor();
            // A bar of the least value still has some length.
            let low = if least <= base.powf(low) * 1.05 {
                low - 1.0
            } else {
                low
            };
            let high = (most.log(base) - 1e-9).ceil().max(low + 1.0);
            return (base.powf(low), base.powf(high));
        }
        let spread = most / least;
        let margin = if spread < 2.0 {
            (2.0 / spread).sqrt()
        } else {
            spread.powf(PADDING)
        };
        (least / margin, most * margin)
    }

    fn linear_range(&self, least: f64, most: f64, ends: Ends) -> (f64, f64) {
        let least = if self.from_zero {
            least.min(0.0)
        } else {
            least
        };
        let most = if self.from_zero { most.max(0.0) } else { most };
        // Equal values still need some height round them.
        let flat = if most > least {
            0.0
        } else {
            least.abs().max(1.0) * 0.05
        };
        let (least, most) = (least - flat, most + flat);
        if ends == Ends::Beyond {
            let beyond = |end: f64| {
                if self.from_zero && end == 0.0 {
                    0.0
                } else {
                    (most - least) * PADDING
                }
            };
            return (least - beyond(least), most + beyond(most));
        }
        let step = ticks::step(least, most, WANTED_TICKS);
        (
            (least / step + 1e-6).floor() * step,
            (most / step - 1e-6).ceil() * step,
        )
    }

    fn ticks(&self, low: f64, high: f64) -> Vec<f64> {
        if self.scale != AxisScale::Linear {
            let powers = ticks::logarithmic(low, high, self.base());
            if powers.len() > 1 {
                return powers;
            }
        }
        let mut step = ticks::step(low, high, WANTED_TICKS);
        // Ends that were moved to ticks are multiples of a step that the longer way need not ask
        // for again.
        let whole = |step: f64| {
            [low, high]
                .iter()
                .all(|end| ((end / step) - (end / step).round()).abs() < 1e-6)
        };
        let finer = ticks::step(low, high, 2 * WANTED_TICKS);
        if !whole(step) && whole(finer) {
            step = finer;
        }
        ticks::linear(low, high, step)
    }
}

/// Holds an axis whose range is settled.
#[derive(Debug, Clone)]
pub(super) struct FittedAxis {
    scale: AxisScale,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl FittedAxis {
    /// Returns where `value` falls between the ends of the axis, 0 and 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        let along = |value: f64| match self.scale {
            AxisScale::Linear => value,
            AxisScale::Log2 | AxisScale::Log10 => value.ln(),
        };
        (along(value) - along(self.low)) / (along(self.high) - along(self.low))
    }

    /// Returns the lower end of the range.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// Returns the ticks with their labels.
    pub(super) fn labelled_ticks(&self) -> Vec<(f64, String)> {
        self.ticks
            .iter()
            .copied()
            .zip(ticks::labels(&self.ticks))
            .collect()
    }

    /// Returns every tick, or every second, third, ... one, so that labels at least `gap` apart fit
    /// on `length` pixels.
    pub(super) fn spaced_ticks(
        &self,
        length: f64,
        gap: f64,
        extent: impl Fn(&str) -> f64,
    ) -> Vec<(f64, String)> {
        let ticks = self.labelled_ticks();
        let fits = |stride: usize| {
            let kept: Vec<_> = ticks.iter().step_by(stride).collect();
            kept.windows(2).all(|pair| {
                let distance = (self.share(pair[1].0) - self.share(pair[0].0)) * length;
                (extent(&pair[0].1) + extent(&pair[1].1)) / 2.0 + gap <= distance
            })
        };
        let stride = (1..=ticks.len()).find(|stride| fits(*stride)).unwrap_or(1);
        ticks.into_iter().step_by(stride).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(axis: &Axis, values: &[f64]) -> Result<FittedAxis, PlotError> {
        axis.fit(values.iter().copied(), Ends::Ticks, "t")
    }

    #[test]
    fn a_snapped_axis_ends_at_ticks() -> Result<(), PlotError> {
        let axis = fit(&Axis::linear("recall"), &[0.62, 0.97])?;
        let ticks: Vec<String> = axis
            .labelled_ticks()
            .into_iter()
            .map(|tick| tick.1)
            .collect();
        assert_eq!(ticks[0], "0.60");
        assert_eq!(ticks.last().map(String::as_str), Some("1.00"));
        assert!(axis.share(0.6).abs() < 1e-9 && (axis.share(1.0) - 1.0).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() -> Result<(), PlotError> {
        let axis = fit(&Axis::new("K", AxisScale::Log2), &[8.0, 512.0])?;
        let first = axis.share(16.0) - axis.share(8.0);
        let last = axis.share(512.0) - axis.share(256.0);
        assert!((first - last).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn one_value_is_enough() -> Result<(), PlotError> {
        for axis in [
            Axis::linear("y"),
            Axis::linear("y").from_zero(),
            Axis::new("y", AxisScale::Log10),
        ] {
            let fitted = fit(&axis, &[3.0])?;
            let share = fitted.share(3.0);
            assert!((0.0..=1.0).contains(&share), "{share}");
            assert!(!fitted.labelled_ticks().is_empty());
        }
        Ok(())
    }

    #[test]
    fn values_without_a_place_are_refused() {
        assert!(fit(&Axis::new("x", AxisScale::Log10), &[0.0, 1.0]).is_err());
        assert!(fit(&Axis::linear("x"), &[f64::NAN]).is_err());
        assert!(fit(&Axis::linear("x").with_range(0.0, 1.0), &[1.5]).is_err());
        assert!(fit(&Axis::linear("x").with_range(1.0, 1.0), &[1.0]).is_err());
    }

    #[test]
    fn bars_stand_on_a_power() -> Result<(), PlotError> {
        let axis = Axis::new("bytes", AxisScale::Log10);
        let fitted = axis.fit([2.0, 1_720.0].into_iter(), Ends::Powers, "t")?;
        assert_eq!((fitted.low, fitted.high), (1.0, 10_000.0));
        let least = axis.fit([10.0, 900.0].into_iter(), Ends::Powers, "t")?;
        assert_eq!((least.low, least.high), (1.0, 1_000.0));
        Ok(())
    }

    #[test]
    fn crowded_labels_are_thinned() -> Result<(), PlotError> {
        let axis = fit(&Axis::new("K", AxisScale::Log2), &[1.0, 65_536.0])?;
        assert_eq!(axis.labelled_ticks().len(), 17);
        let spaced = axis.spaced_ticks(200.0, 4.0, |label| 8.0 * label.len() as f64);
        assert!(spaced.len() < 9 && spaced.len() > 2, "{spaced:?}");
        Ok(())
    }
}
