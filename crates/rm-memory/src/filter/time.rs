//! Times as people and programs write them.

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Reads a time in RFC 3339 (`2026-01-31T12:00:00Z`, `2026-01-31 14:00:00.25+02:00`), or a date alone, which is its midnight
/// in UTC; returns milliseconds since 1970.
///
/// What falls between two milliseconds is told as half-way between them, which is all that a comparison with whole
/// milliseconds can notice. A leap second is the first one of the next minute.
pub(super) fn milliseconds(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let (date, rest) = (bytes.get(..10)?, bytes.get(10..)?);
    let day_ms = days(date)? * DAY_MS;
    let Some((separator, rest)) = rest.split_first() else {
        return Some(day_ms as f64);
    };
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let clock = rest.get(..8)?;
    if clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let hour = number(&clock[..2], 0..=23)?;
    let minute = number(&clock[3..5], 0..=59)?;
    let second = number(&clock[6..], 0..=60)?;
    let (fraction_ms, zone) = fraction(&rest[8..])?;
    let whole = day_ms + ((hour * 60 + minute) * 60 + second) * 1000 - offset_ms(zone)?;
    Some(whole as f64 + fraction_ms)
}

/// Returns the days from 1970 to a date such as `2026-01-31`.
fn days(date: &[u8]) -> Option<i64> {
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let year = number(&date[..4], 0..=9999)?;
    let month = number(&date[5..7], 1..=12)?;
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let in_month = match month {
        2 => 28 + i64::from(leaps),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = number(&date[8..], 1..=in_month)?;
    // Years from March on, so that a leap day is the last of its year; in 400 of them there are 146,097 days, and 719,468
    // from the year 0 to 1970 (Hinnant, chrono-compatible low-level date algorithms).
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Reads a fraction of a second, if there is one, in milliseconds, and returns what follows it.
fn fraction(rest: &[u8]) -> Option<(f64, &[u8])> {
    let Some((b'.', rest)) = rest.split_first() else {
        return Some((0.0, rest));
    };
    let end = rest.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, zone) = rest.split_at(end.unwrap_or(rest.len()));
    if digits.is_empty() {
        return None;
    }
    let (ms, finer) = digits.split_at(digits.len().min(3));
    let whole = ms
        .iter()
        .fold(0, |ms, digit| ms * 10 + i32::from(digit - b'0'));
    let whole = whole * 10i32.pow(3 - ms.len() as u32);
    let between = finer.iter().any(|digit| *digit != b'0');
    Some((f64::from(whole) + if between { 0.5 } else { 0.0 }, zone))
}

/// Reads how far a zone is ahead of UTC, in milliseconds.
fn offset_ms(zone: &[u8]) -> Option<i64> {
    let sign = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    if zone.len() != 6 || zone[3] != b':' {
        return None;
    }
    let minutes = number(&zone[1..3], 0..=23)? * 60 + number(&zone[4..], 0..=59)?;
    Some(sign * minutes * 60_000)
}

/// Reads a number of digits alone, which has to be in a range.
fn number(digits: &[u8], range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    range.contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_worked_elsewhere() {
        // By `date -u -d TIME +%s`.
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("1969-12-31T23:59:59.999Z", -1.0),
            ("2000-02-29T12:00:00Z", 951_825_600_000.0),
            ("2026-01-31T12:00:00Z", 1_769_860_800_000.0),
            ("2026-01-31t14:30:00.25+02:30", 1_769_860_800_250.0),
            ("2026-01-31 07:00:00-05:00", 1_769_860_800_000.0),
            ("2026-01-31", 1_769_817_600_000.0),
            ("1900-03-01", -2_203_891_200_000.0),
            ("0000-01-01", -62_167_219_200_000.0),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000.0),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000.0),
            ("1970-01-01T00:00:00.0010001Z", 1.5),
            ("1970-01-01T00:00:00.0010000Z", 1.0),
        ] {
            assert_eq!(milliseconds(text), Some(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026",
            "2026-1-31",
            "2026-02-29",
            "2026-13-01",
            "2026-01-00",
            "2026-01-31T",
            "2026-01-31T12:00:00",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00+2:00",
            "2026-01-31T12:00:00Zulu",
            "2026-01-31x12:00:00Z",
            "+026-01-31",
            "2026-01-31T12-00-00Z",
            "yesterday",
            "2026-01-31T12:00:00+02:00x",
            "é026-01-31",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[0-9TtZz:.+\\- é]{0,30}|.*") {
            let _ = milliseconds(&text);
        }

        #[test]
        fn every_day_is_a_day_after_the_one_before(day in 0i64..3_652_000) {
            // Walks the calendar from its other side: the date of a day number, by counting years and months.
            let (mut left, mut year) = (day, 0i64);
            let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
            while left >= length(year) {
                left -= length(year);
                year += 1;
            }
            let mut month = 1;
            let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            while left >= months[month - 1] {
                left -= months[month - 1];
                month += 1;
            }
            let text = format!("{year:04}-{month:02}-{:02}", left + 1);
            prop_assert_eq!(milliseconds(&text), Some(((day - 719_528) * DAY_MS) as f64), "{}", text);
        }
    }
}
