//! Which items a command is about.

use clap::Args;
use rm_memory::Filter;

use super::entry::value_of;

/// What makes a filter of a key and a value.
type Comparison = fn(String, serde_json::Value) -> Filter;

/// Comparisons, those first whose beginning is another one.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("!=", Filter::ne),
    (">=", Filter::gte),
    ("<=", Filter::lte),
    ("=", Filter::eq),
    (">", Filter::gt),
    ("<", Filter::lt),
];

/// Holds which items a command is about.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Items alone that pass this filter, such as '{"topic": {"in": ["food", "travel"]}}'; operators are eq ne in nin gt gte lt lte
    /// contains, joined by AND, OR and NOT.
    #[arg(long, value_name = "JSON", value_parser = from_json)]
    filter: Vec<Filter>,

    /// Items alone whose metadata has this entry; != > >= < <= compare as well. May be given more than once: all have to
    /// hold. An item's own fields are #id, #created_at, #updated_at and #importance.
    #[arg(long = "where", value_name = "KEY=VALUE", value_parser = from_condition)]
    conditions: Vec<Filter>,
}

impl FilterArgs {
    /// Returns what passes all that was asked for, `None` where nothing was.
    pub(crate) fn filter(&self) -> Option<Filter> {
        let given = self.filter.iter().chain(&self.conditions).cloned();
        given.reduce(Filter::and)
    }
}

fn from_json(text: &str) -> Result<Filter, String> {
    let json = serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))?;
    Filter::from_json(&json).map_err(|error| error.to_string())
}

fn from_condition(text: &str) -> Result<Filter, String> {
    let expected = || "expected KEY=VALUE, such as topic=food or stars>=4".to_owned();
    let at = text.find(['!', '=', '<', '>']).ok_or_else(expected)?;
    let (key, rest) = text.split_at(at);
    if key.is_empty() {
        return Err(expected());
    }
    let known = COMPARISONS.into_iter();
    let found = known.filter_map(|(sign, compare)| Some((compare, rest.strip_prefix(sign)?)));
    let (compare, value) = found.into_iter().next().ok_or_else(expected)?;
    let filter = compare(key.trim().to_owned(), value_of(value.trim()));
    filter.check().map_err(|error| error.to_string())?;
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare() -> Result<(), String> {
        for (text, filter) in [
            ("topic=food", Filter::eq("topic", "food")),
            ("topic != food", Filter::ne("topic", "food")),
            ("stars>=4", Filter::gte("stars", 4)),
            ("stars>4", Filter::gt("stars", 4)),
            ("stars<4.5", Filter::lt("stars", 4.5)),
            ("stars<=4", Filter::lte("stars", 4)),
            ("user.name=Ada", Filter::eq("user.name", "Ada")),
            ("sum=1+1=2", Filter::eq("sum", "1+1=2")),
            (
                "#created_at>=2026-01-01",
                Filter::gte("#created_at", "2026-01-01"),
            ),
        ] {
            assert_eq!(from_condition(text)?, filter, "{text}");
        }
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["", "topic", "=food", "topic!food", "#size=3", "stars>true"] {
            assert!(from_condition(text).is_err(), "{text}");
        }
        for text in ["", "food", "{\"stars\": {\"over\": 3}}", "[1]"] {
            assert!(from_json(text).is_err(), "{text}");
        }
    }

    #[test]
    fn all_that_is_given_has_to_hold() -> Result<(), String> {
        let none = FilterArgs {
            filter: vec![],
            conditions: vec![],
        };
        assert_eq!(none.filter(), None);
        let both = FilterArgs {
            filter: vec![from_json("{\"topic\": \"food\"}")?],
            conditions: vec![from_condition("stars>=4")?],
        };
        let expected = Filter::eq("topic", "food").and(Filter::gte("stars", 4));
        assert_eq!(both.filter(), Some(expected));
        Ok(())
    }
}
