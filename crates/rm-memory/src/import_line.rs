//! One line of an import: what it can be, and what is wrong with it.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::NewItem;
use crate::export::{FORMAT, FORMAT_VERSION};
use crate::import::ExtraFields;
use crate::item::Life;

/// Characters of a line that a message shows.
const SHOWN: usize = 60;

/// Is a line that was understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Line {
    Blank,
    Header(Header),
    Item {
        namespace: Option<String>,
        item: Box<NewItem>,
    },
}

/// Is the line that an export begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// Fingerprint of the model that made the vectors.
    pub(crate) model: Option<String>,
    /// Number of items that follow.
    pub(crate) items: Option<u64>,
}

/// Says what is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) expected: String,
    pub(crate) got: String,
}

pub(crate) type Parsed<T> = Result<T, Fault>;
type Fields<'l> = BTreeMap<String, &'l RawValue>;

/// Reads a line.
pub(crate) fn parse(line: &str, extra: ExtraFields) -> Parsed<Line> {
    if line.trim().is_empty() {
        return Ok(Line::Blank);
    }
    let fields: Fields<'_> = serde_json::from_str(line).map_err(|error| Fault {
        expected: "a JSON object".into(),
        got: format!("{} ({error})", shown(line)),
    })?;
    match (fields.contains_key("text"), fields.get("format")) {
        (false, Some(format)) => header(format, &fields).map(Line::Header),
        (false, None) => Err(Fault {
            expected: "an object with a \"text\"".into(),
            got: shown(line),
        }),
        (true, _) => item(fields, extra),
    }
}

fn header(format: &RawValue, fields: &Fields<'_>) -> Parsed<Header> {
    let format = text("format", format)?;
    if format != FORMAT {
        return Err(Fault {
            expected: format!("the format {FORMAT:?}"),
            got: shown(&format),
        });
    }
    let version = fields.get("version").map_or("none", |raw| raw.get());
    if version
        .parse::<u64>()
        .ok()
        .is_none_or(|version| version > FORMAT_VERSION)
    {
        return Err(Fault {
            expected: format!("version {FORMAT_VERSION} of the format at most"),
            got: shown(version),
        });
    }
    let model = fields.get("model").filter(|raw| raw.get() != "null");
    let items = fields.get("items");
    Ok(Header {
        model: model.map(|raw| text("model", raw)).transpose()?,
        items: items
            .map(|raw| number("items", "a number", raw))
            .transpose()?,
    })
}

fn item(fields: Fields<'_>, extra: ExtraFields) -> Parsed<Line> {
    let (mut namespace, mut item) = (None, NewItem::new(""));
    let mut metadata = Map::new();
    let mut others = Map::new();
    for (name, raw) in fields {
        let whole = "a whole number of milliseconds since 1970";
        match name.as_str() {
            "text" => item.text = text("text", raw)?,
            "namespace" => namespace = Some(text("namespace", raw)?),
            "id" => item.id = Some(text("id", raw)?),
            "metadata" => metadata = object("metadata", raw)?,
            "created_at_ms" => item.created_at_ms = Some(number(&name, whole, raw)?),
            "updated_at_ms" => item.updated_at_ms = Some(number(&name, whole, raw)?),
            "expires_at_ms" if raw.get() == "null" => {}
            "expires_at_ms" => item.life = Life::Until(number(&name, whole, raw)?),
            "importance" => item.importance = Some(importance(raw)?),
            "pinned" => item.pinned = number(&name, "true or false", raw)?,
            "vector" => item.vector = Some(vector(raw)?),
            _ if extra == ExtraFields::IntoMetadata => {
                others.insert(name, value(raw)?);
            }
            _ => {
                return Err(Fault {
                    expected: "no fields but namespace, id, text, metadata, created_at_ms, updated_at_ms, expires_at_ms, importance, pinned and vector".into(),
                    got: format!("{name:?}"),
                });
            }
        }
    }
    if item.text.trim().is_empty() {
        return Err(fault("text", "at least one visible character", "none"));
    }
    if item.id.as_ref().is_some_and(String::is_empty) {
        return Err(fault("id", "at least one character", "none"));
    }
    for (name, value) in others {
        // What the line says of its metadata goes before.
        metadata.entry(name).or_insert(value);
    }
    item.metadata = metadata;
    item.is_restored = item.created_at_ms.is_some();
    let item = Box::new(item);
    Ok(Line::Item { namespace, item })
}

fn text(name: &str, raw: &RawValue) -> Parsed<String> {
    serde_json::from_str(raw.get()).map_err(|_| fault(name, "a text", raw.get()))
}

