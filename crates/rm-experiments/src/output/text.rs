//! Numbers as people read them; tables on disk hold plain ones.

use crate::suite::ResultRow;

/// Writes a count with commas between thousands.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a count with the word that goes with it, `1 text` or `2,000 texts`.
#[must_use]
pub fn pluralised(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// Writes a figure with four digits that count, or all of its whole part; trailing zeros are left
/// out.
#[must_use]
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 999.95 {
        let sign = if value < 0.0 { "−" } else { "" };
        // Rounded figures fit: nothing in a report comes near 2^64.
        return format!("{sign}{}", grouped(size.round() as u64));
    }
    if size != 0.0 && size < 0.000_95 {
        return format!("{value:.2e}").replace('-', "−");
    }
    let whole_digits = if size < 1.0 {
        0
    } else {
        size.log10().floor() as usize + 1
    };
    let fixed = format!("{value:.*}", 4_usize.saturating_sub(whole_digits));
    let trimmed = match fixed.split_once('.') {
        Some(_) => fixed.trim_end_matches('0').trim_end_matches('.'),
        None => &fixed,
    };
    trimmed.replace('-', "−")
}

/// Writes our figure of a row, with its interval where there is one: `0.7415 [0.7391, 0.744]`.
#[must_use]
pub fn figure_with_interval(row: &ResultRow) -> String {
    match (row.ci_low, row.ci_high) {
        (Some(low), Some(high)) => {
            format!("{} [{}, {}]", figure(row.ours), figure(low), figure(high))
        }
        _ => figure(row.ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (count, text) in cases {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn figures_keep_four_digits() {
        let cases = [
            (0.0, "0"),
            (0.741_53, "0.7415"),
            (0.5, "0.5"),
            (0.001_25, "0.0013"),
            (0.000_012_3, "1.23e−5"),
            (59.1, "59.1"),
            (768.0, "768"),
            (9_999.4, "9,999"),
            (123_456.7, "123,457"),
            (-0.053, "−0.053"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn words_agree_with_counts() {
        assert_eq!(pluralised(1, "text", "texts"), "1 text");
        assert_eq!(pluralised(0, "text", "texts"), "0 texts");
    }
}
