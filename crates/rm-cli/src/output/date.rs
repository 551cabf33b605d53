//! Times as people read them.

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Writes a time, in milliseconds since 1970, as a date and a time of day in UTC: `2026-01-31 12:00:00Z`.
pub(crate) fn date_time(at_ms: i64) -> String {
    let (day, of_day) = (at_ms.div_euclid(DAY_MS), at_ms.rem_euclid(DAY_MS) / 1_000);
    let (year, month, day) = date(day);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Returns year, month and day of a day counted from 1970, in the Gregorian calendar.
///
/// Years from March on, so that a leap day is the last of its year; in 400 of them there are 146,097 days, and 719,468 from the
/// year 0 to 1970 (Hinnant, chrono-compatible low-level date algorithms).
fn date(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_worked_elsewhere() {
        // By `date -u -d TIME +%s`.
        for (at_ms, expected) in [
            (0, "1970-01-01 00:00:00Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (951_825_600_000, "2000-02-29 12:00:00Z"),
            (1_769_860_800_250, "2026-01-31 12:00:00Z"),
            (-2_203_891_200_000, "1900-03-01 00:00:00Z"),
            (253_402_300_799_000, "9999-12-31 23:59:59Z"),
        ] {
            assert_eq!(date_time(at_ms), expected);
        }
    }
}
