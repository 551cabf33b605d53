//! Filters on metadata and on what a memory knows of its items itself.

mod compare;
mod condition;
mod field;
mod from_json;
mod item_fields;
mod number;
mod time;
mod to_json;
mod tree;

pub use item_fields::ItemFields;
pub use tree::{Filter, MAX_FILTER_DEPTH};

pub(crate) use condition::{Condition, Operator};
pub(crate) use field::{Field, OwnField, push_key};
pub(crate) use item_fields::decimal;
pub(crate) use number::Exact;
pub(crate) use tree::Node;
