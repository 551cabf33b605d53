//! A set of changes that fails changes nothing, whatever went before the fault.

use rm_store::{
    CentroidId, CentroidRow, CentroidUsage, Changes, Item, ItemId, MemoryStore, RoutingState,
    RoutingUpdate, Snapshot, SqliteStore, Store,
};
use serde_json::{Map, Value};

use crate::samples::{Outcome, codebook, fill, item};

#[test]
fn in_memory() -> Outcome {
    every_fault_is_named_and_taken_back(&MemoryStore::new())
}

#[test]
fn on_disk() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    every_fault_is_named_and_taken_back(&store)?;
    Ok(store.check()?)
}

fn every_fault_is_named_and_taken_back(store: &dyn Store) -> Outcome {
    let before = fill(store)?;
    let next_key = store.apply(Changes::new().put(item("probe", 1), None))?.put[0]
        .key
        .0
        + 1;
    store.apply(Changes::new().delete("probe"))?;
    for (fault, expected) in faults() {
        let mut changes = Changes::new();
        // Everything that can be changed is, before the fault comes.
        changes
            .put(item("new", 1), Some(CentroidId(0)))
            .put(item("item-1", 99), None)
            .delete("item-2")
            .set("model_fingerprint", "other")
            .set("extra", "1")
            .replace_routing(codebook(2), Vec::new());
        fault(&mut changes);
        let Err(error) = store.apply(&changes) else {
            return Err(format!("applied what should fail: {expected}").into());
        };
        assert_eq!(error.to_string(), expected);
        assert_eq!(Snapshot::of(store)?, before, "after: {expected}");
        assert_eq!(
            (store.key_of("new")?, store.contains("item-2")?),
            (None, true)
        );
    }
    let key = store.apply(Changes::new().put(item("new", 1), None))?.put[0].key;
    assert_eq!(key, ItemId(next_key), "failed changes use up no keys");
    Ok(())
}

type Fault = fn(&mut Changes) -> &mut Changes;

fn faults() -> Vec<(Fault, &'static str)> {
    vec![
        (
            |changes| {
                changes.put(
                    Item {
                        vector: vec![1.0; 5],
                        ..item("bad", 1)
                    },
                    None,
                )
            },
            r#"the vector of item "bad" has 5 values, expected 4; embed it with the model the store was made with"#,
        ),
        (
            |changes| {
                changes.put(
                    Item {
                        vector: vec![1.0, f32::NAN, 0.0, 0.0],
                        ..item("bad", 1)
                    },
                    None,
                )
            },
            r#"the vector of item "bad" has NaN at position 1; expected finite values, not all zero"#,
        ),
        (
            |changes| {
                changes.put(
                    Item {
                        vector: vec![0.0; 4],
                        ..item("bad", 1)
                    },
                    None,
                )
            },
            r#"the vector of item "bad" has all zeros; expected finite values, not all zero"#,
        ),
        (
            |changes| {
                changes.put(
                    Item {
                        metadata: deep(101),
                        ..item("bad", 1)
                    },
                    None,
                )
            },
            r#"the metadata of item "bad" is nested more than 100 levels deep; flatten it"#,
        ),
        (
            |changes| changes.assign(ItemId(12_345), CentroidId(0)),
            "there is no item with the key 12345 to assign to a centroid",
        ),
        (
            |changes| changes.assign(ItemId(1), CentroidId(2)),
            "item 1 is assigned to centroid 2, expected one of the 2 in the codebook",
        ),
        (
            |changes| {
                changes
                    .assign(ItemId(1), CentroidId(1))
                    .update_routing(RoutingUpdate {
                        k: 1,
                        changed: vec![],
                    })
            },
            "item 1 is assigned to centroid 1, expected one of the 1 in the codebook",
        ),
        (
            |changes| changes.clear_routing().assign(ItemId(1), CentroidId(0)),
            "item 1 is assigned to centroid 0, expected one of the 0 in the codebook",
        ),
        (
            |changes| {
                changes.clear_routing().update_routing(RoutingUpdate {
                    k: 1,
                    changed: vec![],
                })
            },
            "invalid codebook: expected a stored codebook to update, got none; replace it first",
        ),
        (
            |changes| {
                changes.update_routing(RoutingUpdate {
                    k: 0,
                    changed: vec![],
                })
            },
            "invalid codebook: expected at least one centroid, got none; clear the routing instead",
        ),
        (
            |changes| {
                changes.update_routing(RoutingUpdate {
                    k: 4,
                    changed: vec![row(3, 4)],
                })
            },
            "invalid codebook: expected 4 centroids, those that are new among the changed ones, got 3",
        ),
        (
            |changes| {
                changes.update_routing(RoutingUpdate {
                    k: 2,
                    changed: vec![row(2, 4)],
                })
            },
            "invalid codebook: expected changed centroids below 2, got centroid 2",
        ),
        (
            |changes| {
                changes.update_routing(RoutingUpdate {
                    k: 2,
                    changed: vec![row(1, 3)],
                })
            },
            "centroid 1 has 3 values, expected 4; embed it with the model the store was made with",
        ),
        (
            |changes| {
                changes.replace_routing(
                    RoutingState {
                        dim: 3,
                        ..codebook(3)
                    },
                    vec![],
                )
            },
            "invalid codebook: expected usage of 4 centroids, got usage of 3",
        ),
        (
            |changes| {
                changes.replace_routing(
                    RoutingState {
                        dim: 5,
                        ..codebook(3)
                    },
                    vec![],
                )
            },
            "invalid codebook: expected at least one row of 5 values, and whole rows, got 12 values",
        ),
        (
            |changes| {
                changes.replace_routing(
                    RoutingState {
                        dim: 6,
                        usage: codebook(2).usage,
                        ..codebook(3)
                    },
                    vec![],
                )
            },
            "the codebook has 6 values, expected 4; embed it with the model the store was made with",
        ),
        (
            |changes| changes.set("dim", "four"),
            r#"setting "dim": expected a positive whole number, got "four""#,
        ),
    ]
}

fn row(id: u32, values: usize) -> CentroidRow {
    CentroidRow {
        id: CentroidId(id),
        vector: vec![1.0; values],
        usage: CentroidUsage::default(),
    }
}

fn deep(levels: usize) -> Map<String, Value> {
    let value = (1..levels).fold(Value::from(1), |inner, _| Value::Array(vec![inner]));
    Map::from_iter([("a".to_owned(), value)])
}
