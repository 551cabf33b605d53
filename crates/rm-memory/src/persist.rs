//! How codebook, lists and monitor are written down.

use rm_core::{AdaptationReport, CentroidId, Index, Usage};
use rm_store::{CentroidRow, CentroidUsage, Changes, RoutingState, RoutingUpdate};

use crate::load::QUERIES;
use crate::observer::Observer;
use crate::packing::pack_all;
use crate::{Result, RoutingMemory, drift_state};

/// Time that stands for a centroid that no query and no adaptation has met: the store's own default.
const NEVER_MS: i64 = 0;

impl RoutingMemory {
    /// Writes what changes with searches: how centroids were used, and the drift monitor.
    ///
    /// Items, codebook and lists are written when they change, so a memory that is not saved loses none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn save(&self) -> Result<()> {
        let index = self.read_index();
        let mut store = self.lock_store();
        let mut observer = self.lock_observer();
        if !observer.unsaved && !observer.routing_unsaved {
            return Ok(());
        }
        let mut changes = Changes::new();
        if let Some(index) = index.as_ref() {
            if observer.routing_unsaved {
                changes = self.replace_routing(index)?;
            } else {
                let all = (0..index.k() as u32).map(CentroidId).collect::<Vec<_>>();
                changes.update_routing(update(index, &all)?);
            }
        }
        watched(&observer, &mut changes);
        store.apply(&changes)?;
        observer.unsaved = false;
        observer.routing_unsaved = false;
        Ok(())
    }

    /// Describes a whole codebook and all lists, packed where vectors are left to the store.
    pub(crate) fn replace_routing(&self, index: &Index) -> Result<Changes> {
        let state = RoutingState {
            dim: index.dim(),
            centroids: index.codebook().as_slice().to_vec(),
            usage: index.usage().map(stored_usage).collect(),
            trained_on: index.len() as u64,
            seed: self.config.seed,
            k_rule: self.config.k_rule.to_string(),
        };
        let lists = index.lists();
        let assignments = lists.flat_map(|(c, list)| list.ids().iter().map(move |id| (*id, c)));
        let assignments = assignments.collect();
        let mut changes = Changes::new();
        changes.replace_routing(state, assignments);
        pack_all(index, &mut changes)?;
        Ok(changes)
    }
}

/// Describes the drift monitor and how many queries it has seen.
pub(crate) fn watched(observer: &Observer, changes: &mut Changes) {
    changes.set(
        drift_state::KEY,
        drift_state::to_json(&observer.drift.state()),
    );
    changes.set(QUERIES, observer.queries.to_string());
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
