//! What an adaptation did.

use std::collections::BTreeSet;

use crate::{CentroidId, Index, ItemId};

/// Is one change of the codebook, in the order they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CentroidChange {
    /// A moving average was applied.
    Moved(CentroidId),
    /// A list was split: `from` moved, `added` is new.
    Split {
        /// The centroid whose list was split.
        from: CentroidId,
        /// The centroid of the other half.
        added: CentroidId,
    },
    /// A small idle list was dissolved, and the last centroid took its id.
    Pruned {
        /// The id that was removed.
        removed: CentroidId,
        /// The last centroid until then, which now has that id.
        filled_by: CentroidId,
    },
    /// A tiny list was dissolved, and the last centroid took its id.
    Merged {
        /// The id that was removed.
        removed: CentroidId,
        /// The last centroid until then, which now has that id.
        filled_by: CentroidId,
    },
}

impl CentroidChange {
    /// Returns the ids that may stand for another vector after this change.
    fn ids(self) -> [CentroidId; 2] {
        match self {
            Self::Moved(centroid) => [centroid, centroid],
            Self::Split { from, added } => [from, added],
            Self::Pruned { removed, filled_by } | Self::Merged { removed, filled_by } => {
                [removed, filled_by]
            }
        }
    }
}

/// Tells what an adaptation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdaptationReport {
    /// Number of centroids before.
    pub k_before: usize,
    /// Number of centroids after.
    pub k_after: usize,
    /// Changes of the codebook, in the order they were made.
    pub changes: Vec<CentroidChange>,
    /// Items that were moved because another centroid had become the nearest.
    pub items_moved: usize,
    /// Items whose centroid id is another one than before, by move or because the centroid was renamed,
    /// with the id they have now; in the order of their ids.
    pub reassigned: Vec<(ItemId, CentroidId)>,
}

impl AdaptationReport {
    /// Returns how many moving averages were applied.
    #[must_use]
    pub fn moves(&self) -> usize {
        self.count(|change| matches!(change, CentroidChange::Moved(_)))
    }

    /// Returns how many lists were split.
    #[must_use]
    pub fn splits(&self) -> usize {
        self.count(|change| matches!(change, CentroidChange::Split { .. }))
    }

    /// Returns how many idle lists were pruned.
    #[must_use]
    pub fn prunes(&self) -> usize {
        self.count(|change| matches!(change, CentroidChange::Pruned { .. }))
    }

    /// Returns how many tiny lists were merged.
    #[must_use]
    pub fn merges(&self) -> usize {
        self.count(|change| matches!(change, CentroidChange::Merged { .. }))
    }

    /// Returns the ids, below the new K, of all centroids that are not what they were, in rising order.
    #[must_use]
    pub fn changed_centroids(&self) -> Vec<CentroidId> {
        let ids: BTreeSet<CentroidId> = self.changes.iter().flat_map(|c| c.ids()).collect();
        ids.into_iter()
            .filter(|id| id.index() < self.k_after)
            .collect()
    }

    /// Returns whether the index is as it was before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.reassigned.is_empty()
    }

    fn count(&self, kind: impl Fn(&CentroidChange) -> bool) -> usize {
        self.changes.iter().filter(|change| kind(change)).count()
    }
}

/// Notes down changes while they are made.
pub(super) struct Recorder {
    k_before: usize,
    changes: Vec<CentroidChange>,
    relocated: BTreeSet<ItemId>,
    renamed: BTreeSet<ItemId>,
}

impl Recorder {
    pub(super) fn new(k_before: usize) -> Self {
        Self {
            k_before,
            changes: Vec::new(),
            relocated: BTreeSet::new(),
            renamed: BTreeSet::new(),
        }
    }

    pub(super) fn changed(&mut self, change: CentroidChange) {
        self.changes.push(change);
    }

    pub(super) fn relocated(&mut self, item: ItemId) {
        self.relocated.insert(item);
    }

    pub(super) fn renamed(&mut self, item: ItemId) {
        self.renamed.insert(item);
    }

    pub(super) fn finish(self, index: &Index) -> AdaptationReport {
        let touched = self.relocated.union(&self.renamed);
        let placed = touched.filter_map(|item| Some((*item, index.centroid_of(*item).ok()?)));
        AdaptationReport {
            k_before: self.k_before,
            k_after: index.k(),
            items_moved: self.relocated.len(),
            reassigned: placed.collect(),
            changes: self.changes,
        }
    }
}
