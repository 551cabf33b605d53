//! `RoutingMemory`: long-term memory for LLM agents in one file.
//!
//! Text goes in, MiniLM turns it into a unit vector, a codebook routes the vector to an inverted list; a
//! query probes the nearest lists, reranks by exact dot product, drops what scores too low and tells, with
//! its routing signals, how far the answer can be trusted.
//!
//! It features
//! - [`RoutingMemory`]: add, update, delete, search, in memory or on a file, with any [`Embedder`] and [`Store`];
//! - [`Filter`]s on metadata and times, read from JSON or put together, and [`Facets`], which know what passes them;
//! - opening that loads the codebook and never trains it again;
//! - codes in place of vectors in RAM where there are many items ([`Layout`]);
//! - [export](RoutingMemory::export) and [import](RoutingMemory::import) as JSON Lines, a [copy](RoutingMemory::snapshot_to) of a live
//!   file, a [check](RoutingMemory::check) of everything, and a [move](MemoryBuilder::reembed) to another model;
//! - a drift monitor over the queries, and adaptation of the codebook that keeps every item in reach.
//!
//! It is not a server and has no access control: whoever can open the file can read it.
//!
//! ```no_run
//! use rm_memory::{Query, RoutingMemory};
//!
//! let memory = RoutingMemory::open("rm_memory.db")?;
//! memory.add("User prefers dark mode for all applications")?;
//! memory.add("Meeting with Alice scheduled for March 15 at 2pm")?;
//! for found in memory.search(Query::text("what are the user's UI preferences?").top_k(3))? {
//!     println!("[{:.3}] {}", found.score, found.text);
//! }
//! # Ok::<(), rm_memory::Error>(())
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used)]

mod adaptation;
mod build_context;
mod builder;
mod candidates;
mod catch_up;
mod change;
mod check;
mod clock;
mod config;
mod confined;
mod context;
mod counters;
mod deduplicate;
mod drift_state;
mod duplicates;
mod error;
mod export;
mod facets;
mod family;
mod filter;
mod forget;
mod found;
mod import;
mod import_line;
mod item;
mod item_time;
mod layout;
mod listing;
mod load;
mod memory;
mod observer;
mod packing;
mod parameter;
mod persist;
mod query;
mod query_cache;
mod rank_found;
mod ranking;
mod recall;
mod reembed;
mod reembed_plan;
mod refit;
mod respond;
mod restore_codes;
mod retention;
mod search;
mod side_index;
mod snapshot;
mod space;
mod stats;
mod time_line;
mod token_counter;
mod turn;
mod vectors_in_store;

pub use builder::{DEFAULT_BUSY_TIMEOUT, MemoryBuilder};
pub use candidates::HYBRID_UP_TO;
pub use check::{CheckReport, Finding};
pub use clock::Clock;
pub use config::{
    AdaptationPolicy, DEFAULT_DB_PATH, DEFAULT_MIN_CANDIDATES, DEFAULT_MIN_CANDIDATES_CODED,
    DEFAULT_SEED, DriftResponse,
};
pub use context::{
    Context, ContextFormat, ContextItem, ContextOrder, LeftOut, LeftOutReason, assemble,
};
pub use counters::Counters;
pub use duplicates::{
    AddOutcome, DEFAULT_DUPLICATE_THRESHOLD, DuplicateDecision, DuplicatePolicy, NearItem,
    OnDuplicate,
};
pub use error::{Error, Result};
pub use export::{ExportOptions, ExportReport};
pub use facets::{Facets, Passing};
pub use filter::{Filter, ItemFields, MAX_FILTER_DEPTH};
pub use found::{Found, SearchResult};
pub use import::{ExtraFields, ImportOptions, ImportProgress, ImportReport, OnConflict};
pub use item::{MemoryItem, NewItem, Update};
pub use item_time::ItemTime;
pub use layout::{CODED_FROM, FINE_BITS, FINE_UP_TO, Layout};
pub use listing::{Cursor, Page};
pub use memory::RoutingMemory;
pub use query::Query;
pub use query_cache::DEFAULT_KEPT_QUESTIONS;
pub use ranking::{
    Addition, DEFAULT_HALF_LIFE_DAYS, DEFAULT_RECENCY_WEIGHT, Explanation, InTime, Neighbour,
    Neighbours, Ranked, Ranking, RankingCandidate, RankingRequest, Recency, Redundancy, Timeline,
};
pub use recall::{CalibrationReport, MAX_RECALL_QUESTIONS, RECALL_TOP_K};
pub use reembed::{ReembedProgress, ReembedReport};
pub use refit::RefitReport;
pub use retention::{ForgetReason, Forgotten, RetentionItem, RetentionPolicy, RetentionReport};
pub use stats::{BucketStats, CodebookInfo, MemoryStats};
pub use token_counter::{EmbedderTokens, TokenCounter};
pub use vectors_in_store::CACHE_BYTES_PER_ITEM;

pub use rm_core::{
    AdaptationConfig, AdaptationReport, BalancedConfig, CentroidId, CodeBits, DriftAlarm,
    DriftConfig, DriftEvent, DriftStats, IndexBytes, KRule, Signals, Trainer,
};
pub use rm_embed::{Embedder, MiniLm, ModelSource, Progress};
pub use rm_store::{Durability, MemoryStore, SqliteStore, Store};
