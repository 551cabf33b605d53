//! Who looks at one state sees nothing of what others write meanwhile.

use std::ops::ControlFlow;

use rm_store::{Changes, Result, SqliteStore, Store, View};

use crate::samples::{Outcome, fill, item};

fn ids(view: &dyn View, namespace: &str) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    view.for_each_text(namespace, &mut |stored| {
        ids.push(stored.item.id);
        ControlFlow::Continue(())
    })?;
    Ok(ids)
}

#[test]
fn a_view_of_a_file_stays_what_it_was() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("memory.db"))?;
    fill(&store)?;
    let acme = store.in_namespace("acme")?;
    acme.apply(Changes::new().put(item("a", 1), None))?;
    store.view(&mut |view| {
        let (first, revision) = (ids(view, "")?, view.revision("acme")?);
        acme.apply(Changes::new().put(item("b", 1), None))?;
        store.apply(Changes::new().clear())?;
        assert_eq!(ids(view, "")?, first);
        assert_eq!(ids(view, "acme")?, ["a"]);
        assert_eq!(ids(view, "nobody's")?, [""; 0]);
        assert_eq!(view.revision("acme")?, revision);
        assert_eq!(view.namespaces()?.len(), 2);
        assert!(view.routing("")?.is_some() && view.routing("acme")?.is_none());
        Ok(())
    })?;
    store.view(&mut |view| {
        assert_eq!(view.namespaces()?, [("acme".into(), 2)]);
        Ok(())
    })?;
    Ok(())
}
