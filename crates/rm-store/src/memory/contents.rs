//! What a store in RAM holds.

use std::collections::btree_map::Range;

use rm_core::{CentroidId, ItemId};

use super::undo::UndoMap;
use crate::changes_since::Logged;
use crate::namespace::NamespaceId;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Item, RoutingState, StoredItem};

/// The tables of all namespaces, by the same keys as on disk.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) namespaces: UndoMap<String, NamespaceRow>,
    pub(super) items: UndoMap<ItemId, Item>,
    pub(super) keys: UndoMap<(NamespaceId, String), ItemId>,
    pub(super) assignments: UndoMap<ItemId, CentroidId>,
    pub(super) settings: UndoMap<String, String>,
    pub(super) headers: UndoMap<NamespaceId, RoutingHeader>,
    pub(super) centroids: UndoMap<i64, (Vec<f32>, CentroidUsage)>,
    pub(super) packed: UndoMap<i64, Vec<u8>>,
    pub(super) log: UndoMap<i64, Logged>,
}

/// Is what there is to know of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NamespaceRow {
    pub(super) number: NamespaceId,
    pub(super) last_key: i64,
    pub(super) revision: u64,
}

impl NamespaceRow {
    pub(super) fn new(number: NamespaceId) -> Self {
        Self {
            number,
            last_key: *number.keys().start(),
            revision: 0,
        }
    }
}

impl Contents {
    pub(super) fn stored(&self, key: ItemId) -> Option<StoredItem> {
        let item = self.items.get(&key)?.clone();
        Some(StoredItem {
            key,
            centroid: self.assignments.get(&key).copied(),
            item,
        })
    }

    /// Returns an item without its vector.
    pub(super) fn text(&self, key: ItemId) -> Option<StoredItem> {
        let item = self.items.get(&key)?;
        let item = Item {
            id: item.id.clone(),
            text: item.text.clone(),
            metadata: item.metadata.clone(),
            vector: Vec::new(),
            ..*item
        };
        Some(StoredItem {
            key,
            centroid: None,
            item,
        })
    }

    pub(super) fn items_of(&self, number: NamespaceId) -> Range<'_, ItemId, Item> {
        let (first, last) = number.keys().into_inner();
        let [first, last] = [first, last].map(|key| ItemId(key.cast_unsigned()));
        self.items.range(first..=last)
    }

    pub(super) fn routing(&self, number: NamespaceId) -> Option<RoutingState> {
        let header = self.headers.get(&number)?;
        let centroids = || self.centroids.range(number.centroid_rows());
        Some(RoutingState {
            dim: header.dim,
            centroids: centroids()
                .flat_map(|(_, (vector, _))| vector)
                .copied()
                .collect(),
            usage: centroids().map(|(_, (_, usage))| *usage).collect(),
            trained_on: header.trained_on,
            seed: header.seed,
            k_rule: header.k_rule.clone(),
        })
    }

    pub(super) fn commit(&mut self) {
        self.namespaces.commit();
        self.items.commit();
        self.keys.commit();
        self.assignments.commit();
        self.settings.commit();
        self.headers.commit();
        self.centroids.commit();
        self.packed.commit();
        self.log.commit();
    }

    pub(super) fn roll_back(&mut self) {
        self.namespaces.roll_back();
        self.items.roll_back();
        self.keys.roll_back();
        self.assignments.roll_back();
        self.settings.roll_back();
        self.headers.roll_back();
        self.centroids.roll_back();
        self.packed.roll_back();
        self.log.roll_back();
    }
}
