//! Adapting the codebook, by itself and when asked to.

use rm_core::{AdaptationConfig, AdaptationReport, CentroidId, Index};

use crate::{Result, RoutingMemory, persist};

/// How far splits may raise K above what its rule says.
const SPLIT_HEADROOM: f64 = 1.5;

impl RoutingMemory {
    /// Runs one cycle of adaptation now and returns what it did; `None` while the memory is empty.
    ///
    /// # Errors
    /// For a configuration out of range.
    pub fn adapt(&self) -> Result<Option<AdaptationReport>> {
        self.adapt_after_query(false)
    }

    /// Splits the list of one centroid in two, however little it is spread, and returns what that did;
    /// `None` where it holds nothing to tell apart.
    ///
    /// # Errors
    /// When the memory has no such centroid.
    pub fn force_split(&self, centroid: CentroidId) -> Result<Option<AdaptationReport>> {
        let mut index = self.write_index();
        let Some(index) = index.as_mut() else {
            return Ok(None);
        };
        let report = index.split(centroid, self.config.seed)?;
        if let Some(report) = &report {
            // A pending move belongs to the centroid as it was before the split.
            self.lock_observer().pending.clear();
            self.write_adapted(index, report, false)?;
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
        let mut index = self.write_index();
        let Some(index) = index.as_mut() else {
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
        let now_ms = self.config.clock.now_ms();
        let report = index.adapt(&config, &mut pending, now_ms, self.config.seed)?;
        if alarmed {
            self.lock_observer().drift.relearn_baseline();
        }
        self.write_adapted(index, &report, alarmed)?;
        Ok(Some(report))
    }

    /// Returns the configured cycle with room for K to grow.
    fn cycle(&self, index: &Index) -> AdaptationConfig {
        let by_rule = SPLIT_HEADROOM * self.config.k_rule.k(index.len()) as f64;
        let cycle = &self.config.adaptation.cycle;
        AdaptationConfig {
            max_k: cycle.max_k.max(by_rule as usize),
            ..cycle.clone()
        }
    }

    /// Stores what an adaptation changed, and after an alarm the monitor's state with it.
    ///
    /// A store that does not take it now, such as one on a full disk, gets the whole codebook with the next
    /// change or [`save`](Self::save): until then it holds the old codebook with its own, matching lists.
    fn write_adapted(&self, index: &Index, report: &AdaptationReport, alarmed: bool) -> Result<()> {
        if (report.is_empty() && !alarmed) || self.lock_observer().routing_unsaved {
            return Ok(());
        }
        let mut changes = persist::adapted(index, report)?;
        if alarmed {
            persist::watched(&self.lock_observer(), &mut changes);
        }
        let taken = self.lock_store().apply(&changes).is_ok();
        self.note_unpacked(report.reassigned.len());
        self.lock_observer().routing_unsaved = !taken;
        Ok(())
    }
}
