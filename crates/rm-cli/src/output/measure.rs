//! Numbers as people read them.

/// Writes a number with commas: 12,345.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes a number of items: `1 item`, `12,345 items`.
pub(crate) fn items(number: usize) -> String {
    match number {
        1 => "1 item".to_owned(),
        number => format!("{} items", grouped(number as u64)),
    }
}

/// Writes a number of bytes: `15.2 MiB`.
pub(crate) fn human_bytes(bytes: u64) -> String {
    const STEP: f64 = 1024.0;
    let mut number = bytes as f64;
    for unit in ["B", "KiB", "MiB"] {
        if number < STEP {
            return match unit {
                "B" => format!("{bytes} B"),
                unit => format!("{number:.1} {unit}"),
            };
        }
        number /= STEP;
    }
    format!("{number:.1} GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), expected);
        }
        assert_eq!(
            (items(1), items(1_000)),
            ("1 item".into(), "1,000 items".into())
        );
    }

    #[test]
    fn bytes_have_a_unit() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_536, "1.5 KiB"),
            (90_868_376, "86.7 MiB"),
            (3 << 30, "3.0 GiB"),
        ] {
            assert_eq!(human_bytes(bytes), expected);
        }
    }
}
