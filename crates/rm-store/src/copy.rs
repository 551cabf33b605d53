//! Copying any store into a file.

use std::ops::ControlFlow;
use std::path::Path;

use rm_core::{CentroidId, ItemId};

use crate::{Changes, Durability, Options, Result, SqliteStore, Store, View, settings};

/// Items that are written at once.
const AT_ONCE: usize = 4_096;

/// Settings that all namespaces of a store share.
const SHARED: [&str; 3] = [
    settings::MODEL_FINGERPRINT,
    settings::DIM,
    settings::IMPORTED_FROM,
];

/// Makes a file of what a store holds: items, codebooks, assignments and settings. Keys are given anew, and lists are packed when the
/// file is first opened.
///
/// `own_settings` names the settings of the namespaces.
pub(crate) fn into_file(from: &dyn View, path: &Path, own_settings: &[String]) -> Result<()> {
    let options = Options {
        // The caller syncs the file once it is whole.
        durability: Durability::Normal,
        ..Options::default()
    };
    let file = SqliteStore::open_with(path, &options)?;
    let mut changes = Changes::new();
    for key in SHARED {
        if let Some(value) = from.setting("", key)? {
            changes.set(key, value);
        }
    }
    file.apply(&changes)?;
    let mut names: Vec<String> = from
        .namespaces()?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    if names.first().is_none_or(|first| !first.is_empty()) {
        names.push(String::new());
    }
    for name in names {
        copy_namespace(
            from,
            &name,
            own_settings,
            file.in_namespace(&name)?.as_ref(),
        )?;
    }
    file.close()
}

fn copy_namespace(from: &dyn View, name: &str, own: &[String], to: &dyn Store) -> Result<()> {
    let mut changes = Changes::new();
    for key in own.iter().filter(|key| !SHARED.contains(&key.as_str())) {
        if let Some(value) = from.setting(name, key)? {
            changes.set(key, value);
        }
    }
    let mut assigned: Vec<(ItemId, CentroidId)> = Vec::new();
    let mut waiting: Vec<Option<CentroidId>> = Vec::new();
    let mut outcome = Ok(());
    let mut write = |changes: &mut Changes, waiting: &mut Vec<Option<CentroidId>>| {
        let applied = to.apply(&std::mem::take(changes))?;
        let put = applied.put.iter().zip(waiting.drain(..));
        assigned.extend(put.filter_map(|(put, centroid)| Some((put.key, centroid?))));
        Ok(())
    };
    from.for_each_item(name, &mut |stored| {
        waiting.push(stored.centroid);
        changes.put(stored.item, None);
        if waiting.len() < AT_ONCE {
            return ControlFlow::Continue(());
        }
        outcome = write(&mut changes, &mut waiting);
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome?;
    write(&mut changes, &mut waiting)?;
    if let Some(routing) = from.routing(name)? {
        to.apply(Changes::new().replace_routing(routing, assigned))?;
    }
    Ok(())
}
