//! The options of a memory.

use rm_core::{
    ADAPTATION_INTERVAL, AdaptationConfig, CentroidId, DEFAULT_N_PROBES, DEFAULT_SCORE_THRESHOLD,
    DriftConfig, DriftMonitor, EMA_RATE, EmaUpdates, Index, KRule, RecallCalibration, Retriever,
    Trainer, Vectors, train,
};

use crate::query_cache::DEFAULT_KEPT_QUESTIONS;
use crate::{Clock, Layout, Ranking, Result};

/// File that the original opens where none is named (`db_path`, routing-memory 0.1.0).
pub const DEFAULT_DB_PATH: &str = "rm_memory.db";

/// Seed of every random choice where none is given (`seed`, routing-memory 0.1.0).
pub const DEFAULT_SEED: u64 = 42;

/// Items that a search compares at least, however few lists that takes.
///
/// A thousand comparisons cost less than routing through a large codebook, and make every memory of up to
/// as many items exact.
pub const DEFAULT_MIN_CANDIDATES: usize = 1_000;

/// Items that a search by codes compares at least: so many take as long as the few hundred exact scores that follow.
pub const DEFAULT_MIN_CANDIDATES_CODED: usize = 20_000;

/// Says what a memory does when its drift monitor raises an alarm.
///
/// The search that raised the alarm has its answer already and returns it once the response has ended. What
/// was done stands in its [`SearchResult`](crate::SearchResult), and is stored in one transaction together
/// with the drift monitor's state. After a response the monitor learns its baseline anew from the next
/// queries, for errors under another codebook are no longer what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DriftResponse {
    /// Tells the alarm and changes nothing; the baseline stays, and the alarm comes again while drift lasts.
    Ignore,
    /// Runs one cycle of adaptation, as [`AdaptationPolicy::cycle`] says. Other searches go on meanwhile where what is in RAM is below
    /// 64 MiB, of which a copy is adapted; else they wait.
    #[default]
    Adapt,
    /// Trains the codebook again on all items. Other searches go on while it trains, and wait while the items
    /// are moved to their new lists and these are stored. Where vectors are in RAM, they stand there twice for as long.
    Refit,
}

/// Says when the codebook adapts by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptationPolicy {
    /// Runs a cycle every so many queries; `None` never.
    ///
    /// A cycle compares every item with every centroid that queries have moved since the last one.
    pub interval: Option<u64>,
    /// What is done when the drift monitor raises an alarm.
    pub on_alarm: DriftResponse,
    /// Share of a query that its centroid moves by at the next cycle; 0 moves nothing, and nothing moves where vectors
    /// are [left to the file](Layout::Codes).
    pub ema_rate: f32,
    /// What a cycle does. `max_k` is raised to one and a half times what the K rule says.
    pub cycle: AdaptationConfig,
    /// Has cycles and trainings that searches lead to run on a thread of their own, one at a time, so that no search waits for one. What
    /// was done stands in [`MemoryStats`](crate::MemoryStats) alone then, and not in a [`SearchResult`](crate::SearchResult).
    pub in_background: bool,
}

impl AdaptationPolicy {
    /// Adapts only when asked to.
    #[must_use]
    pub fn manual() -> Self {
        Self {
            interval: None,
            on_alarm: DriftResponse::Ignore,
            ema_rate: 0.0,
            ..Self::default()
        }
    }
}

impl Default for AdaptationPolicy {
    /// Every 50 queries, with a rate of 0.01, as the original does; and on alarms, which it does not.
    fn default() -> Self {
        Self {
            interval: Some(ADAPTATION_INTERVAL),
            on_alarm: DriftResponse::default(),
            ema_rate: EMA_RATE,
            cycle: AdaptationConfig::default(),
            in_background: false,
        }
    }
}

/// Holds the options that a memory keeps while it lives.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) n_probes: usize,
    pub(crate) recall_target: Option<f64>,
    pub(crate) score_threshold: f32,
    /// Set, or by what lists hold.
    pub(crate) min_candidates: Option<usize>,
    /// Set, or by the number of items.
    pub(crate) hybrid: Option<bool>,
    pub(crate) ranking: Ranking,
    pub(crate) kept_questions: usize,
    pub(crate) seed: u64,
    pub(crate) k_rule: KRule,
    pub(crate) trainer: Trainer,
    pub(crate) layout: Layout,
    pub(crate) vector_cache: bool,
    pub(crate) adaptation: AdaptationPolicy,
    pub(crate) drift: DriftConfig,
    pub(crate) clock: Clock,
}

impl Config {
    /// Refuses options that a later search or change would fail on.
    ///
    /// # Errors
    /// [`rm_core::Error::InvalidParameter`].
    pub(crate) fn check(&self) -> Result<()> {
        self.ranking.check()?;
        self.k_rule.check()?;
        if let Some(target) = self.recall_target {
            RecallCalibration::check_target(target)?;
        }
        Retriever::default()
            .n_probes(self.n_probes)
            .score_threshold(self.score_threshold)
            .check()?;
        DriftMonitor::new(self.drift.clone())?;
        // The smallest codebook there is goes through what a large one will: core knows the ranges.
        let vector = Vectors::from_rows(1, vec![1.0])?;
        let smallest = train(&vector, 1, &self.trainer, self.seed)?.codebook;
        let mut pending = EmaUpdates::default();
        let rate = self.adaptation.ema_rate;
        pending.record(&smallest, CentroidId(0), &[1.0], rate)?;
        Index::new(smallest).adapt(&self.adaptation.cycle, &mut pending, 0, self.seed)?;
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            n_probes: DEFAULT_N_PROBES,
            recall_target: None,
            score_threshold: DEFAULT_SCORE_THRESHOLD,
            min_candidates: None,
            hybrid: None,
            ranking: Ranking::default(),
            kept_questions: DEFAULT_KEPT_QUESTIONS,
            seed: DEFAULT_SEED,
            k_rule: KRule::default(),
            trainer: Trainer::default(),
            layout: Layout::default(),
            vector_cache: false,
            adaptation: AdaptationPolicy::default(),
            drift: DriftConfig::default(),
            clock: Clock::default(),
        }
    }
}
