//! Codebook, inverted lists, retrieval, filtering, drift and adaptation of Routing Memory.

mod codebook;
mod dot;
mod error;
mod ids;
mod k_rule;
mod product;
mod route;
mod top_k;
mod train;
mod vectors;

pub use codebook::Codebook;
pub use dot::{dot, dots_into};
pub use error::{Error, Result};
pub use ids::{CentroidId, ItemId};
pub use k_rule::{KRule, ORIGINAL_ITEMS_PER_CENTROID, ORIGINAL_MAX_CENTROIDS};
pub use route::{Encoding, Probe, Signals};
pub use train::{Init, LinfaConfig, SphericalConfig, Trained, Trainer, train};
pub use vectors::{Vectors, check_unit};
