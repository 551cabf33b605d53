//! Moving all vectors of a file to those of another model.

use rm_core::ItemId;

use super::SqliteStore;
use super::connections::Connections;
use super::database::Database;
use super::next_vectors::NextVectors;
use super::reader::all_namespaces;
use super::schema::EXCHANGE_VECTORS;
use super::setting_rows::{read_setting, write_setting};
use super::tables::SqliteTables;
use crate::{Changes, Error, Result, apply, settings};

/// Vectors that are dropped in one transaction.
const DROPPED_AT_ONCE: i64 = 4_096;

/// Moves all vectors of a file to those of another model, over any number of attempts, until one commit has them take the place of the
/// old ones.
///
/// The vectors to come stand in a table of their own, beside those in use: until [`switch`](Self::switch) has returned, the file is
/// the old model's, whoever reads or writes it, and whatever is killed meanwhile. What was [put](Self::put) stays there for the next
/// attempt. The file grows by the size of the vectors, and keeps that room for what comes.
///
/// ```
/// use rm_store::{Changes, Item, ItemId, SqliteStore, Store, settings};
///
/// let folder = tempfile::tempdir()?;
/// let store = SqliteStore::open(folder.path().join("memory.db"))?;
/// let item = Item { id: "a".into(), text: "tea".into(), vector: vec![1.0, 0.0], ..Item::default() };
/// store.apply(Changes::new().set(settings::MODEL_FINGERPRINT, "old").put(item, None))?;
///
/// let moving = store.move_to_model("new", 3)?;
/// let missing = moving.look(|next| next.missing_after(ItemId(0), 100))?;
/// moving.put(&missing, &[0.0, 0.6, 0.8])?;
/// assert_eq!(settings::dim(&store)?, Some(2));
/// moving.switch(|_| Ok::<_, rm_store::Error>(Vec::new()))?;
/// assert_eq!(settings::dim(&store)?, Some(3));
/// assert_eq!(store.get("a")?.map(|stored| stored.item.vector), Some(vec![0.0, 0.6, 0.8]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ModelMove<'s> {
    connections: &'s Connections,
    fingerprint: String,
    dim: usize,
}

impl SqliteStore {
    /// Begins to move the vectors of all namespaces to those of the model `fingerprint` with `dim` values, or goes on with it where
    /// that was begun. What was put for any other model is dropped.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::DiskFull`], [`Error::Damaged`], [`Error::Sqlite`].
    pub fn move_to_model(&self, fingerprint: &str, dim: usize) -> Result<ModelMove<'_>> {
        let moving = ModelMove {
            connections: &self.connections,
            fingerprint: fingerprint.to_owned(),
            dim,
        };
        let database = self.connections.writer();
        loop {
            let transaction = database.begin_write_anew()?;
            if moving.is_under_way(&database)? {
                return Ok(moving);
            }
            remove_setting(&database, settings::NEXT_MODEL)?;
            remove_setting(&database, settings::NEXT_DIM)?;
            let is_clear = drop_some(&database)?;
            if is_clear {
                write_setting(&database, settings::NEXT_MODEL, fingerprint)?;
                write_setting(&database, settings::NEXT_DIM, &dim.to_string())?;
            }
            database.named(transaction.commit())?;
            if is_clear {
                return Ok(moving);
            }
        }
    }

    /// Drops what a move to another model has left, unless one is under way: the vectors of the model before, which nobody reads.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::DiskFull`], [`Error::Sqlite`].
    pub fn drop_left_vectors(&self) -> Result<()> {
        let database = self.connections.writer();
        loop {
            let transaction = database.begin_write_anew()?;
            if read_setting(&database, settings::NEXT_MODEL)?.is_some() || drop_some(&database)? {
                return database.named(transaction.commit());
            }
            database.named(transaction.commit())?;
        }
    }
}

