//! A turn to write to a file.

use std::sync::{MutexGuard, OnceLock};

use super::database::Database;
use super::{NamespaceSlot, SqliteTables};
use crate::apply;
use crate::namespace::NamespaceId;
use crate::{Applied, Changes, Result, Transaction};

/// Is a transaction on the writing connection; rolled back when dropped.
pub(super) struct SqliteTransaction<'s> {
    database: MutexGuard<'s, Database>,
    name: &'s str,
    slot: &'s NamespaceSlot,
    /// The namespace, once something was applied.
    namespace: OnceLock<NamespaceId>,
    committed: bool,
}

impl<'s> SqliteTransaction<'s> {
    pub(super) fn begin(
        database: MutexGuard<'s, Database>,
        name: &'s str,
        slot: &'s NamespaceSlot,
    ) -> Result<Self> {
        if !database.connection().is_autocommit() {
            // Left behind by a thread that panicked.
            database.execute("ROLLBACK", [])?;
        }
        database.execute("BEGIN IMMEDIATE", [])?;
        Ok(Self {
            database,
            name,
            slot,
            namespace: OnceLock::new(),
            committed: false,
        })
    }
}

impl Transaction for SqliteTransaction<'_> {
    fn apply(&mut self, changes: &Changes) -> Result<Applied> {
        let mut tables = SqliteTables::new(&self.database, self.name)?;
        let applied = apply::apply(&mut tables, changes)?;
        let _ = self.namespace.set(tables.namespace());
        Ok(applied)
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        self.database.execute("COMMIT", [])?;
        self.committed = true;
        if let Some(namespace) = self.namespace.get() {
            self.slot.set(*namespace);
        }
        Ok(())
    }
}

impl Drop for SqliteTransaction<'_> {
    fn drop(&mut self) {
        if !self.committed && !self.database.connection().is_autocommit() {
            // Should it fail, whoever begins next tries again.
            let _ = self.database.execute("ROLLBACK", []);
        }
    }
}
