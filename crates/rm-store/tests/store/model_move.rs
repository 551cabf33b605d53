//! The vectors of a store move to another model: over many attempts, and in the end at once.

use std::path::Path;

use rm_store::{
    CentroidId, Changes, Error, ItemId, ModelMove, RoutingState, Snapshot, SqliteStore, Store,
    settings,
};

use crate::samples::{Outcome, fill, item};

const NEW: &str = "new-model";
const NEW_DIM: usize = 2;

fn open(path: &Path) -> rm_store::Result<SqliteStore> {
    SqliteStore::open(path)
}

/// The vector that the new model gives a text.
fn embed(text: &str) -> [f32; NEW_DIM] {
    [1.0, text.len() as f32]
}

/// Gives up to `limit` items their new vectors, and returns how many that were.
fn put_some(moving: &ModelMove<'_>, limit: usize) -> rm_store::Result<usize> {
    let texts = moving.look(|next| next.missing_after(ItemId(0), limit))?;
    let rows: Vec<f32> = texts.iter().flat_map(|(_, text)| embed(text)).collect();
    moving.put(&texts, &rows)?;
    Ok(texts.len())
}

/// Returns every item with its vector.
fn vectors(store: &dyn Store) -> rm_store::Result<Vec<(String, String, Vec<f32>)>> {
    let mut vectors = Vec::new();
    store.for_each_item(&mut |stored| {
        vectors.push((stored.item.id, stored.item.text, stored.item.vector));
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(vectors)
}

#[test]
fn until_the_switch_the_store_is_the_old_models_and_then_the_new_ones() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("memory.db");
    let store = open(&path)?;
    fill(&store)?;
    let acme = store.in_namespace("acme")?;
    acme.apply(Changes::new().put(item("a", 1), None))?;
    let before = vectors(&store)?;
    let moving = store.move_to_model(NEW, NEW_DIM)?;
    assert_eq!(moving.look(|next| next.progress())?, (21, 0));
    assert_eq!(put_some(&moving, 9)?, 9);
    drop(store);

    // A second attempt finds what the first has done.
    let store = open(&path)?;
    assert_eq!(vectors(&store)?, before);
    assert_eq!(
        store.setting(settings::MODEL_FINGERPRINT)?.as_deref(),
        Some("sample-model")
    );
    let moving = store.move_to_model(NEW, NEW_DIM)?;
    assert_eq!(moving.look(|next| next.progress())?, (21, 9));
    put_some(&moving, 100)?;
    store.check()?;
    let assignments = vec![(ItemId(1), CentroidId(0))];
    let routing = RoutingState {
        dim: NEW_DIM,
        centroids: vec![1.0, 0.0],
        usage: vec![rm_store::CentroidUsage::default()],
        trained_on: 1,
        seed: 1,
        k_rule: "one".into(),
    };
    let revision = store.revision()?;
    moving.switch(|_| {
        let mut changes = Changes::new();
        changes.replace_routing(routing.clone(), assignments);
        Ok::<_, Error>(vec![(String::new(), changes)])
    })?;
    store.drop_left_vectors()?;
    store.check()?;
    assert_eq!(settings::dim(&store)?, Some(NEW_DIM));
    assert_eq!(store.routing()?, Some(routing));
    assert!(store.revision()? > revision);
    for (at, (id, text, vector)) in vectors(&store)?.into_iter().enumerate() {
        assert_eq!(vector, embed(&text), "{id}");
        assert_eq!((id, text), (before[at].0.clone(), before[at].1.clone()));
    }
    assert_eq!(vectors(acme.as_ref())?[0].2, embed("text 1 of a"));
    let shown = Snapshot::of(&store)?;
    drop(acme);
    store.close()?;
    // What was renamed reads as what was made, and can be moved again.
    let store = open(&path)?;
    assert_eq!(Snapshot::of(&store)?, shown);
    let moving = store.move_to_model("third", NEW_DIM)?;
    put_some(&moving, 100)?;
    moving.switch(|_| Ok::<_, Error>(Vec::new()))?;
    assert_eq!(store.routing()?, None);
    assert_eq!(store.faults()?, [""; 0]);
    Ok(())
}

#[test]
fn an_item_that_changes_meanwhile_needs_its_vector_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = open(&folder.path().join("memory.db"))?;
    fill(&store)?;
    let moving = store.move_to_model(NEW, NEW_DIM)?;
    let early = moving.look(|next| next.missing_after(ItemId(0), 2))?;
    put_some(&moving, 100)?;
    let other = open(store.path())?;
    other.apply(
        Changes::new()
            .put(item("item-0", 99), None)
            .delete("item-1"),
    )?;
    other.apply(Changes::new().put(item("late", 5), None))?;
    // What was embedded from a text that is gone is not taken.
    moving.put(&early, &[0.5; 2 * NEW_DIM])?;
    let missing = moving.look(|next| next.missing_after(ItemId(0), 100))?;
    let texts: Vec<&str> = missing.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["text 99 of item-0", "text 5 of late"]);
    let error = moving
        .switch(|_| Ok::<_, Error>(Vec::new()))
        .expect_err("two are missing");
    assert!(matches!(error, Error::MoveUnfinished { .. }), "{error}");
    assert_eq!(settings::dim(&store)?, Some(4));
    moving.switch(|last| {
        let texts = last.missing_after(ItemId(0), 100)?;
        let rows: Vec<f32> = texts.iter().flat_map(|(_, text)| embed(text)).collect();
        last.put(&texts, &rows)?;
        Ok::<_, Error>(Vec::new())
    })?;
    assert!(
        vectors(&store)?
            .iter()
            .all(|(_, text, vector)| *vector == embed(text))
    );
    store.check()?;
    Ok(())
}

#[test]
fn of_two_moves_the_later_goes_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = open(&folder.path().join("memory.db"))?;
    fill(&store)?;
    let first = store.move_to_model("first", NEW_DIM)?;
    put_some(&first, 5)?;
    let second = store.move_to_model("second", NEW_DIM)?;
    assert_eq!(second.look(|next| next.progress())?, (20, 0));
    let error = put_some(&first, 5).expect_err("another has begun");
    assert!(
        error.to_string().contains("being moved to \"second\""),
        "{error}"
    );
    put_some(&second, 100)?;
    second.switch(|_| Ok::<_, Error>(Vec::new()))?;
    let error = put_some(&first, 5).expect_err("another has ended");
    assert!(
        error.to_string().contains("of the model \"second\""),
        "{error}"
    );
    Ok(())
}

#[test]
fn work_that_fails_leaves_the_old_model() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = open(&folder.path().join("memory.db"))?;
    fill(&store)?;
    let before = Snapshot::of(&store)?;
    let moving = store.move_to_model(NEW, NEW_DIM)?;
    put_some(&moving, 100)?;
    let mut wrong = Changes::new();
    wrong.assign(ItemId(1), CentroidId(7));
    let error = moving
        .switch(|_| Ok::<_, Error>(vec![(String::new(), wrong)]))
        .expect_err("no such centroid");
    assert!(matches!(error, Error::UnknownCentroid { .. }), "{error}");
    let after = Snapshot::of(&store)?.to_string();
    let same = |text: &str| text[text.find("items:").unwrap_or(0)..].to_owned();
    assert_eq!(same(&after), same(&before.to_string()));
    store.check()?;
    Ok(())
}
