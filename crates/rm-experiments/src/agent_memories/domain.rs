//! What a slot can hold, how many values there are, and how one is written.

use super::calendar::{DAYS_OF_YEAR, MONTHS, QUARTER_HOURS, WEEKDAYS, write_day, write_time};
use super::dice::Dice;
use super::lexicon::{Entry, ListId};
use super::people::Person;
use super::template::{Scene, Voice};
use super::vocabulary::Vocabulary;

const COUNTS: [&str; 11] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];
const CURRENCIES: [&str; 3] = ["euros", "pounds", "dollars"];
/// Everyday amounts: 15 to 205 in steps of 5.
const PRICES: u64 = 39;
/// Large amounts: 300 to 19,750 in steps of 50.
const SUMS: u64 = 390;
const FIRST_PAST_YEAR: u64 = 2008;
const PAST_YEARS: u64 = 17;
const FIRST_DATED_YEAR: u64 = 2022;
const DATED_YEARS: u64 = 4;
const FIRST_DUE_YEAR: u64 = 2027;
const DUE_YEARS: u64 = 3;

/// The set of values of a slot; a value is a rank in `0..size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    /// A word list.
    List(ListId),
    /// A person by full name.
    Person,
    /// A day without a year, "14 March".
    Day,
    /// A day with its year.
    Date,
    /// A month's name.
    Month,
    /// A day of the week.
    Weekday,
    /// A quarter hour of the day.
    Time,
    /// A year gone by.
    Year,
    /// A year to come.
    DueYear,
    /// An everyday amount of money.
    Price,
    /// A large amount of money.
    Sum,
    /// A small number in words, two to twelve.
    Count,
}

impl Domain {
    /// Finds the domain that a slot name stands for, where it is not the name of a list.
    pub(super) fn built_in(name: &str) -> Option<Self> {
        Some(match name {
            "who" => Self::Person,
            "day" => Self::Day,
            "date" => Self::Date,
            "month" => Self::Month,
            "weekday" => Self::Weekday,
            "time" => Self::Time,
            "year" => Self::Year,
            "due" => Self::DueYear,
            "price" => Self::Price,
            "sum" => Self::Sum,
            "count" => Self::Count,
            _ => return None,
        })
    }

    /// Number of values.
    pub(super) fn size(self, vocabulary: &Vocabulary) -> u64 {
        match self {
            Self::List(id) => vocabulary.lexicon.list(id).len() as u64,
            Self::Person => vocabulary.people.size(),
            Self::Day => DAYS_OF_YEAR,
            Self::Date => DAYS_OF_YEAR * DATED_YEARS,
            Self::Month => MONTHS.len() as u64,
            Self::Weekday => WEEKDAYS.len() as u64,
            Self::Time => QUARTER_HOURS,
            Self::Year => PAST_YEARS,
            Self::DueYear => DUE_YEARS,
            Self::Price => PRICES * CURRENCIES.len() as u64,
            Self::Sum => SUMS * CURRENCIES.len() as u64,
            Self::Count => COUNTS.len() as u64,
        }
    }

    /// Writes the value of a rank below [`size`](Self::size).
    pub(super) fn write(self, out: &mut String, rank: u64, scene: &Scene<'_>, dice: &mut Dice) {
        match self {
            Self::List(id) => {
                let entry = &scene.vocabulary.lexicon.list(id)[rank as usize];
                out.push_str(form(entry, scene.voice, dice));
            }
            Self::Person => write_person(out, Person(rank), scene, dice),
            Self::Day => write_day(out, rank, None, dice),
            Self::Date => {
                let year = FIRST_DATED_YEAR + rank / DAYS_OF_YEAR;
                write_day(out, rank % DAYS_OF_YEAR, Some(year), dice);
            }
            Self::Month => out.push_str(MONTHS[rank as usize]),
            Self::Weekday => out.push_str(WEEKDAYS[rank as usize]),
            Self::Time => write_time(out, rank, dice),
            Self::Year => out.push_str(&(FIRST_PAST_YEAR + rank).to_string()),
            Self::DueYear => out.push_str(&(FIRST_DUE_YEAR + rank).to_string()),
            Self::Price => write_money(out, 15 + rank % PRICES * 5, rank / PRICES),
            Self::Sum => write_money(out, 300 + rank % SUMS * 50, rank / SUMS),
            Self::Count => out.push_str(COUNTS[rank as usize]),
        }
    }
}

/// Chooses among an entry's forms: statements use the first, other words one of the rest.
fn form<'a>(entry: &'a Entry, voice: Voice, dice: &mut Dice) -> &'a str {
    match voice {
        Voice::OtherWords | Voice::Familiar if !entry.others.is_empty() && dice.chance(75) => {
            dice.pick::<String>(&entry.others)
        }
        _ => &entry.main,
    }
}

/// Writes a name: in full, now and then with what the person is to the user, or, among friends, the
/// given name alone. Questions to a memory of many people need the full name to have one answer.
fn write_person(out: &mut String, person: Person, scene: &Scene<'_>, dice: &mut Dice) {
    let people = &scene.vocabulary.people;
    let (with_relation, given_only) = match scene.voice {
        Voice::Bare => (0, 0),
        Voice::Statement => (25, 0),
        Voice::OtherWords => (8, 0),
        Voice::Familiar => (0, 100),
    };
    if dice.chance(given_only) {
        out.push_str(people.given(person));
        return;
    }
    if dice.chance(with_relation) {
        out.push_str(people.relation(person, scene.seed));
        out.push(' ');
    }
    out.push_str(people.given(person));
    out.push(' ');
    out.push_str(people.surname(person));
}

fn write_money(out: &mut String, amount: u64, currency: u64) {
    if amount >= 1000 {
        out.push_str(&format!("{},{:03}", amount / 1000, amount % 1000));
    } else {
        out.push_str(&amount.to_string());
    }
    out.push(' ');
    out.push_str(CURRENCIES[currency as usize]);
}
