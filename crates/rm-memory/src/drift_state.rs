//! The drift monitor's state as a setting of the store.

use rm_core::DriftState;
use rm_store::{Error as StoreError, Store};
use serde_json::{Value, json};

use crate::Result;

/// Setting that holds the state, as JSON.
pub(crate) const KEY: &str = "drift";

/// Reads the state, `None` where none was saved.
pub(crate) fn read(store: &dyn Store) -> Result<Option<DriftState>> {
    let Some(text) = store.setting(KEY)? else {
        return Ok(None);
    };
    match parse(&text) {
        Some(state) => Ok(Some(state)),
        None => Err(StoreError::InvalidSetting {
            key: KEY.into(),
            expected: "the state of a drift monitor as JSON",
            got: text,
        }
        .into()),
    }
}

/// Writes the state as JSON.
pub(crate) fn to_json(state: &DriftState) -> String {
    json!({
        "recent": state.recent,
        "first": state.first,
        "learned": state.learned,
        "baseline": state.baseline,
        "episodes": state.episodes,
        "last_alarm": state.last_alarm,
        "alarms": state.alarms,
        "in_drift": state.in_drift,
    })
    .to_string()
}

fn parse(text: &str) -> Option<DriftState> {
    let value: Value = serde_json::from_str(text).ok()?;
    let recent = value.get("recent")?.as_array()?;
    let episodes = value.get("episodes")?.as_u64()?;
    // A state of before baselines were learned anew: all queries were among the first ones.
    let learned = value.get("learned").map_or(Some(episodes), Value::as_u64)?;
    Some(DriftState {
        recent: recent.iter().map(pair).collect::<Option<Vec<_>>>()?,
        first: pair(value.get("first")?)?,
        learned,
        baseline: optional(value.get("baseline")?, pair)?,
        episodes,
        last_alarm: optional(value.get("last_alarm")?, Value::as_u64)?,
        alarms: value.get("alarms")?.as_u64()?,
        in_drift: value.get("in_drift")?.as_bool()?,
    })
}

fn pair(value: &Value) -> Option<(f64, f64)> {
    let [first, second] = value.as_array()?.as_slice() else {
        return None;
    };
    Some((first.as_f64()?, second.as_f64()?))
}

/// Reads `null` as a value that is not there, and anything else by `read`.
fn optional<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() {
        Some(None)
    } else {
        read(value).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back() {
        let full = DriftState {
            recent: vec![(0.1, 0.2), (1.0 / 3.0, 0.0)],
            first: (5.5, 0.25),
            learned: 50,
            baseline: Some((0.11, 0.02)),
            episodes: 70,
            last_alarm: Some(66),
            alarms: 1,
            in_drift: true,
        };
        for state in [full, DriftState::default()] {
            assert_eq!(parse(&to_json(&state)), Some(state));
        }
        let older = r#"{"recent": [], "first": [3.0, 1.0], "baseline": null, "episodes": 7,
            "last_alarm": null, "alarms": 0, "in_drift": false}"#;
        assert_eq!(parse(older).map(|state| state.learned), Some(7));
        for damaged in ["", "{}", "[]", r#"{"recent": [[1]]}"#] {
            assert_eq!(parse(damaged), None);
        }
    }
}
