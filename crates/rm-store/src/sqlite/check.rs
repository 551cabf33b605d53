//! Verification of a whole file.

use rm_core::ItemId;
use rusqlite::Row;

use super::Database;
use super::reader::{Reader, all_namespaces, bounds};
use super::rows::{self, ITEM_COLUMNS, ITEM_JOINS, ItemRow, TEXT_COLUMNS};
use crate::namespace::NamespaceId;
use crate::{Error, Result, StoredItem, settings};

/// Faults that are told at most.
const MOST_FAULTS: usize = 1_000;

/// Verifies the structure of the file, every row, and that the tables agree with each other.
pub(super) fn check(database: &Database) -> Result<()> {
    match faults(database)?.into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(database.damaged(fault)),
    }
}

/// Does as [`check`], and returns every fault.
pub(super) fn faults(database: &Database) -> Result<Vec<String>> {
    let _same_state = database.begin_read()?;
    let mut faults = Faults::default();
    let structure = check_structure(database, &mut faults);
    faults.note(structure)?;
    let default = Reader::new(database, NamespaceId::DEFAULT);
    faults.note(default.settings())?;
    let dim = |key| {
        let value = default.setting(key)?;
        value.as_deref().map(settings::parse_dim).transpose()
    };
    let (now, next) = (
        faults.note(dim(settings::DIM))?.flatten(),
        faults.note(dim(settings::NEXT_DIM))?.flatten(),
    );
    if let Some(all) = faults.note(all_namespaces(database))? {
        for (name, number) in &all {
            check_namespace(database, name, *number, now, &mut faults)?;
        }
        faults.note(check_nothing_else(database, &all))?;
    }
    faults.note(check_next_vectors(database, next))?;
    Ok(faults.0)
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, what: String) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(what);
        }
    }

    /// Passes on what could be read, takes note of damage, and gives up on what is no damage.
    fn note<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(Error::Damaged { what, .. }) => {
                self.add(what);
                Ok(None)
            }
            Err(other @ (Error::Busy { .. } | Error::DiskFull { .. })) => Err(other),
            Err(other) => {
                self.add(other.to_string());
                Ok(None)
            }
        }
    }
}

fn check_structure(database: &Database, faults: &mut Faults) -> Result<()> {
    let mut add = |row: &Row<'_>| {
        let verdict: String = row.get(0)?;
        if verdict != "ok" {
            faults.add(verdict);
        }
        Ok(())
    };
    database.named(
        database
            .connection()
            .pragma_query(None, "integrity_check", &mut add),
    )
}

fn check_namespace(
    database: &Database,
    name: &str,
    number: NamespaceId,
    dim: Option<usize>,
    faults: &mut Faults,
) -> Result<()> {
    let mut found = Faults::default();
    let reader = Reader::new(database, number);
    let routing = found.note(reader.routing())?.flatten();
    let k = routing.map_or(0, |state| state.k());
    found.note(reader.for_each_packed(&mut |_, _| std::ops::ControlFlow::Continue(())))?;
    found.note(reader.changed_items())?;
    found.note(reader.revision())?;
    let items = check_items(database, number, &mut found, &mut |stored| {
        let (key, got) = (stored.key, stored.item.vector.len());
        if Some(got) != dim {
            return Some(format!(
                "the vector of item {key} has {got} values, expected {dim:?}"
            ));
        }
        let centroid = stored.centroid.filter(|centroid| centroid.index() >= k)?;
        Some(format!(
            "item {key} is assigned to centroid {centroid} of {k}"
        ))
    });
    found.note(items)?;
    // Finds vectors and assignments without an item, which a walk over the items cannot see.
    found.note(reader.for_each_vector(&mut |_, _, _| std::ops::ControlFlow::Continue(())))?;
    for fault in found.0 {
        match name {
            "" => faults.add(fault),
            name => faults.add(format!("{fault}, in namespace {name:?}")),
        }
    }
    Ok(())
}

/// Reads every item of a namespace, and goes on after one that is damaged.
fn check_items(
    database: &Database,
    number: NamespaceId,
    faults: &mut Faults,
    fault: &mut dyn FnMut(&StoredItem) -> Option<String>,
) -> Result<()> {
    let sql = format!(
        "SELECT {TEXT_COLUMNS}, {ITEM_COLUMNS} FROM items i {ITEM_JOINS}
         WHERE i.key BETWEEN ?1 AND ?2 ORDER BY i.key"
    );
    let mut statement = database.prepare(&sql)?;
    let mut found = database.named(statement.query(bounds(number.keys())))?;
    let mut seen = 0u64;
    while let Some(row) = database.named(found.next())? {
        seen += 1;
        let stored = database.named(ItemRow::read(row));
        let stored = stored.and_then(|row| row.verified(database));
        if let Some(what) = faults.note(stored)?.as_ref().and_then(&mut *fault) {
            faults.add(what);
        }
    }
    drop(found);
    // SQLite counts in the index of ids.
    match Reader::new(database, number).count()? {
        items if items == seen => Ok(()),
        items => {
            let what = format!("it holds {items} ids of items but {seen} texts");
            Err(database.damaged(what))
        }
    }
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

/// Verifies the vectors of a model to come, or what is left of those of the one before.
fn check_next_vectors(database: &Database, dim: Option<usize>) -> Result<()> {
    let sql = "SELECT n.key, n.checksum, n.vector, i.key FROM next_vectors n
               LEFT JOIN items i ON i.key = n.key ORDER BY n.key";
    let mut statement = database.prepare(sql)?;
    let mut found = database.named(statement.query([]))?;
    let mut vector = Vec::new();
    while let Some(row) = database.named(found.next())? {
        let read = || {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get_ref(2)?.as_blob()?,
                row.get(3)?,
            ))
        };
        let (key, checksum, bytes, item): (i64, i64, &[u8], Option<i64>) = database.named(read())?;
        rows::verify_vector(database, key, checksum, bytes, &mut vector)?;
        let key: ItemId = rows::item_id(key);
        if item.is_none() {
            let what = format!("there is a vector to come of item {key}, which is not there");
            return Err(database.damaged(what));
        }
        if dim.is_some_and(|dim| dim != vector.len()) {
            let got = vector.len();
            let what = format!("the vector to come of item {key} has {got} values");
            return Err(database.damaged(what));
        }
    }
    Ok(())
}
