//! Turning a database of the original into one of ours.

use std::path::Path;

use rusqlite::config::DbConfig;

use super::backup::Backup;
use super::{ImportReport, read, read_untouched};
use crate::sqlite::{SqliteTables, migrate, open_for_import};
use crate::{Options, Result, apply};

/// Imports the original in `path` into the same file, after writing a copy of it beside it.
pub(crate) fn in_place(path: &Path, options: &Options) -> Result<ImportReport> {
    // Refuses bad rows before there is a copy, or a connection that could write.
    read_untouched(path, options.busy_timeout)?;
    let database = open_for_import(path, options)?;
    let backup = Backup::write(&database)?;
    let transaction = database.begin_write()?;
    // What counts is what is there now that nobody else can write.
    let original = read::read(&database)?;
    let report = original.report();
    database.named(migrate(&transaction))?;
    apply::apply(
        &mut SqliteTables::new(&database, "")?,
        &original.into_changes(),
    )?;
    let drop_tables = "DROP TABLE rm_items; DROP TABLE IF EXISTS rm_codebook;";
    database.named(transaction.execute_batch(drop_tables))?;
    // Kept only now, so that an attempt that fails leaves nothing behind.
    let backup = backup.keep()?;
    database.named(transaction.commit())?;
    let fold_log = database
        .connection()
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
    database.named(fold_log)?;
    database.close()?;
    Ok(ImportReport {
        backup: Some(backup),
        ..report
    })
}
