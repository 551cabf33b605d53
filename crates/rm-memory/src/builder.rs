//! How a memory is set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rm_core::{DriftConfig, KRule, Trainer};
use rm_embed::{Embedder, MiniLm, ModelSource};
use rm_store::{Durability, MemoryStore, Options, SqliteStore, Store};

use crate::config::{AdaptationPolicy, Config, DriftResponse};
use crate::{Clock, Layout, Ranking, Result, RoutingMemory};

/// Collects the options of a [`RoutingMemory`] and opens it.
///
/// ```no_run
/// use rm_memory::{KRule, RoutingMemory};
///
/// let memory = RoutingMemory::builder()
///     .path("agent.db")
///     .n_probes(4)
///     .score_threshold(0.2)
///     .k_rule(KRule::Sqrt(4.0))
///     .open()?;
/// # Ok::<(), rm_memory::Error>(())
/// ```
#[derive(Default)]
pub struct MemoryBuilder {
    place: Place,
    embedder: Option<Arc<dyn Embedder>>,
    durability: Durability,
    busy_timeout: Option<Duration>,
    config: Config,
}

/// How long a change waits for those of other processes where nothing is said: longer than an adaptation of a large memory takes.
pub const DEFAULT_BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Is where a memory lives.
#[derive(Default)]
enum Place {
    #[default]
    Ram,
    File(PathBuf),
    Store(Arc<dyn Store>),
}

