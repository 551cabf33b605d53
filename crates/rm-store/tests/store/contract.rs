//! What holds for every store, asked of each.

use std::ops::ControlFlow;

use rm_store::{
    CentroidId, CentroidRow, CentroidUsage, Changes, Error, Item, ItemId, MemoryStore, Put,
    RoutingUpdate, Snapshot, SqliteStore, Store, settings,
};

use crate::samples::{Outcome, centroid, codebook, fill, item, put_all};

/// Makes a test of each function for each store.
macro_rules! on_both_stores {
    ($($behaviour:ident),* $(,)?) => {
        mod in_memory {
            $(#[test] fn $behaviour() -> super::Outcome { super::$behaviour(&super::MemoryStore::new()) })*
        }
        mod on_disk {
            $(#[test] fn $behaviour() -> super::Outcome { super::on_disk_with(super::$behaviour) })*
        }
    };
}

on_both_stores![
    an_item_comes_back_as_it_was_put,
    replacing_keeps_key_place_and_creation_time,
    restoring_takes_the_creation_time_as_given,
    keys_are_never_given_twice,
    applied_tells_what_was_put_and_deleted,
    many_are_returned_in_the_order_asked,
    everything_is_walked_in_insertion_order,
    a_visitor_can_stop,
    later_changes_see_earlier_ones,
    a_codebook_comes_back_with_its_assignments,
    replacing_the_codebook_drops_old_assignments,
    an_update_rewrites_only_what_it_names,
    a_codebook_grows_in_any_order_and_shrinks,
    replacing_an_item_moves_it_to_its_new_list,
    settings_are_kept_and_ordered,
    the_first_vector_fixes_the_dimension,
    a_model_that_differs_is_refused,
    odd_ids_and_texts_survive,
];

fn on_disk_with(behaviour: fn(&dyn Store) -> Outcome) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let store = SqliteStore::open(&path)?;
    behaviour(&store)?;
    store.check()?;
    let before = Snapshot::of(&store)?;
    store.close()?;
    assert_eq!(
        Snapshot::of(&SqliteStore::open(&path)?)?,
        before,
        "after closing and opening"
    );
    Ok(())
}

fn an_item_comes_back_as_it_was_put(store: &dyn Store) -> Outcome {
    let a = item("a", 1);
    let key = put_all(store, std::slice::from_ref(&a))?[0];
    let stored = store.get("a")?.ok_or("not found")?;
    assert_eq!((stored.key, stored.centroid, &stored.item), (key, None, &a));
    assert_eq!(stored.item.vector[2].to_bits(), (-0.0f32).to_bits());
    assert_eq!(
        (store.get("b")?, store.key_of("a")?, store.key_of("b")?),
        (None, Some(key), None)
    );
    assert!(store.contains("a")? && !store.contains("b")?);
    assert_eq!(store.count()?, 1);
    Ok(())
}

fn restoring_takes_the_creation_time_as_given(store: &dyn Store) -> Outcome {
    let key = put_all(store, &[item("a", 1)])?[0];
    store.apply(Changes::new().restore(item("a", 9), None))?;
    let stored = store.get("a")?.ok_or("not found")?;
    assert_eq!((stored.key, stored.item), (key, item("a", 9)));
    Ok(())
}

fn replacing_keeps_key_place_and_creation_time(store: &dyn Store) -> Outcome {
    let keys = put_all(store, &[item("a", 1), item("b", 1)])?;
    let applied = store.apply(Changes::new().put(item("a", 9), None))?;
    assert_eq!(
        applied.put,
        [Put {
            key: keys[0],
            replaced: true
        }]
    );
    let expected = Item {
        created_at_ms: item("a", 1).created_at_ms,
        ..item("a", 9)
    };
    assert_eq!(store.get("a")?.map(|stored| stored.item), Some(expected));
    assert_eq!(store.ids()?, [(keys[0], "a".into()), (keys[1], "b".into())]);
    Ok(())
}

fn keys_are_never_given_twice(store: &dyn Store) -> Outcome {
    let last = put_all(store, &[item("a", 1), item("b", 1)])?[1];
    store.apply(Changes::new().delete("b"))?;
    let again = put_all(store, &[item("b", 2)])?[0];
    assert!(again > last, "{again} after {last}");
    assert_eq!(store.get_many(&[last])?, [None]);
    Ok(())
}

fn applied_tells_what_was_put_and_deleted(store: &dyn Store) -> Outcome {
    let keys = put_all(store, &[item("a", 1), item("b", 1), item("c", 1)])?;
    let unknown = ItemId(u64::MAX);
    let applied = store.apply(
        Changes::new()
            .delete("b")
            .delete("b")
            .delete_key(keys[2])
            .delete_key(unknown)
            .put(item("a", 2), None)
            .put(item("d", 2), None),
    )?;
    assert_eq!(applied.deleted, [Some(keys[1]), None, Some(keys[2]), None]);
    assert_eq!(
        applied
            .put
            .iter()
            .map(|put| put.replaced)
            .collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(store.count()?, 2);
    Ok(())
}

fn many_are_returned_in_the_order_asked(store: &dyn Store) -> Outcome {
    let keys = put_all(store, &[item("a", 1), item("b", 1), item("c", 1)])?;
    let found = store.get_many(&[keys[2], ItemId(999), keys[0], keys[2]])?;
    let ids: Vec<Option<&str>> = found
        .iter()
        .map(|one| one.as_ref().map(|stored| stored.item.id.as_str()))
        .collect();
    assert_eq!(ids, [Some("c"), None, Some("a"), Some("c")]);
    Ok(())
}

fn everything_is_walked_in_insertion_order(store: &dyn Store) -> Outcome {
    store.apply(Changes::new().replace_routing(codebook(2), Vec::new()))?;
    let keys = put_all(store, &[item("z", 1), item("a", 2), item("m", 3)])?;
    store.apply(Changes::new().assign(keys[1], CentroidId(1)))?;
    let mut vectors = Vec::new();
    store.for_each_vector(&mut |key, centroid, vector| {
        vectors.push((key, centroid, vector.to_vec()));
        ControlFlow::Continue(())
    })?;
    let mut items = Vec::new();
    store.for_each_item(&mut |stored| {
        items.push((stored.key, stored.centroid, stored.item.vector));
        ControlFlow::Continue(())
    })?;
    let expected = [
        (keys[0], None, item("z", 1).vector),
        (keys[1], Some(CentroidId(1)), item("a", 2).vector),
        (keys[2], None, item("m", 3).vector),
    ];
    assert_eq!(vectors, expected);
    assert_eq!(items, expected);
    Ok(())
}

fn a_visitor_can_stop(store: &dyn Store) -> Outcome {
    put_all(store, &[item("a", 1), item("b", 1), item("c", 1)])?;
    let (mut items, mut vectors) = (0, 0);
    store.for_each_item(&mut |_| {
        items += 1;
        if items == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    store.for_each_vector(&mut |_, _, _| {
        vectors += 1;
        ControlFlow::Break(())
    })?;
    assert_eq!((items, vectors), (2, 1));
    Ok(())
}

fn later_changes_see_earlier_ones(store: &dyn Store) -> Outcome {
    let applied = store.apply(
        Changes::new()
            .put(item("a", 1), None)
            .put(item("a", 2), None)
            .delete("a")
            .put(item("a", 3), None),
    )?;
    assert_eq!(
        applied
            .put
            .iter()
            .map(|put| put.replaced)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(
        store.get("a")?.map(|stored| stored.item),
        Some(item("a", 3))
    );
    Ok(())
}

fn a_codebook_comes_back_with_its_assignments(store: &dyn Store) -> Outcome {
    assert_eq!(store.routing()?, None);
    let keys = put_all(store, &[item("a", 1), item("b", 1)])?;
    store.apply(Changes::new().replace_routing(codebook(3), vec![(keys[1], CentroidId(2))]))?;
    assert_eq!(store.routing()?, Some(codebook(3)));
    assert_eq!(centroid_of(store, "a")?, None);
    assert_eq!(centroid_of(store, "b")?, Some(CentroidId(2)));
    Ok(())
}

fn replacing_the_codebook_drops_old_assignments(store: &dyn Store) -> Outcome {
    fill(store)?;
    let kept = store.key_of("item-0")?.ok_or("not found")?;
    store.apply(Changes::new().replace_routing(codebook(1), vec![(kept, CentroidId(0))]))?;
    assert_eq!(centroid_of(store, "item-0")?, Some(CentroidId(0)));
    assert_eq!(centroid_of(store, "item-1")?, None);
    store.apply(Changes::new().clear_routing())?;
    assert_eq!(
        (store.routing()?, centroid_of(store, "item-0")?),
        (None, None)
    );
    Ok(())
}

fn an_update_rewrites_only_what_it_names(store: &dyn Store) -> Outcome {
    fill(store)?;
    let moved = store.key_of("item-0")?.ok_or("not found")?;
    let usage = CentroidUsage {
        last_used_ms: 77,
        hits: 5,
    };
    let row = CentroidRow {
        id: CentroidId(1),
        vector: vec![9.0; 4],
        usage,
    };
    let update = RoutingUpdate {
        k: 3,
        changed: vec![row],
    };
    store.apply(
        Changes::new()
            .update_routing(update)
            .assign(moved, CentroidId(1)),
    )?;
    let mut expected = codebook(3);
    expected.centroids[4..8].fill(9.0);
    expected.usage[1] = usage;
    assert_eq!(store.routing()?, Some(expected));
    assert_eq!(centroid_of(store, "item-0")?, Some(CentroidId(1)));
    assert_eq!(centroid_of(store, "item-5")?, Some(CentroidId(2)));
    Ok(())
}

fn a_codebook_grows_in_any_order_and_shrinks(store: &dyn Store) -> Outcome {
    store.apply(Changes::new().replace_routing(codebook(1), Vec::new()))?;
    let changed = [2, 1].map(|id| CentroidRow {
        id: CentroidId(id),
        vector: centroid(id).to_vec(),
        usage: codebook(3).usage[id as usize],
    });
    store.apply(Changes::new().update_routing(RoutingUpdate {
        k: 3,
        changed: changed.to_vec(),
    }))?;
    assert_eq!(store.routing()?, Some(codebook(3)));
    store.apply(Changes::new().update_routing(RoutingUpdate {
        k: 2,
        changed: Vec::new(),
    }))?;
    assert_eq!(store.routing()?, Some(codebook(2)));
    Ok(())
}

fn replacing_an_item_moves_it_to_its_new_list(store: &dyn Store) -> Outcome {
    fill(store)?;
    store.apply(
        Changes::new()
            .put(item("item-0", 50), Some(CentroidId(2)))
            .put(item("item-1", 50), None),
    )?;
    assert_eq!(centroid_of(store, "item-0")?, Some(CentroidId(2)));
    assert_eq!(centroid_of(store, "item-1")?, None);
    Ok(())
}

fn settings_are_kept_and_ordered(store: &dyn Store) -> Outcome {
    store.apply(Changes::new().set("b", "1").set("a", "").set("b", "2"))?;
    assert_eq!(store.setting("b")?.as_deref(), Some("2"));
    assert_eq!(store.setting("c")?, None);
    assert_eq!(
        store.settings()?,
        [("a".into(), "".into()), ("b".into(), "2".into())]
    );
    Ok(())
}

fn the_first_vector_fixes_the_dimension(store: &dyn Store) -> Outcome {
    assert_eq!(settings::dim(store)?, None);
    put_all(store, &[item("a", 1)])?;
    assert_eq!(settings::dim(store)?, Some(4));
    store.apply(Changes::new().set(settings::DIM, "4"))?;
    let changed = store.apply(Changes::new().set(settings::DIM, "5"));
    assert!(
        matches!(
            changed,
            Err(Error::Dimension {
                expected: 4,
                got: 5,
                ..
            })
        ),
        "{changed:?}"
    );
    Ok(())
}

fn a_model_that_differs_is_refused(store: &dyn Store) -> Outcome {
    settings::check_model(store, "mini", 4)?;
    store.apply(
        Changes::new()
            .set(settings::DIM, "4")
            .set(settings::MODEL_FINGERPRINT, "mini"),
    )?;
    settings::check_model(store, "mini", 4)?;
    let other_dim = settings::check_model(store, "mini", 5);
    assert!(
        matches!(other_dim, Err(Error::ModelMismatch { setting: "dim", .. })),
        "{other_dim:?}"
    );
    let other_model = settings::check_model(store, "maxi", 4).map_err(|error| error.to_string());
    let expected = r#"the store was made with model_fingerprint "mini", this model has "maxi"; use that model, or a new store"#;
    assert_eq!(other_model, Err(expected.into()));
    Ok(())
}

fn odd_ids_and_texts_survive(store: &dyn Store) -> Outcome {
    let ids = [
        "",
        " ",
        "a\0b",
        "a",
        "A",
        "ü\u{301}",
        "'; DROP TABLE items; --",
        "🦀",
    ];
    let items = ids.map(|id| Item {
        text: format!("{id}\0\n{id}"),
        ..item(id, 1)
    });
    put_all(store, &items)?;
    assert_eq!(store.count()?, ids.len() as u64);
    for item in items {
        assert_eq!(store.get(&item.id)?.map(|stored| stored.item), Some(item));
    }
    Ok(())
}

fn centroid_of(
    store: &dyn Store,
    id: &str,
) -> Result<Option<CentroidId>, Box<dyn std::error::Error>> {
    Ok(store.get(id)?.ok_or("not found")?.centroid)
}
