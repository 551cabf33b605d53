//! Rows of the table `settings`.

use rusqlite::params;

use super::database::Database;
use super::row_checksums::setting_checksum;
use super::rows::verify;
use crate::Result;

/// Returns the setting `key`, verified.
pub(super) fn read_setting(database: &Database, key: &str) -> Result<Option<String>> {
    let sql = "SELECT value, checksum FROM settings WHERE key = ?1";
    let row = database.first(sql, [key], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?))
    })?;
    row.map(|(value, checksum)| {
        verify_setting(database, key, &value, checksum)?;
        Ok(value)
    })
    .transpose()
}

/// Stores a setting under its key in the table.
pub(super) fn write_setting(database: &Database, key: &str, value: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO settings (key, value, checksum) VALUES (?1, ?2, ?3)";
    let checksum = setting_checksum(key, value);
    database
        .execute(sql, params![key, value, checksum])
        .map(drop)
}

/// Verifies a row of `settings`.
pub(super) fn verify_setting(
    database: &Database,
    key: &str,
    value: &str,
    checksum: i64,
) -> Result<()> {
    verify(database, checksum, setting_checksum(key, value), || {
        format!("setting {key:?}")
    })
}
