//! Verification of a whole file.

use std::ops::ControlFlow;

use super::Database;
use super::reader::{Reader, all_namespaces};
use crate::namespace::NamespaceId;
use crate::{Result, settings};

/// Verifies the structure of the file, every row, and that the tables agree with each other.
pub(super) fn check(database: &Database) -> Result<()> {
    let _same_state = database.begin_read()?;
    let verdict = database.named(database.connection().pragma_query_value(
        None,
        "integrity_check",
        |row| row.get::<_, String>(0),
    ))?;
    if verdict != "ok" {
        return Err(database.damaged(verdict));
    }
    let default = Reader::new(database, NamespaceId::DEFAULT);
    default.settings()?;
    let dim = default.setting(settings::DIM)?;
    let dim = dim.as_deref().map(settings::parse_dim).transpose()?;
    let all = all_namespaces(database)?;
    for (name, number) in &all {
        check_namespace(database, name, *number, dim)?;
    }
    check_nothing_else(database, &all)
}

fn check_namespace(
    database: &Database,
    name: &str,
    number: NamespaceId,
    dim: Option<usize>,
) -> Result<()> {
    let reader = Reader::new(database, number);
    let k = reader.routing()?.map_or(0, |state| state.k());
    reader.for_each_packed(&mut |_, _| ControlFlow::Continue(()))?;
    reader.changed_items()?;
    let mut fault = None;
    reader.for_each_item(&mut |stored| {
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
        return Err(database.damaged(format!("{fault}, in namespace {name:?}")));
    }
    // Finds vectors and assignments without an item, which a walk over the items cannot see.
    reader.for_each_vector(&mut |_, _, _| ControlFlow::Continue(()))
}

/// Refuses items of a namespace that has no row.
fn check_nothing_else(database: &Database, all: &[(String, NamespaceId)]) -> Result<()> {
    let last = all.iter().map(|(_, number)| number.keys()).next_back();
    let last = last.map_or(0, |keys| *keys.end());
    let sql = "SELECT max(key) FROM items WHERE key > ?1";
    let found: Option<i64> = database.first(sql, [last], |row| row.get(0))?.flatten();
    match found {
        Some(key) => Err(database.damaged(format!("item {key} is in a namespace without a name"))),
        None => Ok(()),
    }
}
