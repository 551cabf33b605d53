//! Where an axis is marked, and with which words.

use crate::output::text::grouped;

/// Returns the multiples of `step` from `low` to `high`.
pub(super) fn linear(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last)
        .map(|multiple| rounded(multiple as f64 * step, step))
        .collect()
}

/// Returns the round number, 1, 2 or 5 times a power of ten, that divides the way from `low` to
/// `high` most nearly into `wanted` parts.
pub(super) fn step(low: f64, high: f64, wanted: usize) -> f64 {
    let rough = (high - low) / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let distance = |factor: &f64| (factor * power / rough).ln().abs();
    let nearest = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.unwrap_or(1.0) * power
}

/// Takes away the last bits, in which a multiple of 0.1 differs from the number people mean.
fn rounded(value: f64, step: f64) -> f64 {
    let scale = 10_f64.powf((6.0 - step.log10()).clamp(0.0, 15.0).floor());
    (value * scale).round() / scale
}

/// Returns the powers of `base` from `low` to `high`; where there are fewer than three of ten,
/// their double and fivefold too.
pub(super) fn logarithmic(low: f64, high: f64, base: f64) -> Vec<f64> {
    let first = (low.log(base) + 1e-9).floor() as i32 - 1;
    let last = (high.log(base) + 1e-9).ceil() as i32;
    let within = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
    let powers: Vec<f64> = (first..=last).map(|power| base.powi(power)).collect();
    let plain: Vec<f64> = powers.iter().copied().filter(within).collect();
    if base != 10.0 || plain.len() >= 3 {
        return plain;
    }
    let multiples = powers
        .iter()
        .flat_map(|power| [*power, 2.0 * power, 5.0 * power]);
    multiples.filter(within).collect()
}

/// Writes the ticks of one axis alike: commas up to 9,999, then K and M; as many decimals as tell
/// neighbours apart.
pub(super) fn labels(ticks: &[f64]) -> Vec<String> {
    let largest = ticks
        .iter()
        .fold(0.0_f64, |largest, tick| largest.max(tick.abs()));
    let decimals = |unit: f64| {
        let whole = |decimals: usize| {
            let scale = 10_f64.powi(decimals as i32);
            ticks.iter().all(|tick| {
                let scaled = tick / unit * scale;
                (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1.0)
            })
        };
        (0..=9).find(|decimals| whole(*decimals)).unwrap_or(9)
    };
    // On a logarithmic axis 1, 10, ..., 1,000,000 stand together, each in its own unit.
    let wide = ticks
        .iter()
        .any(|tick| *tick != 0.0 && tick.abs() * 100.0 <= largest);
    let label = |tick: &f64| {
        let (unit, sign) = match if wide { tick.abs() } else { largest } {
            size if size >= 1e6 => (1e6, "M"),
            size if size >= 1e4 => (1e3, "K"),
            _ => (1.0, ""),
        };
        if *tick == 0.0 {
            return "0".to_owned();
        }
        let decimals = if wide {
            own_decimals(tick / unit)
        } else {
            decimals(unit)
        };
        format!("{}{sign}", number(tick / unit, decimals))
    };
    ticks.iter().map(label).collect()
}

fn own_decimals(value: f64) -> usize {
    (0..=9)
        .find(|decimals| {
            let scaled = value * 10_f64.powi(*decimals);
            scaled.abs() >= 0.5 && (scaled - scaled.round()).abs() < 1e-6 * scaled.abs()
        })
        .map_or(9, |decimals| decimals as usize)
}

fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{whole}{point}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(step(0.0, 1.0, 6), 0.2);
        assert_eq!(step(0.93, 1.0, 6), 0.01);
        assert_eq!(step(0.0, 13.7, 6), 2.0);
        assert_eq!(step(0.0, 5_400.0, 6), 1_000.0);
    }

    #[test]
    fn linear_ticks_are_exact() {
        assert_eq!(linear(0.0, 1.0, 0.2), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(linear(0.93, 0.96, 0.01), [0.93, 0.94, 0.95, 0.96]);
        assert_eq!(linear(-3.0, 12.0, 5.0), [0.0, 5.0, 10.0]);
    }

    #[test]
    fn logarithmic_ticks_are_powers() {
        assert_eq!(
            logarithmic(8.0, 512.0, 2.0),
            [8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0]
        );
        assert_eq!(logarithmic(900.0, 1.1e6, 10.0), [1e3, 1e4, 1e5, 1e6]);
        assert_eq!(logarithmic(15.0, 120.0, 10.0), [20.0, 50.0, 100.0]);
    }

    #[test]
    fn labels_read_well() {
        assert_eq!(labels(&[0.0, 0.2, 0.4]), ["0", "0.2", "0.4"]);
        assert_eq!(labels(&[0.98, 0.985, 0.99]), ["0.980", "0.985", "0.990"]);
        assert_eq!(labels(&[0.0, 1_000.0, 2_000.0]), ["0", "1,000", "2,000"]);
        assert_eq!(labels(&[0.0, 5_000.0, 10_000.0]), ["0", "5K", "10K"]);
        assert_eq!(labels(&[0.0, 500_000.0, 1e6]), ["0", "0.5M", "1.0M"]);
        assert_eq!(labels(&[-2.0, 0.0, 2.0]), ["−2", "0", "2"]);
    }

    #[test]
    fn labels_of_a_logarithmic_axis_have_their_own_units() {
        let ticks = [0.01, 0.1, 1.0, 100.0, 1e3, 1e4, 1e6];
        assert_eq!(
            labels(&ticks),
            ["0.01", "0.1", "1", "100", "1,000", "10K", "1M"]
        );
    }
}
