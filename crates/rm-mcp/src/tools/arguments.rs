//! What several tools take.

use std::time::Duration;

use rm_memory::Filter;
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// Most seconds that a memory can be told to live: some thousand years.
const MOST_SECONDS: f64 = 3.2e10;

/// Reads a filter.
pub(crate) fn filter(filter: Option<Map<String, Value>>) -> Result<Option<Filter>, Refusal> {
    let filter = filter.filter(|filter| !filter.is_empty());
    let filter = filter.map(|filter| Filter::from_json(&Value::Object(filter)));
    Ok(filter.transpose()?)
}

/// Reads how many of something are wanted.
pub(crate) fn number(
    argument: &str,
    wanted: Option<u64>,
    usual: usize,
    most: usize,
) -> Result<usize, Refusal> {
    let Some(wanted) = wanted else {
        return Ok(usual);
    };
    let number = usize::try_from(wanted).ok();
    let number = number.filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Refusal::range(argument, &format!("1 to {most}"), wanted))
}

/// Reads a score below which nothing counts.
pub(crate) fn min_score(score: f32) -> Result<f32, Refusal> {
    match (-1.0..=1.0).contains(&score) {
        true => Ok(score),
        false => Err(Refusal::range("min_score", "-1 to 1", score)),
    }
}

/// Reads a time to live.
pub(crate) fn time_to_live(seconds: f64) -> Result<Duration, Refusal> {
    if seconds > 0.0 && seconds <= MOST_SECONDS {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        let expected = "a number of seconds above 0";
        Err(Refusal::range("ttl_seconds", expected, seconds))
    }
}
