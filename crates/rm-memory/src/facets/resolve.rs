//! From a filter to the items that pass it.

use rm_core::ItemId;
use roaring::RoaringTreemap;
use serde_json::Value;

use super::{Facets, Passing};
use crate::filter::{Condition, Field, Node, Operator, OwnField};
use crate::{Filter, Result};

/// Tells the item that has an id, if one has.
type KeyOf<'k> = &'k mut dyn FnMut(&str) -> Result<Option<ItemId>>;

impl Facets {
    /// Returns the items that pass a filter: those for which [`Filter::matches`] holds. `key_of` is asked for the item that
    /// has an id, where the filter names any.
    ///
    /// # Errors
    /// As [`Filter::check`], and what `key_of` fails with.
    pub fn passing(
        &self,
        filter: &Filter,
        mut key_of: impl FnMut(&str) -> Result<Option<ItemId>>,
    ) -> Result<Passing> {
        filter.check()?;
        self.of_node(&filter.0, &mut key_of).map(Passing::new)
    }

    fn of_node(&self, node: &Node, key_of: KeyOf<'_>) -> Result<RoaringTreemap> {
        match node {
            Node::All(parts) => {
                let Some((first, rest)) = parts.split_first() else {
                    return Ok(self.items.clone());
                };
                let mut passing = self.of_node(first, key_of)?;
                for part in rest {
                    if passing.is_empty() {
                        break;
                    }
                    passing &= self.of_node(part, key_of)?;
                }
                Ok(passing)
            }
            Node::Any(parts) => {
                let mut passing = RoaringTreemap::new();
                for part in parts {
                    passing |= self.of_node(part, key_of)?;
                }
                Ok(passing)
            }
            Node::Not(part) => Ok(&self.items - self.of_node(part, key_of)?),
            Node::Condition(condition) => {
                let passing = self.of_condition(condition, key_of)?;
                let negated = matches!(condition.operator, Operator::Ne | Operator::Nin);
                Ok(if negated {
                    &self.items - passing
                } else {
                    passing
                })
            }
        }
    }

    /// Returns the items that pass a condition, `ne` and `nin` as `eq` and `in`.
    fn of_condition(&self, condition: &Condition, key_of: KeyOf<'_>) -> Result<RoaringTreemap> {
        match &condition.field {
            Field::Own(OwnField::Id) => self.of_ids(condition.values(), key_of),
            Field::Own(OwnField::CreatedAt) => Ok(self.created_at.passing(condition, &self.items)),
            Field::Own(OwnField::UpdatedAt) => Ok(self.updated_at.passing(condition, &self.items)),
            field => Ok(self.of_field(&field.to_string(), condition)),
        }
    }

    fn of_ids(&self, ids: &[Value], key_of: KeyOf<'_>) -> Result<RoaringTreemap> {
        let mut passing = RoaringTreemap::new();
        for id in ids.iter().filter_map(Value::as_str) {
            let item = key_of(id)?.filter(|item| self.contains(*item));
            passing.extend(item.map(|item| item.0));
        }
        Ok(passing)
    }

    fn of_field(&self, name: &str, condition: &Condition) -> RoaringTreemap {
        let values = self.field(name);
        let passing = values
            .map(|values| values.passing(&self.values, condition))
            .unwrap_or_default();
        let is_equality = matches!(
            condition.operator,
            Operator::Eq | Operator::Ne | Operator::In | Operator::Nin
        );
        if !is_equality || !condition.values().contains(&Value::Null) {
            return passing;
        }
        let absent = match values {
            Some(values) => &self.items - values.present(),
            None => self.items.clone(),
        };
        passing | absent
    }
}
