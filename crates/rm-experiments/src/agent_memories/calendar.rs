//! Days, months and times of day in words.

use super::dice::Dice;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTH_DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const HOURS: [&str; 12] = [
    "twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven",
];

/// Days of a year; the generator leaves 29 February out so that every year has as many.
pub(super) const DAYS_OF_YEAR: u64 = 365;
/// Quarter hours from 7 in the morning to a quarter to ten in the evening.
pub(super) const QUARTER_HOURS: u64 = 60;

/// Splits a day of the year, counted from 0, into month (from 0) and day of the month (from 1).
pub(super) fn month_and_day(day_of_year: u64) -> (usize, u64) {
    let mut rest = day_of_year % DAYS_OF_YEAR;
    for (month, days) in MONTH_DAYS.into_iter().enumerate() {
        if rest < days {
            return (month, rest + 1);
        }
        rest -= days;
    }
    (11, 31)
}

/// Writes a day such as "14 March" in one of three usual ways, with its year where there is one.
pub(super) fn write_day(out: &mut String, day_of_year: u64, year: Option<u64>, dice: &mut Dice) {
    let (month, day) = month_and_day(day_of_year);
    let month = MONTHS[month];
    let year = |before: &str| year.map_or_else(String::new, |year| format!("{before}{year}"));
    match dice.below(3) {
        0 => out.push_str(&format!("{day} {month}{}", year(" "))),
        1 => out.push_str(&format!("{month} {day}{}", year(", "))),
        _ => out.push_str(&format!(
            "the {day}{} of {month}{}",
            ordinal_suffix(day),
            year(" ")
        )),
    }
}

/// Writes a quarter hour such as "9:30 am" or "half past nine in the morning".
pub(super) fn write_time(out: &mut String, quarter_hour: u64, dice: &mut Dice) {
    let (hour, minute) = (7 + quarter_hour / 4, quarter_hour % 4 * 15);
    if dice.chance(70) {
        let half = if hour < 12 { "am" } else { "pm" };
        let clock = if hour > 12 { hour - 12 } else { hour };
        match minute {
            0 => out.push_str(&format!("{clock} {half}")),
            _ => out.push_str(&format!("{clock}:{minute:02} {half}")),
        }
        return;
    }
    let said = if minute == 45 { hour + 1 } else { hour };
    let name = HOURS[(said % 12) as usize];
    let part = match hour {
        ..12 => "in the morning",
        12..18 => "in the afternoon",
        _ => "in the evening",
    };
    let words = match minute {
        0 => format!("{name} o'clock {part}"),
        15 => format!("a quarter past {name} {part}"),
        30 => format!("half past {name} {part}"),
        _ => format!("a quarter to {name} {part}"),
    };
    out.push_str(&words);
}

fn ordinal_suffix(day: u64) -> &'static str {
    match (day % 10, day / 10) {
        (1, 0 | 2 | 3) => "st",
        (2, 0 | 2) => "nd",
        (3, 0 | 2) => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_begins_and_ends_where_it_should() {
        assert_eq!(month_and_day(0), (0, 1));
        assert_eq!(month_and_day(59), (2, 1));
        assert_eq!(month_and_day(364), (11, 31));
    }

    #[test]
    fn ordinals_follow_english() {
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31]
            .iter()
            .map(|&day| format!("{day}{}", ordinal_suffix(day)))
            .collect();
        let wanted = "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 31st";
        assert_eq!(said.join(" "), wanted);
    }
}
