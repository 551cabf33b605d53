//! What a set of changes means, told once for every store.

use rm_core::{CentroidId, ItemId};

use crate::changes::Change;
use crate::changes_since::Logged;
use crate::routing::{RoutingHeader, check_centroid};
use crate::settings::{self, parse_dim};
use crate::{
    Applied, CentroidUsage, Changes, Error, Item, Put, Result, RoutingState, RoutingUpdate,
};

/// Records that the log keeps at least: who is further behind reads everything anew, which takes about as long.
const LOG_KEPT: u64 = 16_384;

/// The log is shortened once in so many records.
const LOG_SHORTENED_EVERY: u64 = 4_096;

/// The primitive writes to one namespace of a store, from which every change is made. The caller makes them atomic.
pub(crate) trait Tables {
    fn setting(&self, key: &str) -> Result<Option<String>>;
    fn set_setting(&mut self, key: &str, value: &str) -> Result<()>;

    /// Returns key and creation time of the item `id`.
    fn find(&self, id: &str) -> Result<Option<(ItemId, i64)>>;
    fn has_item(&self, key: ItemId) -> Result<bool>;
    /// Inserts an item, unless there is one with its id.
    fn insert_item(&mut self, item: &Item) -> Result<Inserted>;
    /// Overwrites the item `key`, which exists.
    fn replace_item(&mut self, key: ItemId, created_at_ms: i64, item: &Item) -> Result<()>;
    /// Deletes the item with its vector and assignment, and returns whether it was there.
    fn delete_item(&mut self, key: ItemId) -> Result<bool>;

    /// Assigns the item `key`, which exists.
    fn assign(&mut self, key: ItemId, centroid: Option<CentroidId>) -> Result<()>;
    fn unassign_all(&mut self) -> Result<()>;
    /// Returns an item whose centroid is `k` or more.
    fn assigned_past(&self, k: u32) -> Result<Option<(ItemId, CentroidId)>>;

    fn routing_header(&self) -> Result<Option<RoutingHeader>>;
    /// Overwrites the header, or removes it.
    fn set_routing_header(&mut self, header: Option<&RoutingHeader>) -> Result<()>;
    fn put_centroid(&mut self, id: CentroidId, vector: &[f32], usage: CentroidUsage) -> Result<()>;
    /// Drops the centroids from position `k` on.
    fn truncate_centroids(&mut self, k: u32) -> Result<()>;
    fn centroid_count(&self) -> Result<u64>;

    /// Adds to the usage of a centroid, where there is one.
    fn add_usage(&mut self, id: CentroidId, usage: CentroidUsage) -> Result<()>;

    fn put_packed(&mut self, id: CentroidId, list: &[u8]) -> Result<()>;
    /// Drops the packed lists from position `k` on.
    fn truncate_packed(&mut self, k: u32) -> Result<()>;
    /// Returns a centroid of `k` or more that has a packed list.
    fn packed_past(&self, k: u32) -> Result<Option<CentroidId>>;

    /// Removes every item with its vector and assignment.
    fn clear_items(&mut self) -> Result<()>;

    /// Returns the revision of the last record in the log, 0 where there has been none.
    fn revision(&self) -> Result<u64>;
    fn log(&mut self, revision: u64, record: Logged) -> Result<()>;
    /// Drops the records up to one.
    fn shorten_log(&mut self, up_to: u64) -> Result<()>;

    /// Writes what was put off until everything else was written.
    fn finish(&mut self) -> Result<()>;
}

/// What came of an item that was to be inserted.
pub(crate) enum Inserted {
    /// It has this key now.
    New(ItemId),
    /// There is an item with its id: this is its key, and when it was first added.
    Taken(ItemId, i64),
}

/// Carries out `changes` on `tables`. After an error the tables are half changed, and the caller takes that back.
pub(crate) fn apply<T: Tables>(tables: &mut T, changes: &Changes) -> Result<Applied> {
    let dim = tables
        .setting(settings::DIM)?
        .as_deref()
        .map(parse_dim)
        .transpose()?;
    let packed_at = tables.routing_header()?.and_then(|header| header.packed_at);
    let revision = tables.revision()?;
    let mut application = Application {
        tables,
        dim,
        began_at: revision,
        revision,
        packed_at,
        packed_changed: false,
        cleared_at: None,
        largest_assigned: None,
        routing_changed: false,
        applied: Applied::default(),
    };
    for change in &changes.steps {
        application.step(change)?;
    }
    application.finish()
}

