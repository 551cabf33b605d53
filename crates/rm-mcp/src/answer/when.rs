//! Times as people and models read them.

use chrono::{DateTime, SecondsFormat, Utc};

/// Writes a time, in milliseconds since 1970, as RFC 3339 has it, in UTC and to the second.
pub(crate) fn when(at_ms: i64) -> String {
    match DateTime::<Utc>::from_timestamp_millis(at_ms) {
        Some(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        // Beyond what a calendar has.
        None => format!("{at_ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        assert_eq!(when(1_773_532_800_000), "2026-03-15T00:00:00Z");
        assert_eq!(when(i64::MAX), "9223372036854775807 ms");
    }
}
