//! Periods as people write them.

use std::time::Duration;

/// Units with their seconds.
const UNITS: [(char, u64); 5] = [
    ('s', 1),
    ('m', 60),
    ('h', 3_600),
    ('d', 86_400),
    ('w', 604_800),
];

/// Reads a period such as `30d`, `12h` or `1d12h`.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    seconds(text)
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a period such as 30d, 12h or 1d12h (s, m, h, d, w)".to_owned())
}

fn seconds(text: &str) -> Option<u64> {
    let mut sum = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let mut after = after.chars();
        let unit = after.next()?;
        let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(seconds)?)?;
        rest = after.as_str();
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_sums() {
        for (text, seconds) in [
            ("45s", 45),
            ("30d", 2_592_000),
            ("1d12h", 129_600),
            ("2w", 1_209_600),
            ("90m", 5_400),
        ] {
            assert_eq!(period(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "",
            "30",
            "d",
            "0d",
            "-1d",
            "1.5d",
            "30 d",
            "1y",
            "99999999999999999999d",
        ] {
            assert!(period(text).is_err(), "{text}");
        }
    }
}
