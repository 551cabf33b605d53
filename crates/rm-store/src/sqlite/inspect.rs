//! What a file is, found out without changing a byte of it or of its write-ahead log.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::database::Database;
use super::schema::{self, APPLICATION_ID, VERSION};
use crate::{Error, Result, legacy};

/// Length of the header that every SQLite database begins with.
const HEADER_BYTES: u64 = 100;

/// What was found at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    /// No file, an empty file, or a database without tables.
    Nothing,
    /// A store of ours, of this or an older schema version, with the tables that version has.
    Store,
    /// A database of the Python original.
    PythonOriginal,
}

/// How often a file is looked at again because another process was writing it meanwhile.
const ATTEMPTS: usize = 20;

/// Finds out what `path` holds, and refuses everything that cannot be opened.
pub(crate) fn inspect(path: &Path, busy_timeout: Duration) -> Result<Contents> {
    for _ in 1..ATTEMPTS {
        let before = Sighting::of(path);
        let found = inspect_once(path, busy_timeout);
        // Beside a log, locks keep the state from changing; without one, others may have begun to write.
        if before.log_bytes > 0 || before == Sighting::of(path) {
            return found;
        }
    }
    inspect_once(path, busy_timeout)
}

/// Is what tells without a look into a file whether it has been written to.
#[derive(Debug, PartialEq, Eq)]
struct Sighting {
    bytes: Option<u64>,
    modified: Option<SystemTime>,
    log_bytes: u64,
}

impl Sighting {
    fn of(path: &Path) -> Self {
        let metadata = fs::metadata(path).ok();
        Self {
            bytes: metadata.as_ref().map(fs::Metadata::len),
            modified: metadata.and_then(|metadata| metadata.modified().ok()),
            log_bytes: log_len(path).unwrap_or(0),
        }
    }
}

fn inspect_once(path: &Path, busy_timeout: Duration) -> Result<Contents> {
    let Some(bytes) = file_len(path)? else {
        return refuse_missing_folder(path).map(|()| Contents::Nothing);
    };
    let log_bytes = log_len(path)?;
    match (bytes, log_bytes) {
        (0, 0) => return Ok(Contents::Nothing),
        (0, _) => {
            let what =
                format!("it is empty, but the log beside it holds {log_bytes} bytes of changes");
            return Err(Error::Damaged {
                path: path.to_owned(),
                what,
            });
        }
        // SQLite would take a file of one byte for an empty one, and write over it.
        (1..HEADER_BYTES, _) => {
            return Err(Error::NotADatabase {
                path: path.to_owned(),
            });
        }
        _ => {}
    }
    let database = open_untouched(path, busy_timeout)?;
    // What is missing from the end of a file can stand in its log, so only without one does the length say something.
    let checked = if log_bytes == 0 {
        check_len(&database, bytes)
    } else {
        Ok(())
    };
    checked
        .and_then(|()| classify(&database))
        .map_err(|error| match error {
            Error::Damaged { path, what } => Error::Damaged {
                path,
                what: format!("{what} (file of {bytes} bytes)"),
            },
            other => other,
        })
}

/// Opens a file for reading such that neither it nor its log is changed, whatever it is.
///
/// Plain reads of the file would not do: closing a file drops all locks this process has on it, those of other connections
/// included.
pub(crate) fn open_untouched(path: &Path, busy_timeout: Duration) -> Result<Database> {
    let connection = match log_len(path)? {
        0 => open_immutable(path),
        _ => open_beside_log(path, busy_timeout),
    };
    let connection = connection.map_err(|error| Error::sqlite(path, busy_timeout, error))?;
    Database::new(connection, path, busy_timeout)
}

/// Without a log, the file alone is the state: no locks, no `-shm`, and no recovery from a rollback journal.
fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(immutable_uri(path), flags)
}

/// With a log, the state is file and log together. An exclusive lock lets SQLite keep its index of the log in RAM instead of in
/// a `-shm` file; where that lock is not to be had, another connection is at work and its `-shm` is there already.
fn open_beside_log(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connect = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok::<_, rusqlite::Error>(connection)
    };
    let alone = connect()?;
    alone.busy_timeout(Duration::ZERO)?;
    alone.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    match alone.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            drop(alone);
            let shared = connect()?;
            shared.busy_timeout(busy_timeout)?;
            Ok(shared)
        }
        Err(error) => Err(error),
        Ok(()) => Ok(alone),
    }
}

