//! Days as people write them.

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Returns the day of a time in milliseconds since 1970, in UTC: `2026-03-15`.
pub(super) fn iso_date(at_ms: i64) -> String {
    // Years from March on, so that a leap day is the last of its year; in 400 of them there are 146,097 days, and 719,468
    // from the year 0 to 1970 (Hinnant, chrono-compatible low-level date algorithms).
    let days = at_ms.div_euclid(DAY_MS) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_400 = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_400 + of_400 / 4 - of_400 / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let (month, later) = match from_march {
        0..=9 => (from_march + 3, 0),
        _ => (from_march - 9, 1),
    };
    let year = era * 400 + of_400 + later;
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::iso_date;

    #[test]
    fn dates_worked_elsewhere() {
        // By `date -u -d @SECONDS +%F`.
        for (seconds, date) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_825_600, "2000-02-29"),
            (1_773_532_800, "2026-03-15"),
            (1_772_323_199, "2026-02-28"),
            (-2_203_891_200, "1900-03-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(iso_date(seconds * 1_000), date);
        }
        assert!(iso_date(i64::MIN).starts_with('-'));
        assert!(!iso_date(i64::MAX).is_empty());
    }
}
