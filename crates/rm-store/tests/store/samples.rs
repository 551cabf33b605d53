//! Items and codebooks to store, and how they are put.

use rm_store::{
    CentroidId, CentroidUsage, Changes, Item, ItemId, Result, RoutingState, Snapshot, Store,
};
use serde_json::{Map, json};

pub(crate) const DIM: usize = 4;

pub(crate) type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

/// An item whose content follows from `id` and `version`.
pub(crate) fn item(id: &str, version: i64) -> Item {
    let mut metadata = Map::new();
    metadata.insert("version".into(), json!(version));
    metadata.insert("nested".into(), json!({"list": [1, 0.1, null, "ü"]}));
    Item {
        id: id.into(),
        text: format!("text {version} of {id}"),
        metadata,
        vector: vec![version as f32 + 0.5, id.len() as f32, -0.0, 1e-30],
        created_at_ms: 1_000 + version,
        updated_at_ms: 2_000 + version,
        expires_at_ms: (version % 5 == 4).then_some(9_000 + version),
        importance: if version % 7 == 6 { 0.25 } else { 0.5 },
        pinned: version % 11 == 10,
    }
}

/// A codebook of `k` centroids.
pub(crate) fn codebook(k: u32) -> RoutingState {
    RoutingState {
        dim: DIM,
        centroids: (0..k).flat_map(centroid).collect(),
        usage: (0..k)
            .map(|id| CentroidUsage {
                last_used_ms: i64::from(id) - 1,
                hits: u64::MAX - u64::from(id),
            })
            .collect(),
        trained_on: 1 << 63,
        seed: u64::MAX,
        k_rule: "sqrt(N) \"quoted\"".into(),
    }
}

/// The vector of the centroid `id` in [`codebook`].
pub(crate) fn centroid(id: u32) -> [f32; DIM] {
    [id as f32, 1.0, -1.0, 0.25]
}

/// Puts `items` one after the other without centroids, and returns their keys.
pub(crate) fn put_all(store: &dyn Store, items: &[Item]) -> Result<Vec<ItemId>> {
    let mut changes = Changes::new();
    for item in items {
        changes.put(item.clone(), None);
    }
    Ok(store
        .apply(&changes)?
        .put
        .iter()
        .map(|put| put.key)
        .collect())
}

/// Fills `store` with a codebook, some routed items, one without a centroid, and settings.
pub(crate) fn fill(store: &dyn Store) -> Result<Snapshot> {
    let mut changes = Changes::new();
    changes
        .set("model_fingerprint", "sample-model")
        .replace_routing(codebook(3), Vec::new());
    for number in 0..20u32 {
        changes.put(
            item(&format!("item-{number}"), i64::from(number)),
            Some(CentroidId(number % 3)),
        );
    }
    changes.put(item("unrouted", 7), None).delete("item-4");
    store.apply(&changes)?;
    Snapshot::of(store)
}
