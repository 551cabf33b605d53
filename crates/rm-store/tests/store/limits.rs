//! Values at the edge of what is allowed come back as they were.

use rm_store::{Changes, Item, SqliteStore, Store};
use serde_json::{Map, Value, json};

use crate::samples::{Outcome, item};

#[test]
fn the_deepest_metadata_allowed_can_be_read_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    let nested = (1..100).fold(json!(0.1), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({"a": inner})
        }
    });
    let deepest = Item {
        metadata: Map::from_iter([("a".to_owned(), nested)]),
        ..item("deep", 1)
    };
    store.apply(Changes::new().put(deepest.clone(), None))?;
    assert_eq!(store.get("deep")?.map(|stored| stored.item), Some(deepest));
    Ok(())
}

#[test]
fn numbers_in_metadata_keep_every_bit() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    let numbers = json!([
        0.1,
        1e-320,
        f64::MAX,
        5e-324,
        0.123_456_789_012_345_67,
        u64::MAX,
        i64::MIN,
        -0.0
    ]);
    let metadata = Map::from_iter([("numbers".to_owned(), numbers.clone())]);
    store.apply(Changes::new().put(
        Item {
            metadata,
            ..item("a", 1)
        },
        None,
    ))?;
    let stored = store.get("a")?.ok_or("not found")?;
    assert_eq!(
        stored.item.metadata.get("numbers"),
        Some::<&Value>(&numbers)
    );
    Ok(())
}

#[test]
fn times_and_vectors_take_every_value() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    let extreme = Item {
        vector: vec![f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1)],
        created_at_ms: i64::MIN,
        updated_at_ms: i64::MAX,
        ..item("a", 1)
    };
    store.apply(Changes::new().put(extreme.clone(), None))?;
    assert_eq!(store.get("a")?.map(|stored| stored.item), Some(extreme));
    Ok(())
}
