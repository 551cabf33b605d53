//! Everything that can go wrong in a store.

use std::path::{Path, PathBuf};

use rm_core::{CentroidId, ItemId};
use rusqlite::ErrorCode;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, what was expected, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The path names something that is not a regular file.
    #[error("{path} is not a file; name a database file, or one that is to be created")]
    NotAFile {
        /// The path given.
        path: PathBuf,
    },
    /// The folder that should hold the database does not exist.
    #[error("cannot create {path}: the folder {folder} does not exist; create it first")]
    MissingFolder {
        /// The path given.
        path: PathBuf,
        /// The folder it would be in.
        folder: PathBuf,
    },
    /// The file is not an SQLite database.
    #[error("{path} is not an SQLite database; it was left as it is")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of some other program.
    #[error(
        "{path} is a database of another program ({found}); it was left as it is, name another file"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
    /// The file was written by a later version of this crate.
    #[error(
        "{path} has schema version {found}, this program reads up to {supported}; it was left as it is, use a newer program"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest schema version that can be read.
        supported: i64,
    },
    /// The file is truncated or corrupt.
    #[error("{path} is damaged: {what}; restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// A database of the Python original holds a row that cannot be taken over.
    #[error(
        "cannot import {path}: {row}: expected {expected}, got {got}; nothing was changed, mend or delete that row first"
    )]
    Legacy {
        /// The file.
        path: PathBuf,
        /// The row at fault.
        row: String,
        /// What it should hold.
        expected: String,
        /// What it holds.
        got: String,
    },
    /// The target of an import already holds something.
    #[error(
        "cannot import into {path}: it already holds a database; name a file that does not exist"
    )]
    TargetExists {
        /// The target.
        path: PathBuf,
    },
    /// The target of a snapshot is there already.
    #[error(
        "cannot write a snapshot to {path}: {occupant} is there; name a file that does not exist"
    )]
    SnapshotExists {
        /// The target.
        path: PathBuf,
        /// What stands in the way.
        occupant: PathBuf,
    },
    /// A move of the vectors to another model is no longer the one that was begun.
    #[error(
        "the move to the model {to:?} is over: the store is {now}; begin it again if that is not what is wanted"
    )]
    MoveOver {
        /// Fingerprint of the model that the vectors were being moved to.
        to: String,
        /// What the store is instead.
        now: String,
    },
    /// Vectors are still missing where a move to another model was to end.
    #[error("item {key} has no vector of the model {to:?} yet; give it one before the move ends")]
    MoveUnfinished {
        /// The first such item.
        key: ItemId,
        /// Fingerprint of the model that the vectors are being moved to.
        to: String,
    },
    /// Another connection held the database for longer than the busy timeout.
    #[error(
        "{path} was in use by another connection for {waited_ms} ms; try again, or close the other one"
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// The busy timeout that ran out.
        waited_ms: u128,
    },
    /// There is no room for the change.
    #[error("no space left for {path}; nothing was changed, free some space and try again")]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be written to.
    #[error("{path} cannot be written to; check the permissions of the file and of its folder")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A vector does not have the store's dimension.
    #[error(
        "{of} has {got} values, expected {expected}; embed it with the model the store was made with"
    )]
    Dimension {
        /// What the vector belongs to.
        of: String,
        /// The dimension of the store or of its codebook.
        expected: usize,
        /// The length given.
        got: usize,
    },
    /// A vector holds values that cannot be searched.
    #[error("the vector of {of} has {found}; expected finite values, not all zero")]
    InvalidVector {
        /// What the vector belongs to.
        of: String,
        /// What is wrong with it.
        found: String,
    },
    /// Metadata is nested more deeply than it could be read back.
    #[error("the metadata of item {id:?} is nested more than {limit} levels deep; flatten it")]
    MetadataTooDeep {
        /// The item.
        id: String,
        /// The deepest nesting allowed.
        limit: usize,
    },
    /// The importance of an item is not one.
    #[error("the importance of item {id:?} is {got}; expected a number from 0 to 1")]
    InvalidImportance {
        /// The item.
        id: String,
        /// What was given.
        got: f32,
    },
    /// A namespace cannot have this name.
    #[error("expected {expected} in the name of a namespace, got {got:?}")]
    NamespaceName {
        /// What a name has to be.
        expected: &'static str,
        /// What was given, or its beginning.
        got: String,
    },
    /// A store has as many namespaces as it can have, or a namespace as many items.
    #[error("{path} has no number left for another {what}")]
    Exhausted {
        /// The file.
        path: PathBuf,
        /// What cannot be added.
        what: &'static str,
    },
    /// Metadata cannot be written as JSON.
    #[error("the metadata of item {id:?} cannot be written as JSON")]
    InvalidMetadata {
        /// The item.
        id: String,
        /// What the writer says.
        source: serde_json::Error,
    },
    /// An assignment names an item that is not in the store.
    #[error("there is no item with the key {key} to assign to a centroid")]
    UnknownItem {
        /// The key.
        key: ItemId,
    },
    /// An assignment names a centroid that is not in the codebook.
    #[error(
        "item {key} is assigned to centroid {centroid}, expected one of the {k} in the codebook"
    )]
    UnknownCentroid {
        /// The item.
        key: ItemId,
        /// The centroid it was assigned to.
        centroid: CentroidId,
        /// Number of centroids in the codebook.
        k: u32,
    },
    /// The parts of a codebook do not fit together.
    #[error("invalid codebook: expected {expected}, got {got}")]
    InvalidRouting {
        /// What was expected.
        expected: String,
        /// What was given.
        got: String,
    },
    /// A setting with a meaning has a value without one.
    #[error("setting {key:?}: expected {expected}, got {got:?}")]
    InvalidSetting {
        /// The setting.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// The store was made with another model.
    #[error(
        "the store was made with {setting} {expected:?}, this model has {got:?}; use that model, or a new store"
    )]
    ModelMismatch {
        /// The setting that differs, see [`settings`](crate::settings).
        setting: &'static str,
        /// The value in the store.
        expected: String,
        /// The value of the model at hand.
        got: String,
    },
    /// The operating system refused something.
    #[error("cannot access {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// SQLite failed in a way that has no variant of its own.
    #[error("SQLite failed on {path}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl Error {
    /// Names what an SQLite error means for whoever opened `path`.
    pub(crate) fn sqlite(
        path: &Path,
        busy_timeout: std::time::Duration,
        source: rusqlite::Error,
    ) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy {
                path,
                waited_ms: busy_timeout.as_millis(),
            },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                what: source.to_string(),
            },
            None if is_misread(&source) => Self::Damaged {
                path,
                what: source.to_string(),
            },
            _ => Self::Sqlite { path, source },
        }
    }
}

/// Whether a value was not of the type that our tables, which are strict, can hold.
fn is_misread(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error,
    };
    matches!(
        error,
        FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | Utf8Error(..)
    )
}
