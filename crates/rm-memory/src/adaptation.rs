//! Adapting the codebook, by itself and when asked to.

use std::sync::atomic::Ordering;

use rm_core::{AdaptationConfig, AdaptationReport, CentroidId, Index};

use crate::turn::Turn;
use crate::{Result, RoutingMemory, persist};

/// How far splits may raise K above what its rule says.
const SPLIT_HEADROOM: f64 = 1.5;

impl RoutingMemory {
    /// Runs one cycle of adaptation now and returns what it did; `None` while the memory is empty.
    ///
    /// # Errors
    /// For a configuration out of range, and when what was done cannot be stored; the codebook stays what it was then.
    pub fn adapt(&self) -> Result<Option<AdaptationReport>> {
        self.adapt_after_query(false)
    }

    /// Splits the list of one centroid in two, however little it is spread, and returns what that did;
    /// `None` where it holds nothing to tell apart.
    ///
    /// # Errors
    /// When the memory has no such centroid, and when what was done cannot be stored; nothing was done then.
    pub fn force_split(&self, centroid: CentroidId) -> Result<Option<AdaptationReport>> {
        self.or_reload(self.split_and_store(centroid))
    }

    fn split_and_store(&self, centroid: CentroidId) -> Result<Option<AdaptationReport>> {
        let turn = self.turn()?;
        let mut slot = self.write_index();
        let Some(index) = slot.as_mut() else {
            return Ok(None);
        };
        let report = index.split(centroid, self.config().seed)?;
        if let Some(report) = &report {
            self.write_adapted(turn, &mut slot, report, false)?;
        }
        Ok(report)
    }

    /// Takes the recent queries as the drift monitor's baseline; returns whether there were enough.
    pub fn reset_drift_baseline(&self) -> bool {
        let mut observer = self.lock_observer();
        observer.unsaved = true;
        observer.drift.reset_baseline()
    }

    /// Runs one cycle; after an alarm the baseline is learned anew.
    pub(crate) fn adapt_after_query(&self, alarmed: bool) -> Result<Option<AdaptationReport>> {
        self.or_reload(self.adapt_and_store(alarmed))
    }

    /// Loads the index anew where it has been adapted and the store did not take it.
    fn or_reload<T>(&self, outcome: Result<T>) -> Result<T> {
        if self.space.must_reload.load(Ordering::Acquire) {
            // Should it fail, whoever needs the index next tries again.
            let _ = self.refresh();
        }
        outcome
    }

    fn adapt_and_store(&self, alarmed: bool) -> Result<Option<AdaptationReport>> {
        let turn = self.turn()?;
        let mut slot = self.write_index();
        let Some(index) = slot.as_mut() else {
            return Ok(None);
        };
        let config = self.cycle(index);
        let mut pending = {
            let mut observer = self.lock_observer();
            observer.adaptations += 1;
            // Starts the idle clocks of centroids that no query has met.
            observer.unsaved = true;
            std::mem::take(&mut observer.pending)
        };
        let now_ms = self.config().clock.now_ms();
        let report = index.adapt(&config, &mut pending, now_ms, self.config().seed)?;
        if !report.is_empty() || alarmed {
            self.write_adapted(turn, &mut slot, &report, alarmed)?;
        }
        Ok(Some(report))
    }

    /// Returns the configured cycle with room for K to grow.
    fn cycle(&self, index: &Index) -> AdaptationConfig {
        let by_rule = SPLIT_HEADROOM * self.config().k_rule.k(index.len()) as f64;
        let cycle = &self.config().adaptation.cycle;
        AdaptationConfig {
            max_k: cycle.max_k.max(by_rule as usize),
            ..cycle.clone()
        }
    }

    /// Stores what an adaptation changed, and after an alarm the monitor's state with it.
    ///
    /// What cannot be stored, as on a full disk, is taken back: the index is loaded anew, and the codebook stays what it was.
    fn write_adapted(
        &self,
        turn: Turn<'_>,
        slot: &mut Option<Index>,
        report: &AdaptationReport,
        alarmed: bool,
    ) -> Result<()> {
        let Some(index) = slot.as_ref() else {
            return Ok(());
        };
        let mut changes = persist::adapted(index, report)?;
        let queries = self.stored_queries()?;
        let before = alarmed.then(|| self.lock_observer().drift.clone());
        let mut counted = 0;
        if alarmed {
            let mut observer = self.lock_observer();
            observer.drift.relearn_baseline();
            counted = observer.queries;
            persist::watched(&observer, queries, &mut changes);
        }
        let written = turn.write(&changes).inspect_err(|_| {
            self.space.must_reload.store(true, Ordering::Release);
            if let Some(before) = before {
                self.lock_observer().drift = before;
            }
        })?;
        self.note_unpacked(report.reassigned.len());
        self.counting().moved.add(report.reassigned.len());
        written.follow_under(slot, |slot| {
            let mut observer = self.lock_observer();
            if let Some(index) = slot {
                observer.adapted(index, &report.changed_centroids());
                observer.pending.clear();
            }
            if alarmed {
                observer.saved(counted, queries);
            }
            Ok(())
        });
        Ok(())
    }
}
