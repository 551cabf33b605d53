//! Filters written as JSON.

use serde_json::{Map, Value};

use super::{Filter, Node};

impl Filter {
    /// Writes the filter as the JSON that [`from_json`](Self::from_json) reads; times are milliseconds then.
    ///
    /// ```
    /// use rm_memory::Filter;
    /// use serde_json::json;
    ///
    /// let filter = Filter::eq("topic", "food").or(Filter::gt("stars", 3).not());
    /// let expected = json!({ "OR": [{ "topic": { "eq": "food" } }, { "NOT": [{ "stars": { "gt": 3 } }] }] });
    /// assert_eq!(filter.to_json(), expected);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        json(&self.0)
    }
}

fn json(node: &Node) -> Value {
    let (key, value) = match node {
        Node::All(parts) if parts.is_empty() => return Value::Object(Map::new()),
        Node::All(parts) => ("AND".to_owned(), parts.iter().map(json).collect()),
        Node::Any(parts) => ("OR".to_owned(), parts.iter().map(json).collect()),
        Node::Not(part) => ("NOT".to_owned(), Value::Array(vec![json(part)])),
        Node::Condition(condition) => {
            let comparison = (
                condition.operator.name().to_owned(),
                condition.value.clone(),
            );
            let comparisons = Map::from_iter([comparison]);
            (condition.field.to_string(), Value::Object(comparisons))
        }
    };
    Value::Object(Map::from_iter([(key, value)]))
}
