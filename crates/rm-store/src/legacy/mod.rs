//! Databases written by the Python package `routing-memory` 0.1.0.
//!
//! [`SqliteStore::open`](crate::SqliteStore::open) imports such a file in place: a consistent copy of it is written beside it as
//! `<name>.python-backup`, then, in one transaction, our tables are made from the original's and the original's are
//! dropped. [`import_python_original`] imports into another file and leaves the original untouched, and
//! [`read_python_original`] only reads.
//!
//! Every row is checked before anything is written. What is taken over otherwise than it stands, because its meaning is plain, is
//! told in [`ImportReport::repairs`]:
//! - metadata that is `NULL` or empty text is `{}`;
//! - ids in the assignments that name no item are left out (the original does not take a deleted item from its codebook);
//! - an item that the assignments name under several centroids, or not at all, is left without a centroid (the original lists
//!   an id that was added twice twice, and saves its codebook only when told to);
//! - a codebook without items is left out, for nothing says how many values its vectors have.
//!
//! Anything else that does not fit is an [`Error::Legacy`] that names the row: an id or a text that is not text; an embedding that is
//! not whole finite floats, all zero, or of another length than the first; metadata that is not a JSON object (`NaN`, which
//! Python writes, is not JSON); a time that SQLite cannot read; centroids that are not whole rows; assignments that are not
//! JSON or name a centroid that is not there.
//!
//! The original has no record of the model, of the seed, or of which K rule its codebook was trained by: no model fingerprint
//! is set, and its defaults ([`SEED`], [`K_RULE`]) are put down for the rest.

mod assignments;
mod backup;
mod import;
mod read;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rm_core::CentroidId;

pub(crate) use self::import::in_place as import_in_place;
use crate::sqlite::{Contents, Database, full_path, inspect, open_untouched};
use crate::{Changes, Error, Item, Options, Result, RoutingState, SqliteStore, Store, settings};

/// Seed that the original trains with unless told otherwise.
pub const SEED: u64 = 42;

/// The original's rule for K, which it never records either.
pub const K_RULE: &str = "ceil(N/20)";

/// What a database of the original holds.
#[derive(Debug, Clone, PartialEq)]
pub struct PythonOriginal {
    /// The items in the order in which they were added, each with the centroid that the original assigned it to.
    pub items: Vec<(Item, Option<CentroidId>)>,
    /// The codebook, when one was saved.
    pub routing: Option<RoutingState>,
    /// What was taken over otherwise than it stands, one sentence each.
    pub repairs: Vec<String>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Number of items imported.
    pub items: usize,
    /// Number of centroids imported.
    pub centroids: usize,
    /// The copy of the original, when it was imported in place.
    pub backup: Option<PathBuf>,
    /// What was taken over otherwise than it stands, one sentence each.
    pub repairs: Vec<String>,
}

/// Returns whether `path` holds a database of the Python original. Changes nothing.
///
/// # Errors
/// [`Error::Damaged`], [`Error::NotAFile`], [`Error::Busy`], [`Error::Io`], [`Error::Sqlite`].
pub fn is_python_original(path: impl AsRef<Path>) -> Result<bool> {
    match inspect(&full_path(path.as_ref())?, Options::default().busy_timeout) {
        Ok(contents) => Ok(contents == Contents::PythonOriginal),
        Err(
            Error::Foreign { .. }
            | Error::NotADatabase { .. }
            | Error::Newer { .. }
            | Error::MissingFolder { .. },
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a database of the Python original. Changes nothing.
///
/// # Errors
/// [`Error::Legacy`] for a row that cannot be taken over; [`Error::Foreign`] for a file that is not the original's;
/// [`Error::Damaged`], [`Error::NotADatabase`], [`Error::Busy`], [`Error::Io`], [`Error::Sqlite`].
pub fn read_python_original(path: impl AsRef<Path>) -> Result<PythonOriginal> {
    read_untouched(&full_path(path.as_ref())?, Options::default().busy_timeout)
}

/// Imports the database `from` of the Python original into the new file `to`, and opens that. Leaves `from` as it is.
///
/// # Errors
/// Those of [`read_python_original`] and of [`SqliteStore::open`]; [`Error::TargetExists`] when `to` holds something.
pub fn import_python_original(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    options: &Options,
) -> Result<SqliteStore> {
    let original = read_untouched(&full_path(from.as_ref())?, options.busy_timeout)?;
    let to = full_path(to.as_ref())?;
    if inspect(&to, options.busy_timeout)? != Contents::Nothing {
        return Err(Error::TargetExists { path: to });
    }
    let report = original.report();
    let store = SqliteStore::open_with(&to, options)?;
    store.apply(&original.into_changes())?;
    Ok(store.with_import(report))
}

/// Returns whether a database without an application id has the tables of the original, and no others.
pub(crate) fn has_original_tables(database: &Database) -> Result<bool> {
    let sql = "SELECT coalesce(sum(name = 'rm_items' AND type = 'table'), 0),
                      coalesce(sum(tbl_name NOT IN ('rm_items', 'rm_codebook') OR type NOT IN ('table', 'index')), 0)
               FROM sqlite_schema";
    let found = database.first(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found == Some((1i64, 0i64)))
}

fn read_untouched(path: &Path, busy_timeout: Duration) -> Result<PythonOriginal> {
    match inspect(path, busy_timeout)? {
        Contents::PythonOriginal => read::read(&open_untouched(path, busy_timeout)?),
        found => Err(Error::Foreign {
            path: path.to_owned(),
            found: match found {
                Contents::Nothing => "nothing to import, no tables".into(),
                _ => "a store that needs no import".into(),
            },
        }),
    }
}

impl PythonOriginal {
    fn report(&self) -> ImportReport {
        ImportReport {
            items: self.items.len(),
            centroids: self.routing.as_ref().map_or(0, RoutingState::k),
            backup: None,
            repairs: self.repairs.clone(),
        }
    }

    fn into_changes(self) -> Changes {
        let mut changes = Changes::new();
        changes.set(settings::IMPORTED_FROM, settings::PYTHON_ORIGINAL);
        if let Some(routing) = self.routing {
            changes.replace_routing(routing, Vec::new());
        }
        for (item, centroid) in self.items {
            changes.put(item, centroid);
        }
        changes
    }
}
