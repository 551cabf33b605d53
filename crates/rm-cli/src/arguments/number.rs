//! Numbers in a range.

use std::ops::RangeInclusive;

/// Reads a number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f32, String> {
    within(text, 0.0..=1.0)
}

/// Reads a recall.
pub(crate) fn recall(text: &str) -> Result<f64, String> {
    let recall = text.parse().ok();
    let recall = recall.filter(|recall: &f64| *recall > 0.0 && *recall <= 1.0);
    recall.ok_or_else(|| "expected a number above 0 and at most 1".to_owned())
}

/// Reads a score.
pub(crate) fn cosine(text: &str) -> Result<f32, String> {
    within(text, -1.0..=1.0)
}

/// Reads how much something counts.
pub(crate) fn weight(text: &str) -> Result<f32, String> {
    let weight = within(text, 0.0..=f32::MAX);
    weight.map_err(|_| "expected a number from 0 on".to_owned())
}

fn within(text: &str, range: RangeInclusive<f32>) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        format!(
            "expected a number from {} to {}",
            range.start(),
            range.end()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_within_their_range() {
        assert_eq!(share("0.25"), Ok(0.25));
        assert_eq!(cosine("-1"), Ok(-1.0));
        for text in ["", "NaN", "inf", "1.01", "-0.1", "much"] {
            assert!(share(text).is_err(), "{text}");
        }
        assert_eq!(weight("1.5"), Ok(1.5));
        for text in ["", "NaN", "inf", "-0.1", "much"] {
            assert!(weight(text).is_err(), "{text}");
        }
    }
}
