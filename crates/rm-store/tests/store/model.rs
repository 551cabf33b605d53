//! Any sequence of changes leaves in a store what it leaves in a plain map; closing and opening changes nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rm_store::{
    CentroidId, Changes, Item, ItemId, MemoryStore, RoutingState, Snapshot, SqliteStore, Store,
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
}

/// What a store should hold, as simply as it can be told.
#[derive(Default, Clone)]
struct Model {
    items: BTreeMap<ItemId, (Item, Option<CentroidId>)>,
    last_key: u64,
    k: u32,
    settings: BTreeMap<String, String>,
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
            Step::Delete(id) => self.items.retain(|_, (item, _)| item.id != name(id)),
            Step::DeleteKey(key) => drop(self.items.remove(&ItemId(key.into()))),
            Step::Assign(key, centroid) => match self.items.get_mut(&ItemId(key.into())) {
                Some((_, assigned)) => *assigned = Some(CentroidId(centroid)),
                None => return false,
            },
            Step::Replace(k) => {
                self.step(&Step::Clear);
                self.k = k;
                self.settings.insert("dim".into(), "4".into());
            }
            Step::Clear => {
                self.k = 0;
                self.items
                    .values_mut()
                    .for_each(|(_, centroid)| *centroid = None);
            }
            Step::Set(key, value) => drop(self.settings.insert(name(key), value.to_string())),
        }
        true
    }

    fn put(&mut self, item: Item, centroid: Option<CentroidId>) {
        self.settings.insert("dim".into(), "4".into());
        match self
            .items
            .values_mut()
            .find(|(stored, _)| stored.id == item.id)
        {
            Some(slot) => {
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
                self.items.insert(ItemId(self.last_key), (item, centroid));
            }
        }
    }

    fn centroids_exist(&self) -> bool {
        self.items
            .values()
            .all(|(_, centroid)| centroid.is_none_or(|centroid| centroid.0 < self.k))
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
        store.check().map_err(fail)
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
        let (mut model, mut in_memory, mut on_disk) = (Model::default(), MemoryStore::new(), open()?);
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
