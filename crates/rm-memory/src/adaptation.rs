//! Adapting the codebook, by itself and when asked to.

use std::sync::atomic::Ordering;

use rm_core::{AdaptationConfig, AdaptationReport, CentroidId, Index, Usage};

use crate::turn::{Turn, Written};
use crate::{Result, RoutingMemory, persist};

/// How far splits may raise K above what its rule says.
const SPLIT_HEADROOM: f64 = 1.5;

/// Bytes of an index up to which a copy of it is adapted: that takes some ten milliseconds, in which searches go on.
const COPIED_BYTES: usize = 64 << 20;

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
            self.store_adapted_in_place(turn, &mut slot, report, false)?;
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
        let copy = match self.read_index().as_ref() {
            None => return Ok(None),
            Some(index) if index.bytes().total() <= COPIED_BYTES => Some(index.clone()),
            Some(_) => None,
        };
        match copy {
            Some(copy) => self.adapt_copy(turn, copy, alarmed),
            None => self.adapt_in_place(turn, alarmed),
        }
    }

    /// Adapts a copy of the index, which takes its place: searches go on meanwhile. The turn keeps everybody else from changing it.
    fn adapt_copy(
        &self,
        turn: Turn<'_>,
        mut index: Index,
        alarmed: bool,
    ) -> Result<Option<AdaptationReport>> {
        let before: Vec<Usage> = index.usage().collect();
        let report = self.run_cycle(&mut index)?;
        let take_its_place = |slot: &mut Option<Index>, index: Index| {
            if let Some(old) = slot.as_ref() {
                take_over_usage(&before, old, &index, &report);
            }
            *slot = Some(index);
        };
        if report.is_empty() && !alarmed {
            // No centroid has changed, but clocks may have begun to run.
            take_its_place(&mut self.write_index(), index);
        } else {
            let stored = self.store_adapted(turn, &index, &report, alarmed)?;
            stored
                .written
                .follow_under(&mut self.write_index(), |slot| {
                    self.note_adapted(&index, &report, &stored);
                    take_its_place(slot, index);
                    Ok(())
                });
        }
        Ok(Some(report))
    }

    /// Adapts the index itself; searches wait.
    fn adapt_in_place(&self, turn: Turn<'_>, alarmed: bool) -> Result<Option<AdaptationReport>> {
        let mut slot = self.write_index();
        let Some(index) = slot.as_mut() else {
            return Ok(None);
        };
        let report = self.run_cycle(index)?;
        if !report.is_empty() || alarmed {
            self.store_adapted_in_place(turn, &mut slot, &report, alarmed)?;
        }
        Ok(Some(report))
    }

    fn run_cycle(&self, index: &mut Index) -> Result<AdaptationReport> {
        let config = self.cycle(index);
        let mut pending = {
            let mut observer = self.lock_observer();
            observer.adaptations += 1;
            // Starts the idle clocks of centroids that no query has met.
            observer.unsaved = true;
            std::mem::take(&mut observer.pending)
        };
        let now_ms = self.config().clock.now_ms();
        Ok(index.adapt(&config, &mut pending, now_ms, self.config().seed)?)
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

    /// Does as [`store_adapted`](Self::store_adapted) for an index that was changed itself. Where the store does not take it, as on a full
    /// disk, the index is loaded anew.
    fn store_adapted_in_place(
        &self,
        turn: Turn<'_>,
        slot: &mut Option<Index>,
        report: &AdaptationReport,
        alarmed: bool,
    ) -> Result<()> {
        let Some(index) = slot.as_ref() else {
            return Ok(());
        };
        let stored = self.store_adapted(turn, index, report, alarmed);
        let is_ahead = |_: &_| self.space.must_reload.store(true, Ordering::Release);
        let stored = stored.inspect_err(is_ahead)?;
        stored.written.follow_under(slot, |slot| {
            if let Some(index) = slot {
                self.note_adapted(index, report, &stored);
            }
            Ok(())
        });
        Ok(())
    }

    /// Stores what an adaptation changed, and after an alarm the monitor's state with it.
    fn store_adapted<'m>(
        &'m self,
        turn: Turn<'m>,
        index: &Index,
        report: &AdaptationReport,
        alarmed: bool,
    ) -> Result<Stored<'m>> {
        let mut changes = persist::adapted(index, report)?;
        let queries = self.stored_queries()?;
        let before = alarmed.then(|| self.lock_observer().drift.clone());
        let mut counted = None;
        if alarmed {
            let mut observer = self.lock_observer();
            observer.drift.relearn_baseline();
            counted = Some(observer.queries);
            persist::watched(&observer, queries, &mut changes);
        }
        let written = turn.write(&changes).inspect_err(|_| {
            if let Some(before) = before {
                self.lock_observer().drift = before;
            }
        })?;
        self.note_unpacked(report.reassigned.len());
        self.counting().moved.add(report.reassigned.len());
        Ok(Stored {
            written,
            counted,
            queries,
        })
    }

    /// Has the observer follow an adaptation that is stored.
    fn note_adapted(&self, index: &Index, report: &AdaptationReport, stored: &Stored<'_>) {
        let mut observer = self.lock_observer();
        observer.adapted(index, &report.changed_centroids());
        observer.pending.clear();
        if let Some(counted) = stored.counted {
            observer.saved(counted, stored.queries);
        }
    }
}

/// Is an adaptation that is stored, which the index has yet to follow.
struct Stored<'m> {
    written: Written<'m>,
    /// Queries that were stored with the drift monitor, where it was.
    counted: Option<u64>,
    /// Queries that were stored before.
    queries: u64,
}

/// Takes over the uses of centroids that searches have counted in the old index since it was copied with the uses `before`.
///
/// Where centroids were pruned or merged, others have got their numbers: then these few uses are not counted.
fn take_over_usage(before: &[Usage], old: &Index, new: &Index, report: &AdaptationReport) {
    if report.prunes() + report.merges() > 0 {
        return;
    }
    for ((id, before), now) in (0..).map(CentroidId).zip(before).zip(old.usage()) {
        for _ in before.hits..now.hits {
            new.record_use(id, now.last_used_ms.unwrap_or_default());
        }
    }
}
