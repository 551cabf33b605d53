//! How codebook, lists and monitor are written down.

use rm_core::{AdaptationReport, CentroidId, Index, Usage};
use rm_store::{CentroidRow, CentroidUsage, Changes, RoutingState, RoutingUpdate};

use crate::load::QUERIES;
use crate::observer::Observer;
use crate::packing::pack_all;
use crate::recall::FITTED;
use crate::{Result, RoutingMemory, drift_state};

/// Time that stands for a centroid that no query and no adaptation has met: the store's own default.
const NEVER_MS: i64 = 0;

impl RoutingMemory {
    /// Writes what changes with searches: how centroids were used, and the drift monitor.
    ///
    /// Items, codebook and lists are written when they change, so a memory that is not saved loses none. Of several processes
    /// with one file, uses and queries are added up; of the drift monitors, each of which watches the queries of its
    /// own process, the last to be saved is kept.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn save(&self) -> Result<()> {
        if !self.lock_observer().unsaved {
            return Ok(());
        }
        let turn = self.turn()?;
        let queries = self.stored_queries()?;
        let mut changes = Changes::new();
        let (used, counted) = {
            let slot = self.read_index();
            let observer = self.lock_observer();
            let used: Vec<Usage> = slot
                .as_ref()
                .map(|index| index.usage().collect())
                .unwrap_or_default();
            changes.add_usage(added_usage(&observer.saved_usage, &used));
            watched(&observer, queries, &mut changes);
            (used, observer.queries)
        };
        turn.write(&changes)?.done();
        let mut observer = self.lock_observer();
        observer.saved_usage = used;
        observer.saved(counted, queries);
        observer.unsaved = observer.queries > 0;
        Ok(())
    }

    /// Returns how many queries the store knows of.
    pub(crate) fn stored_queries(&self) -> Result<u64> {
        let stored = self.store().setting(QUERIES)?;
        Ok(stored.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    /// Describes a whole codebook and all lists, packed where vectors are left to the store.
    pub(crate) fn replace_routing(&self, index: &Index) -> Result<Changes> {
        let state = RoutingState {
            dim: index.dim(),
            centroids: index.codebook().as_slice().to_vec(),
            usage: index.usage().map(stored_usage).collect(),
            trained_on: index.len() as u64,
            seed: self.config().seed,
            k_rule: self.config().k_rule.to_string(),
        };
        let lists = index.lists();
        let assignments = lists.flat_map(|(c, list)| list.ids().iter().map(move |id| (*id, c)));
        let assignments = assignments.collect();
        let mut changes = Changes::new();
        changes.replace_routing(state, assignments);
        if self.store().setting(FITTED)?.is_some() {
            // It belongs to the codebook that goes.
            changes.set(FITTED, "");
        }
        pack_all(index, &mut changes)?;
        Ok(changes)
    }
}

/// Describes the drift monitor, and how many queries there have been beside those that are stored.
pub(crate) fn watched(observer: &Observer, stored_queries: u64, changes: &mut Changes) {
    changes.set(
        drift_state::KEY,
        drift_state::to_json(&observer.drift.state()),
    );
    let queries = stored_queries.saturating_add(observer.queries);
    changes.set(QUERIES, queries.to_string());
}

/// Returns what has been added to the usage of each centroid.
fn added_usage(saved: &[Usage], now: &[Usage]) -> Vec<(CentroidId, CentroidUsage)> {
    let pairs = (0u32..).map(CentroidId).zip(saved.iter().zip(now));
    pairs
        .filter(|(_, (saved, now))| saved != now)
        .map(|(id, (saved, now))| {
            let usage = CentroidUsage {
                hits: now.hits.saturating_sub(saved.hits),
                ..stored_usage(*now)
            };
            (id, usage)
        })
        .collect()
}

/// Describes what an adaptation has changed.
pub(crate) fn adapted(index: &Index, report: &AdaptationReport) -> Result<Changes> {
    let mut changes = Changes::new();
    changes.update_routing(update(index, &report.changed_centroids())?);
    for (item, centroid) in &report.reassigned {
        changes.assign(*item, *centroid);
    }
    Ok(changes)
}

fn update(index: &Index, changed: &[CentroidId]) -> Result<RoutingUpdate> {
    let usage: Vec<Usage> = index.usage().collect();
    let rows = changed.iter().map(|&id| {
        let vector = index.codebook().centroid(id)?.to_vec();
        Ok(CentroidRow {
            id,
            vector,
            usage: stored_usage(usage[id.index()]),
        })
    });
    Ok(RoutingUpdate {
        k: index.k() as u32,
        changed: rows.collect::<Result<_>>()?,
    })
}

fn stored_usage(usage: Usage) -> CentroidUsage {
    CentroidUsage {
        last_used_ms: usage.last_used_ms.unwrap_or(NEVER_MS),
        hits: usage.hits,
    }
}

/// Reads back what was stored; an idle clock runs on even where no query has met the centroid.
pub(crate) fn restored_usage(stored: &CentroidUsage) -> Usage {
    let is_known = stored.hits > 0 || stored.last_used_ms != NEVER_MS;
    Usage {
        last_used_ms: is_known.then_some(stored.last_used_ms),
        hits: stored.hits,
    }
}
