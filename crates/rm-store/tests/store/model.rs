//! Any sequence of changes leaves in a store what it leaves in a plain map; closing and opening changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rm_store::{
    CentroidId, Changes, Item, ItemId, MemoryStore, Packed, RoutingState, Snapshot, SqliteStore,
    Store,
};

use crate::samples::{codebook, item};

#[derive(Debug, Clone)]
enum Step {
    Put(u8, i64, Option<u32>),
    Delete(u8),
    DeleteKey(u8),
    Assign(u8, u32),
    Replace(u32),
    Clear,
    Set(u8, u8),
    Pack(u32, u8),
    DropPacked,
}

/// What a store should hold, as simply as it can be told.
#[derive(Default, Clone)]
struct Model {
    items: BTreeMap<ItemId, (Item, Option<CentroidId>)>,
    last_key: u64,
    k: u32,
    settings: BTreeMap<String, String>,
    packed: BTreeMap<u32, Vec<u8>>,
    changed: BTreeSet<ItemId>,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..12u8;
    prop_oneof![
        6 => (id.clone(), 0..1_000i64, proptest::option::of(0..4u32)).prop_map(|(id, version, centroid)| Step::Put(id, version, centroid)),
        2 => id.clone().prop_map(Step::Delete),
        1 => id.clone().prop_map(Step::DeleteKey),
        3 => (id, 0..4u32).prop_map(|(id, centroid)| Step::Assign(id, centroid)),
        1 => (1..5u32).prop_map(Step::Replace),
        1 => Just(Step::Clear),
        1 => (0..3u8, any::<u8>()).prop_map(|(key, value)| Step::Set(key, value)),
        3 => (0..5u32, any::<u8>()).prop_map(|(centroid, byte)| Step::Pack(centroid, byte)),
        1 => Just(Step::DropPacked),
    ]
}

impl Model {
    /// Applies `steps` and returns whether they are allowed.
    fn apply(&mut self, steps: &[Step]) -> bool {
        let mut next = self.clone();
        let allowed = steps.iter().all(|step| next.step(step)) && next.centroids_exist();
        if allowed {
            *self = next;
        }
        allowed
    }

    fn step(&mut self, step: &Step) -> bool {
        match *step {
            Step::Put(id, version, centroid) => {
                self.put(item(&name(id), version), centroid.map(CentroidId))
            }
            Step::Delete(id) => {
                let mut keys = self.items.iter();
                let found = keys.find(|(_, (item, _))| item.id == name(id));
                if let Some(key) = found.map(|(key, _)| *key) {
                    self.delete(key);
                }
            }
            Step::DeleteKey(key) => self.delete(ItemId(key.into())),
            Step::Assign(key, centroid) => match self.items.get_mut(&ItemId(key.into())) {
                Some((_, assigned)) => {
                    *assigned = Some(CentroidId(centroid));
                    self.mark(ItemId(key.into()));
                }
                None => return false,
            },
            Step::Replace(k) => {
                self.step(&Step::Clear);
                self.k = k;
                self.settings.insert("dim".into(), "4".into());
            }
            Step::Clear => {
                self.k = 0;
                self.step(&Step::DropPacked);
                self.items
                    .values_mut()
                    .for_each(|(_, centroid)| *centroid = None);
            }
            Step::Set(key, value) => drop(self.settings.insert(name(key), value.to_string())),
            Step::Pack(centroid, byte) => {
                self.packed.insert(centroid, vec![byte; 3]);
                self.changed.clear();
            }
            Step::DropPacked => {
                self.packed.clear();
                self.changed.clear();
            }
        }
        true
    }

    fn delete(&mut self, key: ItemId) {
        if self.items.remove(&key).is_some() {
            self.mark(key);
        }
    }

    /// Notes a change where there is something packed.
    fn mark(&mut self, key: ItemId) {
        if !self.packed.is_empty() {
            self.changed.insert(key);
        }
    }

    fn put(&mut self, item: Item, centroid: Option<CentroidId>) {
        self.settings.insert("dim".into(), "4".into());
        let mut items = self.items.iter();
        let found = items.find(|(_, (stored, _))| stored.id == item.id);
        match found.map(|(key, _)| *key) {
            Some(key) => {
                self.mark(key);
                let Some(slot) = self.items.get_mut(&key) else {
                    return;
                };
                *slot = (
                    Item {
                        created_at_ms: slot.0.created_at_ms,
                        ..item
                    },
                    centroid,
                )
            }
            None => {
                self.last_key += 1;
                self.mark(ItemId(self.last_key));
                self.items.insert(ItemId(self.last_key), (item, centroid));
            }
        }
    }

