//! Filters read from JSON.

use serde_json::Value;

use super::condition::{is_deeper_than, shown};
use super::tree::too_deep;
use super::{Condition, Field, Filter, MAX_FILTER_DEPTH, Node, Operator};
use crate::{Error, Result};

/// Levels of JSON that no filter has: it has two for each level of AND, OR and NOT, and those of a value.
const MAX_JSON_DEPTH: usize = 2 * MAX_FILTER_DEPTH + 110;

/// Joins filters.
#[derive(Debug, Clone, Copy)]
enum Join {
    And,
    Or,
    Not,
}

impl Join {
    fn parse(name: &str) -> Option<Self> {
        match name.strip_prefix('$').unwrap_or(name) {
            "AND" | "and" => Some(Self::And),
            "OR" | "or" => Some(Self::Or),
            "NOT" | "not" => Some(Self::Not),
            _ => None,
        }
    }
}

impl Filter {
    /// Reads a filter from JSON, as mem0 and Chroma write it.
    ///
    /// An object passes items for which all of its entries hold:
    /// - `"field": value` where the field equals the value;
    /// - `"field": { "gte": 3, "lt": 10 }` where all comparisons hold: `eq ne in nin gt gte lt lte contains`;
    /// - `"AND": [..]` where all filters pass, `"OR": [..]` where one does, `"NOT": [..]` where none does; one filter may stand
    ///   without its brackets.
    ///
    /// `{}` passes everything. `and`, `or` and `not` may be in lower case, and they and the comparisons may have a `$` before
    /// them. A field that is named like one of them is written with a backslash before it, `\AND`.
    ///
    /// ```
    /// use rm_memory::Filter;
    /// use serde_json::json;
    ///
    /// let filter = Filter::from_json(&json!({
    ///     "AND": [
    ///         { "topic": { "in": ["food", "travel"] } },
    ///         { "#created_at": { "gte": "2026-01-01" } },
    ///         { "NOT": { "tags": { "contains": "private" } } },
    ///     ]
    /// }))?;
    /// assert_eq!(Filter::from_json(&filter.to_json())?, filter);
    ///
    /// let error = Filter::from_json(&json!({ "OR": [{ "stars": { "gt": true } }] })).unwrap_err();
    /// assert_eq!(error.to_string(), "filter at OR[0].stars.gt: expected a number or a text, got true");
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidFilter`] for anything else, with the place where it is, and for what [`check`](Self::check) refuses.
    pub fn from_json(json: &Value) -> Result<Self> {
        if is_deeper_than(json, MAX_JSON_DEPTH) {
            return Err(too_deep("the top"));
        }
        let filter = Self(node(json, "", 0)?);
        filter.check()?;
        Ok(filter)
    }
}

/// Reads a filter that is `depth` levels down, at the place `at`.
fn node(json: &Value, at: &str, depth: usize) -> Result<Node> {
    if depth > MAX_FILTER_DEPTH {
        return Err(too_deep(at));
    }
    let Value::Object(entries) = json else {
        return Err(refused(
            at,
            "an object such as {\"topic\": \"food\"}",
            shown(json),
        ));
    };
    let mut parts = Vec::with_capacity(entries.len());
    // Several entries are an AND of their own.
    let below = depth + usize::from(entries.len() != 1);
    for (key, value) in entries {
        let at = within(at, key);
        match Join::parse(key) {
            Some(join) => parts.push(joined(join, value, &at, below)?),
            None if key.starts_with('$') => {
                let expected = "a field, AND, OR or NOT (a backslash before it makes it a field)";
                return Err(refused(&at, expected, key.clone()));
            }
            None => conditions(key, value, &at, &mut parts)?,
        }
    }
    Ok(match parts.pop() {
        Some(part) if parts.is_empty() => part,
        last => {
            parts.extend(last);
            Node::All(parts)
        }
    })
}

/// Reads the filters that a key joins.
fn joined(join: Join, value: &Value, at: &str, depth: usize) -> Result<Node> {
    let mut parts = match value {
        Value::Array(filters) => {
            let filters = filters.iter().enumerate();
            let parts = filters.map(|(n, filter)| node(filter, &format!("{at}[{n}]"), depth + 1));
            parts.collect::<Result<Vec<Node>>>()?
        }
        Value::Object(_) => vec![node(value, at, depth + 1)?],
        _ => return Err(refused(at, "an array of filters", shown(value))),
    };
    Ok(match join {
        Join::And => Node::All(parts),
        Join::Or => Node::Any(parts),
        Join::Not => {
            let one = if parts.len() == 1 { parts.pop() } else { None };
            Node::Not(Box::new(one.unwrap_or(Node::Any(parts))))
        }
    })
}

/// Reads what is said of one field.
fn conditions(key: &str, value: &Value, at: &str, parts: &mut Vec<Node>) -> Result<()> {
    let mut push = |operator, value: &Value, at: &str| {
        let condition = Condition::new(Field::parse(key), operator, value.clone());
        condition.check(at)?;
        parts.push(Node::Condition(condition));
        Ok(())
    };
    let Value::Object(comparisons) = value else {
        return push(Operator::Eq, value, at);
    };
    if comparisons.is_empty() {
        return Err(refused(at, &one_of_the_operators(), "none".into()));
    }
    for (name, value) in comparisons {
        let at = within(at, name);
        match Operator::parse(name) {
            Some(operator) => push(operator, value, &at)?,
            None => return Err(refused(&at, &one_of_the_operators(), format!("{name:?}"))),
        }
    }
    Ok(())
}

fn one_of_the_operators() -> String {
    let names = Operator::ALL.map(Operator::name).join(", ");
    format!("one of {names} (\"user.name\" leads into an object, \"eq\" compares with one)")
}

/// Returns the place of a key within another place.
fn within(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

fn refused(at: &str, expected: &str, got: String) -> Error {
    Error::InvalidFilter {
        at: if at.is_empty() { "the top" } else { at }.to_owned(),
        expected: expected.to_owned(),
        got,
    }
}
