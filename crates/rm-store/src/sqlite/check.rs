//! Verification of a whole file.

use std::ops::ControlFlow;

use super::SqliteStore;
use crate::{Result, Store, settings};

/// Verifies the structure of the file, every row, and that the tables agree with each other.
pub(super) fn check(store: &SqliteStore) -> Result<()> {
    let database = &store.database;
    let _same_state = database.begin_read()?;
    let verdict = database.named(database.connection().pragma_query_value(
        None,
        "integrity_check",
        |row| row.get::<_, String>(0),
    ))?;
    if verdict != "ok" {
        return Err(database.damaged(verdict));
    }
    store.settings()?;
    let dim = settings::dim(store)?;
    let k = store.routing()?.map_or(0, |state| state.k());
    store.for_each_packed(&mut |_, _| ControlFlow::Continue(()))?;
    store.changed_items()?;
    let mut fault = None;
    store.for_each_item(&mut |stored| {
        let got = stored.item.vector.len();
        if Some(got) != dim {
            fault = Some(format!(
                "the vector of item {} has {got} values, expected {dim:?}",
                stored.key
            ));
        }
        if let Some(centroid) = stored.centroid.filter(|centroid| centroid.index() >= k) {
            fault = Some(format!(
                "item {} is assigned to centroid {centroid} of {k}",
                stored.key
            ));
        }
        if fault.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if let Some(fault) = fault {
        return Err(database.damaged(fault));
    }
    // Finds vectors and assignments without an item, which a walk over the items cannot see.
    store.for_each_vector(&mut |_, _, _| ControlFlow::Continue(()))
}