impl ModelMove<'_> {
    /// Looks at one state of the vectors to come; others write meanwhile.
    ///
    /// # Errors
    /// Those of `look`.
    pub fn look<T, E: From<Error>>(
        &self,
        look: impl FnOnce(&NextVectors<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let lease = self.connections.reader()?;
        let _same_state = lease.begin_read()?;
        look(&self.next_vectors(&lease))
    }

    /// Gives items their vectors to come, in one transaction: those that still have the text that is given with their keys. `rows`
    /// holds the vectors row-major.
    ///
    /// # Errors
    /// [`Error::MoveOver`], [`Error::Dimension`], [`Error::InvalidVector`], and as [`Transaction::commit`](crate::Transaction::commit).
    pub fn put(&self, texts: &[(ItemId, String)], rows: &[f32]) -> Result<()> {
        let database = self.connections.writer();
        let transaction = database.begin_write_anew()?;
        self.check_under_way(&database)?;
        self.next_vectors(&database).put(texts, rows)?;
        database.named(transaction.commit())
    }

    /// Puts the vectors to come in the place of those in use, in one commit.
    ///
    /// `work` sees the last state, which nobody else changes until this returns, and gives what is to be changed with it in each
    /// namespace, such as its codebook; a namespace that it does not name loses its codebook, whose centroids were those of the other
    /// model. It can make up for what is missing by [`LastState::put`].
    ///
    /// # Errors
    /// [`Error::MoveOver`], [`Error::MoveUnfinished`], those of `work` and of the changes; the file is the old model's then.
    pub fn switch<E: From<Error>>(
        &self,
        work: impl FnOnce(&LastState<'_>) -> std::result::Result<Vec<(String, Changes)>, E>,
    ) -> std::result::Result<(), E> {
        let database = self.connections.writer();
        let transaction = database.begin_write_anew()?;
        self.check_under_way(&database)?;
        let next = self.next_vectors(&database);
        let mut changes = work(&LastState(self.next_vectors(&database)))?;
        if let Some((key, _)) = next.missing_after(ItemId(0), 1)?.first() {
            let (key, to) = (*key, self.fingerprint.clone());
            return Err(Error::MoveUnfinished { key, to }.into());
        }
        for (name, _) in all_namespaces(&database)? {
            if changes.iter().all(|(named, _)| *named != name) {
                let mut cleared = Changes::new();
                cleared.clear_routing();
                changes.push((name, cleared));
            }
        }
        database.named(transaction.execute_batch(EXCHANGE_VECTORS))?;
        write_setting(&database, settings::MODEL_FINGERPRINT, &self.fingerprint)?;
        write_setting(&database, settings::DIM, &self.dim.to_string())?;
        remove_setting(&database, settings::NEXT_MODEL)?;
        remove_setting(&database, settings::NEXT_DIM)?;
        for (name, changes) in &changes {
            apply::apply(&mut SqliteTables::new(&database, name)?, changes)?;
        }
        Ok(database.named(transaction.commit())?)
    }

    fn next_vectors<'d>(&'d self, database: &'d Database) -> NextVectors<'d> {
        NextVectors {
            database,
            fingerprint: &self.fingerprint,
            dim: self.dim,
        }
    }

    fn is_under_way(&self, database: &Database) -> Result<bool> {
        let (to, dim) = (
            read_setting(database, settings::NEXT_MODEL)?,
            read_setting(database, settings::NEXT_DIM)?,
        );
        Ok(to.as_ref() == Some(&self.fingerprint) && dim == Some(self.dim.to_string()))
    }

    /// Refuses to go on where another process has ended the move, or begun one to some other model.
    fn check_under_way(&self, database: &Database) -> Result<()> {
        if self.is_under_way(database)? {
            return Ok(());
        }
        let now = match read_setting(database, settings::NEXT_MODEL)? {
            Some(other) => format!("being moved to {other:?}"),
            None => {
                let model = read_setting(database, settings::MODEL_FINGERPRINT)?;
                format!("of the model {:?}", model.unwrap_or_default())
            }
        };
        let to = self.fingerprint.clone();
        Err(Error::MoveOver { to, now })
    }
}

/// Is the last state before the vectors to come take the place of those in use; derefs to what reads it.
#[derive(Debug)]
pub struct LastState<'d>(NextVectors<'d>);

impl LastState<'_> {
    /// Does as [`ModelMove::put`], as part of the switch.
    ///
    /// # Errors
    /// [`Error::Dimension`], [`Error::InvalidVector`].
    pub fn put(&self, texts: &[(ItemId, String)], rows: &[f32]) -> Result<()> {
        self.0.put(texts, rows)
    }
}

impl<'d> std::ops::Deref for LastState<'d> {
    type Target = NextVectors<'d>;

    fn deref(&self) -> &NextVectors<'d> {
        &self.0
    }
}

/// Drops some of the vectors to come, and returns whether none is left.
fn drop_some(database: &Database) -> Result<bool> {
    let sql = "DELETE FROM next_vectors WHERE key IN (SELECT key FROM next_vectors LIMIT ?1)";
    let dropped = database.execute(sql, [DROPPED_AT_ONCE])?;
    Ok((dropped as i64) < DROPPED_AT_ONCE)
}

fn remove_setting(database: &Database, key: &str) -> Result<()> {
    database
        .execute("DELETE FROM settings WHERE key = ?1", [key])
        .map(drop)
}