struct Application<'t, T> {
    tables: &'t mut T,
    dim: Option<usize>,
    /// The revision before any of the changes.
    began_at: u64,
    /// The revision so far.
    revision: u64,
    /// The revision at which lists were packed, where they are.
    packed_at: Option<u64>,
    packed_changed: bool,
    /// The revision with which the namespace was cleared, if it was.
    cleared_at: Option<u64>,
    /// The largest centroid that an item was assigned to.
    largest_assigned: Option<CentroidId>,
    routing_changed: bool,
    applied: Applied,
}

impl<T: Tables> Application<'_, T> {
    fn step(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::Put(item, centroid) => self.put(item, *centroid, false),
            Change::Restore(item, centroid) => self.put(item, *centroid, true),
            Change::Delete(id) => {
                let key = self.tables.find(id)?.map(|(key, _)| key);
                self.delete(key)
            }
            Change::DeleteKey(key) => self.delete(Some(*key)),
            Change::Assign(key, centroid) => self.assign(*key, *centroid),
            Change::ReplaceRouting(state, assignments) => self.replace_routing(state, assignments),
            Change::UpdateRouting(update) => self.update_routing(update),
            Change::ClearRouting => self.clear_routing(),
            Change::AddUsage(usage) => {
                let mut usage = usage.iter();
                usage.try_for_each(|(id, usage)| self.tables.add_usage(*id, *usage))
            }
            Change::Clear => {
                self.tables.clear_items()?;
                self.clear_routing()?;
                self.cleared_at = Some(self.revision);
                Ok(())
            }
            Change::PackLists(lists) => self.pack_lists(lists),
            Change::DropPacked => self.drop_packed(),
            Change::Set(key, value) => self.set(key, value),
        }
    }

    /// Puts an item; `as_given` has it keep its own time of creation and not that of the one it replaces.
    fn put(&mut self, item: &Item, centroid: Option<CentroidId>, as_given: bool) -> Result<()> {
        item.check()?;
        self.fix_dim(item.vector.len(), || {
            format!("the vector of item {:?}", item.id)
        })?;
        let (key, replaced) = match self.tables.insert_item(item)? {
            Inserted::New(key) => (key, false),
            Inserted::Taken(key, created_at_ms) => {
                let created_at_ms = if as_given {
                    item.created_at_ms
                } else {
                    created_at_ms
                };
                self.tables.replace_item(key, created_at_ms, item)?;
                (key, true)
            }
        };
        self.tables.assign(key, centroid)?;
        self.log(Logged::Item(key))?;
        self.largest_assigned = self.largest_assigned.max(centroid);
        self.applied.put.push(Put { key, replaced });
        Ok(())
    }

    fn delete(&mut self, key: Option<ItemId>) -> Result<()> {
        let deleted = match key {
            Some(key) if self.tables.delete_item(key)? => Some(key),
            _ => None,
        };
        if let Some(key) = deleted {
            self.log(Logged::Item(key))?;
        }
        self.applied.deleted.push(deleted);
        Ok(())
    }

    fn assign(&mut self, key: ItemId, centroid: CentroidId) -> Result<()> {
        self.move_item(key, centroid)?;
        self.log(Logged::Item(key))
    }

    fn move_item(&mut self, key: ItemId, centroid: CentroidId) -> Result<()> {
        if !self.tables.has_item(key)? {
            return Err(Error::UnknownItem { key });
        }
        self.largest_assigned = self.largest_assigned.max(Some(centroid));
        self.tables.assign(key, Some(centroid))
    }

    fn replace_routing(
        &mut self,
        state: &RoutingState,
        assignments: &[(ItemId, CentroidId)],
    ) -> Result<()> {
        let header = state.check()?;
        self.clear_routing()?;
        self.fix_dim(state.dim, || "the codebook".into())?;
        self.tables.set_routing_header(Some(&header))?;
        for (id, vector, usage) in state.rows() {
            self.tables.put_centroid(id, vector, usage)?;
        }
        for &(key, centroid) in assignments {
            self.move_item(key, centroid)?;
        }
        Ok(())
    }

    fn update_routing(&mut self, update: &RoutingUpdate) -> Result<()> {
        let Some(mut header) = self.tables.routing_header()? else {
            return Err(Error::InvalidRouting {
                expected: "a stored codebook to update".into(),
                got: "none; replace it first".into(),
            });
        };
        if update.k == 0 {
            return Err(Error::InvalidRouting {
                expected: "at least one centroid".into(),
                got: "none; clear the routing instead".into(),
            });
        }
        header.k = update.k;
        self.tables.set_routing_header(Some(&header))?;
        for row in &update.changed {
            check_centroid(row.id, &row.vector, header.dim)?;
            if row.id.0 >= update.k {
                return Err(Error::InvalidRouting {
                    expected: format!("changed centroids below {}", update.k),
                    got: format!("centroid {}", row.id),
                });
            }
            self.tables.put_centroid(row.id, &row.vector, row.usage)?;
        }
        self.tables.truncate_centroids(update.k)?;
        self.tables.truncate_packed(update.k)?;
        self.routing_changed = true;
        self.log(Logged::Updated)
    }

    fn clear_routing(&mut self) -> Result<()> {
        self.routing_changed = true;
        self.drop_packed()?;
        self.tables.unassign_all()?;
        self.tables.truncate_centroids(0)?;
        self.tables.set_routing_header(None)?;
        self.log(Logged::Replaced)
    }

    fn pack_lists(&mut self, lists: &[(CentroidId, Vec<u8>)]) -> Result<()> {
        for (id, list) in lists {
            self.tables.put_packed(*id, list)?;
        }
        if self.packed_at.is_some() || !lists.is_empty() {
            self.packed_at = Some(self.revision);
            self.packed_changed = true;
        }
        self.routing_changed = true;
        Ok(())
    }

    fn drop_packed(&mut self) -> Result<()> {
        if self.packed_at.take().is_some() {
            self.packed_changed = true;
            self.tables.truncate_packed(0)?;
        }
        Ok(())
    }

    /// Notes a change, for other processes and for lists that were packed before it.
    fn log(&mut self, record: Logged) -> Result<()> {
        self.revision += 1;
        self.tables.log(self.revision, record)
    }

    /// Drops the records that nobody needs any more.
    fn shorten_log(&mut self) -> Result<()> {
        let needed = self.packed_at.unwrap_or(self.revision);
        let periods = |revision| revision / LOG_SHORTENED_EVERY;
        if let Some(cleared_at) = self.cleared_at {
            // The items that went are not listed: whoever has not seen this one is to read everything anew.
            self.tables.shorten_log(needed.min(cleared_at))?;
        } else if periods(self.revision) > periods(self.began_at) {
            let kept = self.revision.saturating_sub(LOG_KEPT);
            self.tables.shorten_log(needed.min(kept))?;
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        if key == settings::DIM {
            let dim = parse_dim(value)?;
            return self.fix_dim(dim, || format!("setting {:?}", settings::DIM));
        }
        self.tables.set_setting(key, value)
    }

    /// Holds `dim` against the dimension of the store, which the first comer fixes.
    fn fix_dim(&mut self, dim: usize, of: impl FnOnce() -> String) -> Result<()> {
        match self.dim {
            Some(expected) if expected != dim => Err(Error::Dimension {
                of: of(),
                expected,
                got: dim,
            }),
            Some(_) => Ok(()),
            None => {
                self.dim = Some(dim);
                self.tables.set_setting(settings::DIM, &dim.to_string())
            }
        }
    }

    /// Asks what can only be asked at the end: that the codebook has no gaps, and that every assigned centroid exists.
    fn finish(mut self) -> Result<Applied> {
        let header = self.tables.routing_header()?;
        let k = header.as_ref().map_or(0, |header| header.k);
        // A change of items alone looks at no other: it costs the same however many there are.
        let is_past = self.largest_assigned.is_some_and(|largest| largest.0 >= k);
        if (is_past || self.routing_changed)
            && let Some((key, centroid)) = self.tables.assigned_past(k)?
        {
            return Err(Error::UnknownCentroid { key, centroid, k });
        }
        if self.routing_changed {
            let stored = self.tables.centroid_count()?;
            if stored != u64::from(k) {
                return Err(Error::InvalidRouting {
                    expected: format!("{k} centroids, those that are new among the changed ones"),
                    got: format!("{stored}"),
                });
            }
            if let Some(centroid) = self.tables.packed_past(k)? {
                return Err(Error::InvalidRouting {
                    expected: format!("packed lists of centroids below {k}"),
                    got: format!("one of centroid {centroid}"),
                });
            }
        }
        if self.packed_changed
            && let Some(header) = header
        {
            let packed_at = self.packed_at;
            let header = RoutingHeader {
                packed_at,
                ..header
            };
            self.tables.set_routing_header(Some(&header))?;
        }
        self.shorten_log()?;
        self.tables.finish()?;
        self.applied.revision = self.revision;
        Ok(self.applied)
    }
}
