//! What a memory learns from its queries.

use rm_core::{CentroidId, DriftEvent, DriftMonitor, EmaUpdates, Index, Signals, Usage};

use crate::Result;
use crate::config::{AdaptationPolicy, DriftResponse};
use crate::recall::Fitted;

/// Watches queries go by: drift, moving averages, and when it is time to adapt.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) drift: DriftMonitor,
    pub(crate) pending: EmaUpdates,
    /// Searches answered since they were last saved.
    pub(crate) queries: u64,
    /// Searches that the store knew of when they were last saved, or when the namespace was loaded.
    pub(crate) queries_before: u64,
    /// How centroids were used, as far as the store knows.
    pub(crate) saved_usage: Vec<Usage>,
    /// Cycles of adaptation run since the memory was opened.
    pub(crate) adaptations: u64,
    /// Trainings of the whole codebook after alarms, since the memory was opened.
    pub(crate) refits: u64,
    /// Whether something here or in the index's usage has not been saved.
    pub(crate) unsaved: bool,
    /// Searches answered since the memory was opened.
    pub(crate) answered: u64,
    /// What recall targets take, once somebody has asked.
    pub(crate) recall: Option<Fitted>,
}

/// Is what one query led to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Observation {
    pub(crate) event: Option<DriftEvent>,
    pub(crate) due: Option<Due>,
}

/// Is what is to be done after a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// A cycle of adaptation; after an alarm the baseline is learned anew.
    Cycle { alarmed: bool },
    /// A training of the whole codebook, after an alarm.
    Refit,
}

impl Observer {
    pub(crate) fn new(drift: DriftMonitor) -> Self {
        Self {
            drift,
            pending: EmaUpdates::default(),
            queries: 0,
            queries_before: 0,
            saved_usage: Vec::new(),
            adaptations: 0,
            refits: 0,
            unsaved: false,
            answered: 0,
            recall: None,
        }
    }

    /// Notes that the index has another codebook, which the store has, too.
    pub(crate) fn reloaded(&mut self, index: Option<&Index>) {
        // Pending moves belong to centroids as they were. What recall targets take is asked of the store anew.
        self.pending.clear();
        self.recall = None;
        self.saved_usage = index
            .map(|index| index.usage().collect())
            .unwrap_or_default();
    }

    /// Notes that an adaptation is stored, with the usage of the centroids that it changed.
    pub(crate) fn adapted(&mut self, index: &Index, changed: &[CentroidId]) {
        let usage: Vec<Usage> = index.usage().collect();
        self.saved_usage.resize(usage.len(), Usage::default());
        for id in changed {
            if let Some(usage) = usage.get(id.index()) {
                self.saved_usage[id.index()] = *usage;
            }
        }
    }

    /// Notes that `counted` queries are stored, on top of as many as were before.
    pub(crate) fn saved(&mut self, counted: u64, before: u64) {
        self.queries -= counted.min(self.queries);
        self.queries_before = before.saturating_add(counted);
    }

    /// Returns how many searches have been answered since the memory was made, as far as this process knows.
    pub(crate) fn all_queries(&self) -> u64 {
        self.queries_before.saturating_add(self.queries)
    }

    /// Records one query.
    pub(crate) fn record(
        &mut self,
        index: &Index,
        x: &[f32],
        signals: &Signals,
        policy: &AdaptationPolicy,
        now_ms: i64,
    ) -> Result<Observation> {
        self.queries += 1;
        self.answered += 1;
        self.unsaved = true;
        index.record_use(signals.top_centroid, now_ms);
        if policy.ema_rate > 0.0 && !index.has_vectors_elsewhere() {
            self.pending
                .record(index.codebook(), signals.top_centroid, x, policy.ema_rate)?;
        }
        let event = self.drift.record(signals.qerr, signals.margin, now_ms)?;
        let is_due = |every: u64| every > 0 && self.answered.is_multiple_of(every);
        let alarm = matches!(event, Some(DriftEvent::Alarm(_)));
        let due = match policy.on_alarm {
            DriftResponse::Refit if alarm => Some(Due::Refit),
            DriftResponse::Adapt if alarm => Some(Due::Cycle { alarmed: true }),
            _ if policy.interval.is_some_and(is_due) => Some(Due::Cycle { alarmed: false }),
            _ => None,
        };
        Ok(Observation { event, due })
    }
}
