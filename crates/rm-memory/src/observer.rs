//! What a memory learns from its queries.

use rm_core::{DriftEvent, DriftMonitor, EmaUpdates, Index, Signals};

use crate::Result;
use crate::config::{AdaptationPolicy, DriftResponse};

/// Watches queries go by: drift, moving averages, and when it is time to adapt.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) drift: DriftMonitor,
    pub(crate) pending: EmaUpdates,
    /// Searches answered since the memory was made.
    pub(crate) queries: u64,
    /// Cycles of adaptation run since the memory was opened.
    pub(crate) adaptations: u64,
    /// Trainings of the whole codebook after alarms, since the memory was opened.
    pub(crate) refits: u64,
    /// Whether something here or in the index's usage has not been saved.
    pub(crate) unsaved: bool,
    /// Whether the codebook in RAM has changes that the store would not take.
    pub(crate) routing_unsaved: bool,
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
    pub(crate) fn new(drift: DriftMonitor, queries: u64) -> Self {
        Self {
            drift,
            pending: EmaUpdates::default(),
            queries,
            adaptations: 0,
            refits: 0,
            unsaved: false,
            routing_unsaved: false,
        }
    }

    /// Notes that the index has a new codebook, and the store has it too.
    pub(crate) fn refitted(&mut self) {
        self.pending.clear();
        self.routing_unsaved = false;
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
        self.unsaved = true;
        index.record_use(signals.top_centroid, now_ms);
        if policy.ema_rate > 0.0 && !index.has_vectors_elsewhere() {
            self.pending
                .record(index.codebook(), signals.top_centroid, x, policy.ema_rate)?;
        }
        let event = self.drift.record(signals.qerr, signals.margin, now_ms)?;
        let is_due = |every: u64| every > 0 && self.queries.is_multiple_of(every);
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
