//! What is told of memories, and how much of it.

mod cost;
mod fit;
mod item;
mod tokens;
mod when;

pub(crate) use cost::{cost, cost_of_text};
pub(crate) use fit::{Cuttable, Room, fit};
pub(crate) use item::{Found, Item, rounded};
pub(crate) use when::when;
