//! Codebook, inverted lists, retrieval, filtering, drift and adaptation of Routing Memory.

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod adapt;
mod codebook;
mod codebook_stats;
mod dot;
mod drift;
mod error;
mod exact;
mod filter;
mod ids;
mod index;
mod k_rule;
mod lists;
mod product;
mod ranking;
mod retriever;
mod route;
mod top_k;
mod train;
mod usage;
mod vectors;

pub use adapt::{
    ADAPTATION_INTERVAL, AdaptationConfig, AdaptationReport, CentroidChange, EMA_RATE, EmaUpdates,
    PRUNE_IDLE_MS, SPLIT_VARIANCE,
};
pub use codebook::Codebook;
pub use codebook_stats::{CodebookStats, gini};
pub use dot::{dot, dots_into};
pub use drift::{
    DRIFT_ALARM_RATIO, DRIFT_BASELINE, DRIFT_COOLDOWN, DRIFT_WINDOW, DriftAlarm, DriftConfig,
    DriftEvent, DriftMonitor, DriftState, DriftStats,
};
pub use error::{Error, Result};
pub use exact::{ExactHit, ExactSearch};
pub use filter::{Score, filter_by_score, filter_by_token_budget, filter_top_n};
pub use ids::{CentroidId, ItemId};
pub use index::Index;
pub use k_rule::{KRule, ORIGINAL_ITEMS_PER_CENTROID, ORIGINAL_MAX_CENTROIDS};
pub use lists::InvertedList;
pub use retriever::{
    DEFAULT_N_PROBES, DEFAULT_SCORE_THRESHOLD, DEFAULT_TOP_K, Hit, Retrieval, Retriever,
};
pub use route::{Encoding, Probe, Signals};
pub use train::{Init, LinfaConfig, SphericalConfig, Trained, Trainer, train};
pub use usage::Usage;
pub use vectors::{Vectors, check_unit};