/// Refuses a file that ends before its last page does; SQLite itself notices whole pages that are missing.
fn check_len(database: &Database, bytes: u64) -> Result<()> {
    let pragma = |name| {
        let value = database
            .connection()
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        database.named(value).map(i64::cast_unsigned)
    };
    let expected = pragma("page_count")?.saturating_mul(pragma("page_size")?);
    if bytes < expected {
        return Err(database.damaged(format!("it is cut off, expected {expected} bytes")));
    }
    Ok(())
}

fn classify(database: &Database) -> Result<Contents> {
    // Another process may be making its tables just now: all of this is to be of one state.
    let _same_state = database.begin_read()?;
    let connection = database.connection();
    let pragma = |name| {
        database.named(connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    if application == APPLICATION_ID {
        return check_version(database, version);
    }
    let definitions = database.named(schema::definitions(connection))?;
    if application == 0 && version == 0 {
        if definitions.is_empty() {
            return Ok(Contents::Nothing);
        }
        if legacy::has_original_tables(database)? {
            return Ok(Contents::PythonOriginal);
        }
    }
    let names: Vec<&str> = definitions
        .iter()
        .map(|(name, _)| name.as_str())
        .take(5)
        .collect();
    Err(Error::Foreign {
        path: database.path().to_owned(),
        found: format!(
            "application id {application}, schema version {version}, tables {}",
            names.join(", ")
        ),
    })
}

fn check_version(database: &Database, version: i64) -> Result<Contents> {
    if version > VERSION {
        return Err(Error::Newer {
            path: database.path().to_owned(),
            found: version,
            supported: VERSION,
        });
    }
    if version < 1 {
        return Err(database.damaged(format!(
            "its schema version is {version}, expected 1 to {VERSION}"
        )));
    }
    // Ours never has it; a flipped bit that turned it on would let SQLite move pages that are in use.
    let vacuum: i64 = database.named(database.connection().pragma_query_value(
        None,
        "auto_vacuum",
        |row| row.get(0),
    ))?;
    if vacuum != 0 {
        return Err(database.damaged(format!(
            "its header asks for auto_vacuum {vacuum}, expected 0"
        )));
    }
    let expected = database.named(schema::expected(version))?;
    let found = database.named(schema::definitions(database.connection()))?;
    if found == expected {
        return check_roots(database).map(|()| Contents::Store);
    }
    let names = |definitions: schema::Definitions| -> String {
        definitions
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    Err(database.damaged(format!(
        "its tables ({}) are not those of schema version {version} ({})",
        names(found),
        names(expected)
    )))
}

/// Refuses tables that begin on the same page: one of them would read as what another holds, or as empty.
fn check_roots(database: &Database) -> Result<()> {
    let sql = "SELECT count(rootpage) - count(DISTINCT rootpage) FROM sqlite_schema";
    match database.first(sql, [], |row| row.get::<_, i64>(0))? {
        None | Some(0) => Ok(()),
        Some(shared) => {
            Err(database.damaged(format!("{shared} of its tables begin where another does")))
        }
    }
}

/// Returns the length of the regular file `path`, or `None` when there is nothing.
fn file_len(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Ok(_) => Err(Error::NotAFile {
            path: path.to_owned(),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Returns the length of the write-ahead log beside `path`, 0 when there is none.
fn log_len(path: &Path) -> Result<u64> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Ok(file_len(&PathBuf::from(log))?.unwrap_or(0))
}

fn refuse_missing_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.is_dir() => Err(Error::MissingFolder {
            path: path.to_owned(),
            folder: folder.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Writes `path` as a URI that asks SQLite to take the file as unchangeable.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    if cfg!(windows) {
        uri.push('/');
    }
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_uri_escapes_what_has_a_meaning_in_it() {
        assert_eq!(
            immutable_uri(Path::new("/a b/c?d#e%f.db")),
            "file:/a%20b/c%3Fd%23e%25f.db?immutable=1"
        );
    }
}
