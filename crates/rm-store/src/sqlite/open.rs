//! Opening and creating files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::database::Database;
use super::inspect::{Contents, inspect};
use super::options::{Durability, Options};
use super::schema::{self, VERSION};
use crate::legacy::{self, ImportReport};
use crate::{Error, Result};

/// Bytes per page of a new file: five vectors of 384 values fill one to 95%, where SQLite's 4,096 hold two and waste a quarter.
const PAGE_BYTES: i64 = 8192;

/// Bytes that the log keeps on disk once it has been folded into the file; a large batch can make it grow past this.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// How long to wait before opening is tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// Opens a file. Two that make one at the same time stand in each other's way, which SQLite tells both at once: so that is tried
/// again for as long as the busy timeout allows.
pub(super) fn open(path: &Path, options: &Options) -> Result<(Database, Option<ImportReport>)> {
    let began = Instant::now();
    loop {
        match open_once(path, options) {
            Err(Error::Busy { .. }) if began.elapsed() < options.busy_timeout => {
                std::thread::sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
}

fn open_once(path: &Path, options: &Options) -> Result<(Database, Option<ImportReport>)> {
    let path = full_path(path)?;
    let (is_new, report) = match inspect(&path, options.busy_timeout)? {
        Contents::Nothing => (true, None),
        Contents::Store => (false, None),
        Contents::PythonOriginal => (false, Some(legacy::import_in_place(&path, options)?)),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let database = connect(&path, flags, options)?;
    if is_new {
        database.named(
            database
                .connection()
                .pragma_update(None, "page_size", PAGE_BYTES),
        )?;
    }
    use_log(&database)?;
    bring_up_to_date(&database)?;
    Ok((database, report))
}

/// Opens one more connection to a file that is open, for reading.
pub(super) fn connect_to_read(path: &Path, options: &Options) -> Result<Database> {
    let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)?;
    let only_reads = database
        .connection()
        .pragma_update(None, "query_only", true);
    database.named(only_reads)?;
    Ok(database)
}

/// Opens one more connection to a file that is open, for copying all of it: SQLite lets no connection that may only read do that.
pub(super) fn connect_to_copy(path: &Path, options: &Options) -> Result<Database> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)
}

/// Opens a database of the Python original for writing, but without folding its log into it on closing.
pub(crate) fn open_for_import(path: &Path, options: &Options) -> Result<Database> {
    let database = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)?;
    let keep_log = database
        .connection()
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    database.named(keep_log)?;
    Ok(database)
}

/// Returns `path` in full: SQLite gives a meaning to `:memory:` and `file:`, but to no absolute path; and the log of a linked
/// file lies beside the file, not beside the link.
pub(crate) fn full_path(path: &Path) -> Result<PathBuf> {
    let full = if path.is_symlink() {
        fs::canonicalize(path)
    } else {
        std::path::absolute(path)
    };
    full.map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

fn connect(path: &Path, flags: OpenFlags, options: &Options) -> Result<Database> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| Error::sqlite(path, options.busy_timeout, error))?;
    let database = Database::new(connection, path, options.busy_timeout)?;
    let connection = database.connection();
    if database.named(connection.is_readonly("main"))? {
        return Err(Error::ReadOnly {
            path: path.to_owned(),
        });
    }
    let configure = || {
        // Nothing stored in the file, such as a trigger, may run code of the program's; and no statement may tamper with
        // SQLite's own tables.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        // What was deleted is overwritten: forgotten texts are not to be found in the file, and a page that is free cannot be
        // taken for a table. SQLite returns the new value, hence the query.
        connection
            .pragma_update_and_check(None, "secure_delete", true, |row| row.get::<_, i64>(0))?;
        match options.durability {
            Durability::Full => {
                // Where the operating system has a stronger sync (macOS), a power cut is survived only with it.
                connection.pragma_update(None, "fullfsync", true)?;
                connection.pragma_update(None, "synchronous", "FULL")
            }
            Durability::Normal => connection.pragma_update(None, "synchronous", "NORMAL"),
        }
    };
    database.named(configure())?;
    Ok(database)
}

fn use_log(database: &Database) -> Result<()> {
    let connection = database.connection();
    let mode: String =
        database.named(
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)),
        )?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Error::Io {
            path: database.path().to_owned(),
            source: std::io::Error::other(format!(
                "the file system allows no write-ahead log (mode {mode})"
            )),
        });
    }
    let limit = connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |row| {
        row.get::<_, i64>(0)
    });
    database.named(limit).map(drop)
}

/// Migrates the file if need be. The version is asked again inside the transaction: of two that open a file at the same time,
/// one migrates it and the other finds it done.
fn bring_up_to_date(database: &Database) -> Result<()> {
    let version = || {
        let read = database
            .connection()
            .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        database.named(read)
    };
    if version()? < VERSION {
        let transaction = database.begin_write()?;
        database.named(schema::migrate(&transaction))?;
        database.named(transaction.commit())?;
    }
    match version()? {
        VERSION => Ok(()),
        found => Err(Error::Newer {
            path: database.path().to_owned(),
            found,
            supported: VERSION,
        }),
    }
}