fn object(name: &str, raw: &RawValue) -> Parsed<Map<String, Value>> {
    serde_json::from_str(raw.get()).map_err(|_| fault(name, "an object", raw.get()))
}

fn value(raw: &RawValue) -> Parsed<Value> {
    serde_json::from_str(raw.get()).map_err(|error| Fault {
        expected: "a JSON value".into(),
        got: format!("{} ({error})", shown(raw.get())),
    })
}

fn number<T: std::str::FromStr>(name: &str, expected: &str, raw: &RawValue) -> Parsed<T> {
    let number = raw.get().parse();
    number.map_err(|_| fault(name, expected, raw.get()))
}

fn importance(raw: &RawValue) -> Parsed<f32> {
    let expected = "a number from 0 to 1";
    let importance = number("importance", expected, raw)?;
    match (0.0..=1.0).contains(&importance) {
        true => Ok(importance),
        false => Err(fault("importance", expected, raw.get())),
    }
}

/// Reads numbers straight into `f32`: by way of `f64` they would be rounded twice.
fn vector(raw: &RawValue) -> Parsed<Vec<f32>> {
    let expected = "a list of numbers";
    let inner = raw
        .get()
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.ok_or_else(|| fault("vector", expected, raw.get()))?;
    let values = inner
        .split(',')
        .map(|value| match value.trim().parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(fault("vector", expected, value)),
        });
    values.collect()
}

fn fault(name: &str, expected: &str, got: &str) -> Fault {
    Fault {
        expected: format!("{expected} as {name:?}"),
        got: shown(got),
    }
}

/// Returns the beginning of what came.
fn shown(got: &str) -> String {
    let mut shown: String = got.chars().take(SHOWN).collect();
    if shown.len() < got.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> String {
        match parse(line, ExtraFields::Refuse) {
            Err(Fault { expected, got }) => format!("{expected} | {got}"),
            Ok(parsed) => panic!("{line} was taken for {parsed:?}"),
        }
    }

    #[test]
    fn what_cannot_be_taken_is_told() {
        let cases = [
            ("[1]", "a JSON object | [1]"),
            (r#"{"text": "a""#, "a JSON object | {\"text\": \"a\" (EOF"),
            (r#"{"id": "a"}"#, "an object with a \"text\" | {\"id\""),
            (r#"{"text": 5}"#, "a text as \"text\" | 5"),
            (r#"{"text": " "}"#, "at least one visible character"),
            (r#"{"text": "a", "id": ""}"#, "at least one character as"),
            (
                r#"{"text": "a", "metadata": []}"#,
                "an object as \"metadata\" | []",
            ),
            (
                r#"{"text": "a", "created_at_ms": 1.5}"#,
                "a whole number of",
            ),
            (
                r#"{"text": "a", "importance": 2}"#,
                "from 0 to 1 as \"importance\" | 2",
            ),
            (
                r#"{"text": "a", "pinned": "yes"}"#,
                "true or false as \"pinned\" | \"yes\"",
            ),
            (
                r#"{"text": "a", "vector": [1, "x"]}"#,
                "a list of numbers as \"vector\" |",
            ),
            (
                r#"{"text": "a", "vector": [1e60]}"#,
                "a list of numbers as \"vector\" | 1e60",
            ),
            (
                r#"{"text": "a", "vector": []}"#,
                "a list of numbers as \"vector\" |",
            ),
            (r#"{"text": "a", "source": "b"}"#, "| \"source\""),
            (
                r#"{"format": "other"}"#,
                "the format \"routing-memory\" | other",
            ),
            (
                r#"{"format": "routing-memory", "version": 2}"#,
                "version 1 of the format at most | 2",
            ),
        ];
        for (line, expected) in cases {
            let got = refusal(line);
            assert!(got.contains(expected), "{line}: {got}");
        }
    }

    #[test]
    fn what_a_line_says_is_what_is_read() {
        let line = r#"{"text": "tea", "source": "chat", "metadata": {"n": 1}, "vector": [0.1, -0.0, 3e-30]}"#;
        let parsed = parse(line, ExtraFields::IntoMetadata);
        let Ok(Line::Item { namespace, item }) = parsed else {
            panic!("{parsed:?}");
        };
        assert_eq!((namespace, item.text.as_str()), (None, "tea"));
        assert_eq!(
            Value::Object(item.metadata),
            serde_json::json!({"n": 1, "source": "chat"})
        );
        let bits: Vec<u32> = item.vector.iter().flatten().map(|x| x.to_bits()).collect();
        assert_eq!(bits, [0.1f32, -0.0, 3e-30].map(f32::to_bits));
        assert_eq!(parse("  \r", ExtraFields::Refuse), Ok(Line::Blank));
    }
}
