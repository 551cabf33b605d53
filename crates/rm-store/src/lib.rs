//! Durable storage of Routing Memory in one SQLite file.
//!
//! A [`Store`] keeps what a memory consists of: items (id, text, metadata, vector, times), the codebook
//! ([`RoutingState`]), which centroid each item is assigned to, and a few settings. Everything that changes goes
//! through one atomic call, [`Store::apply`]; everything else reads.
//!
//! It features
//! - [`SqliteStore`]: one file, write-ahead log, every acknowledged change synced to disk by default;
//! - [`MemoryStore`]: the same contract in RAM;
//! - a checksum on every row, verified on every read, so that a flipped bit is an error and never a wrong vector;
//! - namespaces that know nothing of each other: a memory reads its own and none of the others;
//! - many threads and many processes on one file: reading waits for nobody, and [`Store::changes_since`] tells what others
//!   have changed;
//! - the lists of an index as they were packed, and which items have changed since, so that a memory opens without reading
//!   a vector;
//! - refusal of files that are newer, foreign, truncated or damaged, which are left byte for byte as they were;
//! - a copy of a file while others write to it ([`Store::snapshot_to`]), and one state of it to look at ([`Store::view`]);
//! - moving to the vectors of another model, resumed after a kill and done in one commit ([`ModelMove`]);
//! - a file of vectors that were read once, where a search finds them sooner ([`VectorCache`]);
//! - schema migrations, and import of databases written by the Python package `routing-memory` ([`legacy`]);
//! - [`Snapshot`], the whole stored state as text, for tests and for looking at a file.
//!
//! It is not a search index: it knows nothing of distances. It is loaded once and then written to, and asked for the vectors that
//! an index leaves to it.
//!
//! ```
//! use rm_store::{Changes, Item, SqliteStore, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("memory.db");
//! let store = SqliteStore::open(&path)?;
//! let item = Item {
//!     id: "ui".into(),
//!     text: "The user prefers dark mode".into(),
//!     vector: vec![0.6, 0.8],
//!     created_at_ms: 1_700_000_000_000,
//!     updated_at_ms: 1_700_000_000_000,
//!     ..Item::default()
//! };
//! store.apply(Changes::new().put(item, None))?;
//! store.close()?;
//!
//! let store = SqliteStore::open(&path)?;
//! assert_eq!(store.count()?, 1);
//! assert!(store.get("ui")?.is_some_and(|stored| stored.item.text.contains("dark")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod blob;
mod changes;
mod changes_since;
mod checksum;
mod copy;
mod error;
mod item;
pub mod legacy;
mod memory;
mod namespace;
mod new_file;
mod packed;
mod routing;
pub mod settings;
mod snapshot;
mod sqlite;
mod store;
mod vector_cache;
mod view;

pub use changes::{Applied, Changes, Put};
pub use changes_since::{ChangesSince, CodebookChange};
pub use error::{Error, Result};
pub use item::{DEFAULT_IMPORTANCE, Item, StoredItem};
pub use memory::MemoryStore;
pub use packed::Packed;
pub use rm_core::{CentroidId, ItemId};
pub use routing::{CentroidRow, CentroidUsage, RoutingState, RoutingUpdate};
pub use snapshot::Snapshot;
pub use sqlite::{Durability, LastState, ModelMove, NextVectors, Options, SqliteStore};
pub use store::{Store, Transaction, VisitItem, VisitPacked, VisitVector};
pub use vector_cache::{CachedVectors, VectorCache};
pub use view::{ReadView, View};
