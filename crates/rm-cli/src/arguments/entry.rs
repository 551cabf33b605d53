//! One entry of the metadata, as `key=value`.

use std::str::FromStr;

use serde_json::Value;

/// Is an entry of the metadata: what stands after the first `=` is JSON where it can be read as such, and a text otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Value,
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self {
                key: key.to_owned(),
                value: value_of(value),
            }),
            _ => Err("expected KEY=VALUE, such as topic=food".to_owned()),
        }
    }
}

/// Reads JSON, or takes the text as it is.
pub(super) fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_json_where_they_can_be() -> Result<(), String> {
        for (word, value) in [
            ("k=food", json!("food")),
            ("k=3", json!(3)),
            ("k=0.5", json!(0.5)),
            ("k=true", json!(true)),
            ("k=null", json!(null)),
            ("k=\"3\"", json!("3")),
            ("k=[\"a\",\"b\"]", json!(["a", "b"])),
            ("k={\"a\":1}", json!({"a": 1})),
            ("k=a=b", json!("a=b")),
            ("k=", json!("")),
            ("k=2026-01-31", json!("2026-01-31")),
        ] {
            assert_eq!(word.parse::<Entry>()?.value, value, "{word}");
        }
        Ok(())
    }

    #[test]
    fn an_entry_has_a_key_and_a_value() {
        for word in ["food", "=food", ""] {
            assert!(word.parse::<Entry>().is_err(), "{word}");
        }
    }
}