    fn centroids_exist(&self) -> bool {
        self.items
            .values()
            .all(|(_, centroid)| centroid.is_none_or(|centroid| centroid.0 < self.k))
            && self.packed.keys().all(|centroid| *centroid < self.k)
    }

    fn agrees_with(&self, store: &dyn Store) -> Result<(), TestCaseError> {
        let fail = |error: rm_store::Error| TestCaseError::fail(error.to_string());
        let keys: Vec<ItemId> = self.items.keys().copied().collect();
        let stored = store.get_many(&keys).map_err(fail)?;
        for ((key, (item, centroid)), stored) in self.items.iter().zip(stored) {
            let stored = stored.ok_or_else(|| TestCaseError::fail(format!("{key} is missing")))?;
            prop_assert_eq!(
                (stored.key, stored.centroid, &stored.item),
                (*key, *centroid, item)
            );
            prop_assert_eq!(store.key_of(&item.id).map_err(fail)?, Some(*key));
        }
        prop_assert_eq!(store.count().map_err(fail)?, keys.len() as u64);
        let routing = store.routing().map_err(fail)?;
        prop_assert_eq!(routing.as_ref().map_or(0, RoutingState::k), self.k as usize);
        let settings: Vec<_> = self.settings.clone().into_iter().collect();
        prop_assert_eq!(store.settings().map_err(fail)?, settings);
        prop_assert_eq!(store.packed().map_err(fail)?, self.packed());
        let mut rows = Vec::new();
        store.read_vectors(&keys, &mut rows).map_err(fail)?;
        let expected = self.items.values().flat_map(|(item, _)| &item.vector);
        prop_assert!(rows.iter().eq(expected));
        store.check().map_err(fail)
    }

    fn packed(&self) -> Option<Packed> {
        let list = |at| self.packed.get(&at).cloned().unwrap_or_default();
        let end = self.packed.keys().next_back().map_or(0, |last| last + 1);
        let packed = Packed {
            lists: (0..end).map(list).collect(),
            changed: self.changed.iter().copied().collect(),
        };
        (!self.packed.is_empty()).then_some(packed)
    }
}

fn name(id: u8) -> String {
    format!("name-{id}")
}

fn changes(steps: &[Step]) -> Changes {
    let mut changes = Changes::new();
    for step in steps {
        match *step {
            Step::Put(id, version, centroid) => {
                changes.put(item(&name(id), version), centroid.map(CentroidId))
            }
            Step::Delete(id) => changes.delete(name(id)),
            Step::DeleteKey(key) => changes.delete_key(ItemId(key.into())),
            Step::Assign(key, centroid) => changes.assign(ItemId(key.into()), CentroidId(centroid)),
            Step::Replace(k) => changes.replace_routing(codebook(k), Vec::new()),
            Step::Clear => changes.clear_routing(),
            Step::Set(key, value) => changes.set(name(key), value.to_string()),
            Step::Pack(centroid, byte) => {
                changes.pack_lists(vec![(CentroidId(centroid), vec![byte; 3])])
            }
            Step::DropPacked => changes.drop_packed(),
        };
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_do_what_the_model_does(
        batches in proptest::collection::vec(
            (proptest::collection::vec(step(), 1..6), proptest::bool::weighted(0.2)), 1..12)
    ) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("memory.db");
        let open = || SqliteStore::open(&path).map_err(|error| TestCaseError::fail(error.to_string()));
        let (mut model, in_memory, mut on_disk) = (Model::default(), MemoryStore::new(), open()?);
        for (steps, reopen) in batches {
            let changes = changes(&steps);
            let allowed = model.apply(&steps);
            let (one, other) = (in_memory.apply(&changes), on_disk.apply(&changes));
            prop_assert_eq!((one.is_ok(), other.is_ok()), (allowed, allowed), "{:?} {:?}", one, other);
            prop_assert_eq!(one.ok(), other.ok());
            if reopen {
                drop(on_disk);
                on_disk = open()?;
            }
            model.agrees_with(&in_memory)?;
            model.agrees_with(&on_disk)?;
            prop_assert_eq!(Snapshot::of(&in_memory).ok(), Snapshot::of(&on_disk).ok());
        }
    }
}
