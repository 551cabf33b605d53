//! Writes a store of the present format and its snapshot, to be kept as a fixture of that format once it is released:
//!
//!     cargo run -p rm-store --example format_fixture -- crates/rm-store/tests/fixtures/format-4

use rm_store::{
    CentroidId, CentroidUsage, Changes, Item, RoutingState, Snapshot, SqliteStore, Store, settings,
};
use serde_json::{Map, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = std::env::args()
        .nth(1)
        .ok_or("name the fixture to write, without an ending")?;
    let store = SqliteStore::open(format!("{target}.sqlite"))?;
    let usage = [7, 0].map(|hits| CentroidUsage {
        last_used_ms: 1_700_000_000_000,
        hits,
    });
    let codebook = RoutingState {
        dim: 3,
        centroids: vec![1.0, 0.0, 0.0, 0.0, 0.6, 0.8],
        usage: usage.to_vec(),
        trained_on: 2,
        seed: 42,
        k_rule: "fixed(2)".into(),
    };
    let mut changes = Changes::new();
    changes
        .set(settings::MODEL_FINGERPRINT, "sample")
        .replace_routing(codebook, Vec::new());
    let items = [
        ("ui", "Prefers dark mode", [0.8, 0.6, 0.0], Some(0)),
        ("tea", "Drinks grünen Tee", [0.0, 0.0, 1.0], Some(1)),
        ("new", "", [0.6, 0.0, 0.8], None),
    ];
    for (number, (id, text, vector, centroid)) in (0..).zip(items) {
        let metadata = Map::from_iter([
            ("number".to_owned(), json!(number)),
            ("share".to_owned(), json!(0.1)),
        ]);
        let (created_at_ms, updated_at_ms) =
            (1_700_000_000_000 + number, 1_700_000_000_500 + number);
        let item = Item {
            id: id.into(),
            text: text.into(),
            metadata,
            vector: vector.to_vec(),
            created_at_ms,
            updated_at_ms,
            expires_at_ms: (id == "new").then_some(1_800_000_000_000),
            importance: if id == "ui" { 0.75 } else { 0.5 },
            pinned: id == "ui",
        };
        changes.put(item, centroid.map(CentroidId));
    }
    store.apply(&changes)?;
    let lists = vec![(CentroidId(0), b"ids and codes".to_vec())];
    store.apply(Changes::new().pack_lists(lists))?;
    store.apply(Changes::new().delete("tea"))?;
    let acme = store.in_namespace("acme")?;
    let item = Item {
        id: "ui".into(),
        text: "Prefers light mode".into(),
        vector: vec![0.0, 1.0, 0.0],
        ..Item::default()
    };
    acme.apply(Changes::new().put(item, None).set("queries", "3"))?;
    let (default, acme) = (Snapshot::of(&store)?, Snapshot::of(acme.as_ref())?);
    let text = format!("{default}namespace \"acme\"\n{acme}");
    std::fs::write(format!("{target}.txt"), text)?;
    Ok(store.close()?)
}
