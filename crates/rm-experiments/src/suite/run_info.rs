//! When, with which code and on which machine a run took place.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Hardware, revision};

/// Describes the surroundings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// Revision of the code, as [`revision`] gives it.
    pub git_revision: String,
    /// The machine.
    pub hardware: Hardware,
    /// Day of the run in UTC, `2026-01-31`.
    pub date: String,
}

impl RunInfo {
    /// Gathers what there is to know about this run.
    #[must_use]
    pub fn gather() -> Self {
        Self {
            // The folder the program was built from, not the one it is called in, holds its code.
            git_revision: revision(Path::new(env!("CARGO_MANIFEST_DIR"))),
            hardware: Hardware::detect(),
            date: date_of(SystemTime::now()),
        }
    }
}

fn date_of(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Turns days since 1970-01-01 into a date of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year, in eras of 400 years
/// (Hinnant, "chrono- compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(59), (1970, 3, 1));
        // 30 years with seven leap days (72, 76, ..., 96) before 2000, which is itself one.
        assert_eq!(civil(30 * 365 + 7), (2000, 1, 1));
        assert_eq!(civil(30 * 365 + 7 + 59), (2000, 2, 29));
        assert_eq!(civil(20_453), (2025, 12, 31));
        assert_eq!(civil(20_454), (2026, 1, 1));
    }
}
