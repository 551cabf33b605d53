//! Codebook, inverted lists, retrieval, filtering, drift and adaptation of Routing Memory.
//!
//! It features
//! - [`train`]: seeded spherical k-means on blocked matrix products, the same on any number of threads, with
//!   linfa's k-means as a second [`Trainer`], and [`KRule`], by which K follows N;
//! - [`Codebook`]: what K centroids say of a vector, one at a time or in batches that agree bit for bit;
//! - [`Index`] and [`Retriever`]: inverted lists, multi-probe search, exact rerank, routing [`Signals`];
//! - [`Retriever::query_among`]: the same among [`Allowed`] items alone, exhaustive where these are few;
//! - [`Coding`]: codes in the lists, from which a search estimates scores before it computes those that may matter; vectors may
//!   then be left to a [`VectorSource`], and lists be packed and unpacked ([`Unpacking`]);
//! - [`RecallCalibration`]: as many lists for each query as a wanted recall takes;
//! - [`LexicalIndex`] (BM25) and [`HybridRetriever`], which joins search by words and by vector with a [`Fusion`];
//! - [`mmr()`]: maximal marginal relevance, by which results do not say the same twice;
//! - [`ExactSearch`]: what every answer is measured against;
//! - [`filter_by_score`], [`filter_top_n`], [`filter_by_token_budget`];
//! - [`DriftMonitor`], and adaptation by [`Index::adapt`], [`Index::split`] and [`Index::prune`], after each of which
//!   every item is in the list that it is routed to.
//!
//! It is pure computation: no files, no clock (time is an argument), no global state, no randomness but a seed.
//!
//! ```
//! use rm_core::{Index, ItemId, Retriever, Trainer, Vectors, train};
//!
//! let vectors = Vectors::from_rows(2, vec![1.0, 0.1, 1.0, -0.1, 0.1, 1.0, -0.1, 1.0])?;
//! let codebook = train(&vectors, 2, &Trainer::default(), 42)?.codebook;
//! let ids: Vec<ItemId> = (0..4).map(ItemId).collect();
//! let index = Index::build(codebook, &ids, &vectors)?;
//! let found = Retriever::default().n_probes(1).top_k(2).query(&index, &[1.0, 0.0])?;
//! assert_eq!(found.hits.len(), 2);
//! assert_eq!(found.candidates, 2);
//! # Ok::<(), rm_core::Error>(())
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod adapt;
mod allowed;
mod code_bits;
mod codebook;
mod codebook_columns;
mod codebook_stats;
mod coded_scan;
mod codes;
mod coding;
mod dot;
mod drift;
mod error;
mod exact;
mod exact_scan;
mod exact_scan_among;
mod filter;
mod fine_scan;
mod follow;
mod fusion;
mod hybrid;
mod ids;
mod index;
mod index_bytes;
mod index_codes;
mod index_packed;
mod index_vectors;
mod k_rule;
mod lag;
mod lexical;
mod list_scan;
mod lists;
mod met;
mod mmr;
mod order;
mod places;
mod product;
mod query_among;
mod ranking;
mod recall_calibration;
mod retriever;
mod rounded_centroids;
mod route;
mod spill;
mod top_k;
mod train;
mod usage;
mod vector_source;
mod vectors;

pub use adapt::{
    ADAPTATION_INTERVAL, AdaptationConfig, AdaptationReport, CentroidChange, EMA_RATE, EmaUpdates,
    PRUNE_IDLE_MS, SPLIT_VARIANCE,
};
pub use allowed::Allowed;
pub use code_bits::CodeBits;
pub use codebook::Codebook;
pub use codebook_stats::{CodebookStats, gini};
pub use coding::Coding;
pub use dot::{dot, dots_into};
pub use drift::{
    DRIFT_ALARM_RATIO, DRIFT_BASELINE, DRIFT_COOLDOWN, DRIFT_WINDOW, DriftAlarm, DriftConfig,
    DriftEvent, DriftMonitor, DriftState, DriftStats,
};
pub use error::{Error, Result};
pub use exact::{ExactHit, ExactSearch};
pub use filter::{Score, filter_by_score, filter_by_token_budget, filter_top_n};
pub use follow::Followed;
pub use fusion::{Candidate, FusedHit, Fusion, LEXICAL_WEIGHT, RECIPROCAL_RANK_K};
pub use hybrid::{HYBRID_DEPTH, HybridRetrieval, HybridRetriever};
pub use ids::{CentroidId, ItemId};
pub use index::Index;
pub use index_bytes::IndexBytes;
pub use index_packed::Unpacking;
pub use k_rule::{KRule, ORIGINAL_ITEMS_PER_CENTROID, ORIGINAL_MAX_CENTROIDS};
pub use lexical::{Analyser, BM25_B, BM25_K1, Bm25, LexicalHit, LexicalIndex, LexicalScores};
pub use lists::InvertedList;
pub use mmr::{MmrPick, mmr};
pub use recall_calibration::RecallCalibration;
pub use retriever::{
    DEFAULT_N_PROBES, DEFAULT_RERANK_ERRORS, DEFAULT_SCORE_THRESHOLD, DEFAULT_TOP_K, Hit,
    Retrieval, Retriever,
};
pub use route::{Encoding, Probe, Signals};
pub use train::{
    BalancedConfig, Init, LinfaConfig, SphericalConfig, Trained, Trainer, train, training_sample,
};
pub use usage::Usage;
pub use vector_source::{SourceError, VectorSource};
pub use vectors::{Vectors, check_unit};
