//! One comparison of a field with a value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::compare::{contains, equal, order};
use super::{Field, ItemFields, OwnField, time};
use crate::{Error, Result};

/// Levels of nesting that a value may have, as metadata may.
const MAX_VALUE_DEPTH: usize = 100;

/// Longest part of a text that an error shows.
const SHOWN: usize = 40;

/// Says how a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    In,
    Nin,
    Gt,
    Gte,
    Lt,
    Lte,
    Contains,
}

impl Operator {
    pub(super) const ALL: [Self; 9] = [
        Self::Eq,
        Self::Ne,
        Self::In,
        Self::Nin,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::Contains,
    ];

    /// Returns the name as filters have it in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::Nin => "nin",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Contains => "contains",
        }
    }

    /// Reads a name, with or without the dollar sign that other systems put before it.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix('$').unwrap_or(name);
        Self::ALL
            .into_iter()
            .find(|operator| operator.name() == name)
    }

    /// Returns whether an order that `found` stands in to the value passes, where this is about order.
    pub(crate) fn passes(self, found: Ordering) -> bool {
        match self {
            Self::Gt => found.is_gt(),
            Self::Gte => found.is_ge(),
            Self::Lt => found.is_lt(),
            Self::Lte => found.is_le(),
            _ => false,
        }
    }

    /// Returns whether it is about order.
    fn orders(self) -> bool {
        matches!(self, Self::Gt | Self::Gte | Self::Lt | Self::Lte)
    }

    /// Returns whether it takes several values.
    fn takes_many(self) -> bool {
        matches!(self, Self::In | Self::Nin)
    }
}

/// Is one comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    pub(crate) operator: Operator,
    /// What the field is compared with; an array of what it may be for [`Operator::In`] and [`Operator::Nin`].
    pub(crate) value: Value,
}

impl Condition {
    /// Takes a comparison; times that are written out become milliseconds.
    pub(super) fn new(field: Field, operator: Operator, mut value: Value) -> Self {
        if let Field::Own(own) = field
            && own.is_time()
        {
            match &mut value {
                Value::Array(values) if operator.takes_many() => {
                    values.iter_mut().for_each(to_milliseconds);
                }
                value => to_milliseconds(value),
            }
        }
        Self {
            field,
            operator,
            value,
        }
    }

    /// Returns what the field is compared with: several values where it may be any of them.
    pub(crate) fn values(&self) -> &[Value] {
        match &self.value {
            Value::Array(values) if self.operator.takes_many() => values,
            value => std::slice::from_ref(value),
        }
    }

    /// Returns whether an item passes.
    pub(super) fn matches(&self, item: &ItemFields<'_>) -> bool {
        item.with(&self.field, |found| {
            let is_any = || self.values().iter().any(|value| equal(found, value));
            match self.operator {
                Operator::Eq | Operator::In => is_any(),
                Operator::Ne | Operator::Nin => !is_any(),
                Operator::Contains => contains(found, &self.value),
                operator => order(found, &self.value).is_some_and(|order| operator.passes(order)),
            }
        })
    }

    /// Refuses a comparison that means nothing; `at` is where the filter has it.
    pub(super) fn check(&self, at: &str) -> Result<()> {
        let refuse = |expected: String, got: String| {
            let at = at.to_owned();
            Err(Error::InvalidFilter { at, expected, got })
        };
        let own = match &self.field {
            Field::Unknown(name) => {
                let names = OwnField::ALL.map(OwnField::name).join(", ");
                let expected = format!("one of {names}, or \\{name} for an entry of the metadata");
                return refuse(expected, format!("the field {name}"));
            }
            Field::Own(own) => Some(*own),
            Field::Metadata(_) => None,
        };
        if self.operator.takes_many() && !self.value.is_array() {
            return refuse("an array of values".into(), shown(&self.value));
        }
        let is_allowed = match own {
            Some(OwnField::Id) => !self.operator.orders() && self.operator != Operator::Contains,
            Some(_) => self.operator != Operator::Contains,
            None => true,
        };
        if !is_allowed {
            let operators = match own {
                Some(OwnField::Id) => "eq, ne, in or nin",
                _ => "eq, ne, in, nin, gt, gte, lt or lte",
            };
            let expected = format!("one of {operators} for {}", self.field);
            return refuse(expected, self.operator.name().into());
        }
        for value in self.values() {
            if let Some(expected) = self.expected_instead_of(own, value) {
                return refuse(expected, shown(value));
            }
        }
        Ok(())
    }

    /// Says what a value should be, if it is something else.
    fn expected_instead_of(&self, own: Option<OwnField>, value: &Value) -> Option<String> {
        let (holds, expected) = match own {
            Some(OwnField::Id) => (value.is_string(), "an item id, a text"),
            Some(OwnField::Importance) => (value.is_number(), "a number"),
            Some(OwnField::CreatedAt | OwnField::UpdatedAt) => (
                value.is_number(),
                "milliseconds since 1970 or a time such as 2026-01-31T12:00:00Z or 2026-01-31",
            ),
            None if self.operator.orders() => {
                (value.is_number() || value.is_string(), "a number or a text")
            }
            None => {
                let limit = format!("at most {MAX_VALUE_DEPTH} levels of nesting in a value");
                return is_deeper_than(value, MAX_VALUE_DEPTH).then_some(limit);
            }
        };
        (!holds).then(|| expected.into())
    }
}

/// Turns a time that is written out into a number.
fn to_milliseconds(value: &mut Value) {
    let ms = value.as_str().and_then(time::milliseconds);
    let number = ms.and_then(|ms| match ms.fract() {
        0.0 => Some(Number::from(ms as i64)),
        _ => Number::from_f64(ms),
    });
    if let Some(number) = number {
        *value = Value::Number(number);
    }
}

/// Describes a value in an error.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(entries) => format!("an object of {}", entries.len()),
        Value::Array(elements) => format!("an array of {}", elements.len()),
        Value::String(text) => {
            let part: String = text.chars().take(SHOWN).collect();
            let more = if part.len() < text.len() { "..." } else { "" };
            format!("the text {part:?}{more}")
        }
        value => value.to_string(),
    }
}

/// Walks the nesting without recursion, so that no depth can exhaust the stack.
pub(super) fn is_deeper_than(value: &Value, limit: usize) -> bool {
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        if depth > limit {
            return true;
        }
        match value {
            Value::Array(elements) => open.extend(elements.iter().map(|value| (value, depth + 1))),
            Value::Object(entries) => open.extend(entries.values().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    false
}