impl MemoryBuilder {
    /// Keeps the memory in one SQLite file, which is made if it is not there (default: in RAM).
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.place = Place::File(path.into());
        self
    }

    /// Keeps the memory in RAM; it is gone when dropped.
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        self.place = Place::Ram;
        self
    }

    /// Keeps the memory in a store of your own.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.place = Place::Store(store);
        self
    }

    /// Embeds texts with a model of your own (default: all-MiniLM-L6-v2, fetched if it is not there).
    #[must_use]
    pub fn embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = Some(embedder);
        self
    }

    /// Sets what a change on a file survives (default: a power cut).
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets how long a change waits for those of other processes (default 30 s).
    #[must_use]
    pub fn busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.busy_timeout = Some(busy_timeout);
        self
    }

    /// Sets how many of the last questions keep their vectors in RAM, so that they are not embedded again (default 256); 0 keeps none.
    #[must_use]
    pub fn kept_questions(mut self, kept_questions: usize) -> Self {
        self.config.kept_questions = kept_questions;
        self
    }

    /// Sets how many lists a search scans at least (default 3).
    #[must_use]
    pub fn n_probes(mut self, n_probes: usize) -> Self {
        self.config.n_probes = n_probes;
        self
    }

    /// Has each search choose its own number of lists, in place of `n_probes` and `min_candidates`, so that on average it finds the
    /// `target` share of the [`RECALL_TOP_K`](crate::RECALL_TOP_K) nearest items (default: none; 1 searches everything).
    ///
    /// What it takes is learned from sample questions ([`RoutingMemory::calibrate_recall`]); without any, at the first search and whenever
    /// the memory has outgrown it, from items that are asked for each other, which may lie otherwise than questions do. A memory of up to [`DEFAULT_MIN_CANDIDATES`](crate::DEFAULT_MIN_CANDIDATES) items is searched
    /// whole. The promise is about items before filters, the score threshold and words.
    #[must_use]
    pub fn recall_target(mut self, target: f64) -> Self {
        self.config.recall_target = Some(target);
        self
    }

    /// Sets the score below which results are dropped unless a query says otherwise (default 0.3).
    #[must_use]
    pub fn score_threshold(mut self, score_threshold: f32) -> Self {
        self.config.score_threshold = score_threshold;
        self
    }

    /// Sets how many items a search compares at least (default 1,000, which makes small memories exact, and 20,000 where it
    /// [compares codes](Layout)).
    #[must_use]
    pub fn min_candidates(mut self, min_candidates: usize) -> Self {
        self.config.min_candidates = Some(min_candidates);
        self
    }

    /// Sets whether texts are searched by their words as well as by their meaning, where a query does not say (default: up to
    /// [`HYBRID_UP_TO`](crate::HYBRID_UP_TO) items). The index of words is made by the first such search, and held in RAM.
    #[must_use]
    pub fn hybrid(mut self, hybrid: bool) -> Self {
        self.config.hybrid = Some(hybrid);
        self
    }

    /// Sets what counts beside the match with the query, where a query does not say (default: nothing).
    #[must_use]
    pub fn ranking(mut self, ranking: Ranking) -> Self {
        self.config.ranking = ranking;
        self
    }

    /// Sets the seed of training (default 42).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Sets how the number of centroids follows the number of items.
    #[must_use]
    pub fn k_rule(mut self, k_rule: KRule) -> Self {
        self.config.k_rule = k_rule;
        self
    }

    /// Sets how codebooks are trained.
    #[must_use]
    pub fn trainer(mut self, trainer: Trainer) -> Self {
        self.config.trainer = trainer;
        self
    }

    /// Sets what is held in RAM of each item (default: vectors in a small memory, codes in a large one).
    ///
    /// A file can be opened with another layout than it was last open with.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.config.layout = layout;
        self
    }

    /// Sets whether vectors that a search has read from the file are kept in a second one, where the next search finds them in a
    /// third of the time (default: no). It has no name, lies in the same folder, takes a vector's bytes for each item that was read, and is
    /// gone when the memory is closed. The first read of a vector takes at least twice as long with it, so it is
    /// worth its file where a memory of one-bit codes is searched for long. Asked where the [layout](Layout) leaves vectors to the file.
    #[must_use]
    pub fn vector_cache(mut self, vector_cache: bool) -> Self {
        self.config.vector_cache = vector_cache;
        self
    }

    /// Sets when the codebook adapts by itself.
    #[must_use]
    pub fn adaptation(mut self, adaptation: AdaptationPolicy) -> Self {
        self.config.adaptation = adaptation;
        self
    }

    /// Sets what is done when the drift monitor raises an alarm (default: one cycle of adaptation).
    ///
    /// The same is a field of [`AdaptationPolicy`]; what is said last holds.
    #[must_use]
    pub fn on_drift_alarm(mut self, response: DriftResponse) -> Self {
        self.config.adaptation.on_alarm = response;
        self
    }

    /// Sets how drift is detected.
    #[must_use]
    pub fn drift(mut self, drift: DriftConfig) -> Self {
        self.config.drift = drift;
        self
    }

    /// Sets where the time comes from (default: the computer's clock).
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.config.clock = clock;
        self
    }

    /// Opens the memory: loads what is stored, and trains nothing.
    ///
    /// A database of the Python original has no codebook to rely on; it is imported, and its codebook is
    /// trained once.
    ///
    /// # Errors
    /// When the model cannot be had, the file cannot be used or was filled with another model; and for an option out of range.
    pub fn open(self) -> Result<RoutingMemory> {
        let (config, embedder, place) = self.prepare()?;
        RoutingMemory::load(config, embedder, place.store())
    }

    /// Gets the model, and opens or makes what the memory is in.
    pub(crate) fn prepare(self) -> Result<(Config, Arc<dyn Embedder>, Opened)> {
        // The model comes first: without it no file is made, and none of the original is converted.
        let embedder = match self.embedder {
            Some(embedder) => embedder,
            None => Arc::new(MiniLm::load(&ModelSource::from_env())?),
        };
        let opened = match self.place {
            Place::Ram => Opened::Store(Arc::new(MemoryStore::new())),
            Place::File(path) => {
                let options = Options {
                    durability: self.durability,
                    busy_timeout: self.busy_timeout.unwrap_or(DEFAULT_BUSY_TIMEOUT),
                };
                Opened::File(Arc::new(SqliteStore::open_with(&path, &options)?))
            }
            Place::Store(store) => Opened::Store(store),
        };
        Ok((self.config, embedder, opened))
    }
}

/// Is what a memory is in.
pub(crate) enum Opened {
    File(Arc<SqliteStore>),
    Store(Arc<dyn Store>),
}

impl Opened {
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::File(file) => Arc::clone(file) as Arc<dyn Store>,
            Self::Store(store) => Arc::clone(store),
        }
    }
}
