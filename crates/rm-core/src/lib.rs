//! Codebook, inverted lists, retrieval, filtering, drift and adaptation of Routing Memory.

mod ids;

pub use ids::{CentroidId, ItemId};
