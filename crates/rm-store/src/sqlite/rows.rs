//! Rows of items, codebook, lists and log: how they are read and verified.

use rm_core::{CentroidId, ItemId};
use rusqlite::Row;
use serde_json::{Map, Value};

use super::assignments::verify_assignment;
use super::database::Database;
use super::row_checksums::{
    centroid_checksum, log_checksum, packed_checksum, routing_checksum, text_checksum,
    vector_checksum,
};
use crate::changes_since::Logged;
use crate::namespace::NamespaceId;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Item, Result, StoredItem, blob};

/// The columns that [`TextRow`] reads, of the table `items` under the name `i`.
pub(super) const TEXT_COLUMNS: &str = "i.key, i.namespace, i.id, i.text, i.metadata, i.created_at_ms, i.updated_at_ms, i.expires_at_ms, i.importance, i.pinned, i.checksum";

/// The columns of a whole item after those of [`TextRow`], and the joins that bring them.
pub(super) const ITEM_COLUMNS: &str = "v.checksum, v.vector, a.centroid, a.checksum";
pub(super) const ITEM_JOINS: &str =
    "LEFT JOIN vectors v ON v.key = i.key LEFT JOIN assignments a ON a.key = i.key";

/// A row of the table `items`: everything but the vector.
pub(super) struct TextRow {
    pub(super) key: i64,
    namespace: i64,
    pub(super) id: String,
    text: String,
    metadata: String,
    created_at_ms: i64,
    updated_at_ms: i64,
    keeping: Keeping,
    checksum: i64,
}

/// How long an item is to be kept, and how dearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Keeping {
    pub(super) expires_at_ms: Option<i64>,
    pub(super) importance: f32,
    pub(super) pinned: bool,
}

impl Keeping {
    pub(super) fn of(item: &Item) -> Self {
        Self {
            expires_at_ms: item.expires_at_ms,
            importance: item.importance,
            pinned: item.pinned,
        }
    }

    /// Is what an item has of which nothing was said, as of those written before this could be.
    pub(super) fn is_default(self) -> bool {
        self == Self::of(&Item::default())
    }
}

impl TextRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            namespace: row.get(1)?,
            id: row.get(2)?,
            text: row.get(3)?,
            metadata: row.get(4)?,
            created_at_ms: row.get(5)?,
            updated_at_ms: row.get(6)?,
            keeping: Keeping {
                expires_at_ms: row.get(7)?,
                importance: row.get(8)?,
                pinned: row.get(9)?,
            },
            checksum: row.get(10)?,
        })
    }

    pub(super) fn verify(&self, database: &Database) -> Result<()> {
        let sum = text_checksum(
            self.key,
            &self.id,
            &self.text,
            &self.metadata,
            [self.created_at_ms, self.updated_at_ms],
            self.keeping,
        );
        verify(database, self.checksum, sum, || {
            format!("the text of item {}", self.key)
        })?;
        if NamespaceId::of_key(self.key).map(NamespaceId::number) != Some(self.namespace) {
            let (key, namespace) = (self.key, self.namespace);
            let what = format!("item {key} is said to be in namespace {namespace}");
            return Err(database.damaged(what));
        }
        Ok(())
    }
}

impl TextRow {
    /// Returns the item, whose vector and centroid stand elsewhere.
    pub(super) fn verified(self, database: &Database) -> Result<StoredItem> {
        self.verify(database)?;
        let key = self.key;
        let metadata: Map<String, Value> =
            serde_json::from_str(&self.metadata).map_err(|error| {
                database.damaged(format!(
                    "the metadata of item {key} is no JSON object: {error}"
                ))
            })?;
        Ok(StoredItem {
            key: item_id(key),
            centroid: None,
            item: Item {
                id: self.id,
                text: self.text,
                metadata,
                vector: Vec::new(),
                created_at_ms: self.created_at_ms,
                updated_at_ms: self.updated_at_ms,
                expires_at_ms: self.keeping.expires_at_ms,
                importance: self.keeping.importance,
                pinned: self.keeping.pinned,
            },
        })
    }
}

/// A row of `items` with its vector and assignment.
pub(super) struct ItemRow {
    text: TextRow,
    vector: Option<(i64, Vec<u8>)>,
    assignment: Option<(i64, i64)>,
}

impl ItemRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            text: TextRow::read(row)?,
            vector: row.get::<_, Option<i64>>(11)?.zip(row.get(12)?),
            assignment: row.get::<_, Option<i64>>(13)?.zip(row.get(14)?),
        })
    }

    pub(super) fn verified(self, database: &Database) -> Result<StoredItem> {
        let Self {
            text,
            vector,
            assignment,
        } = self;
        let mut stored = text.verified(database)?;
        let key = stored.key.0.cast_signed();
        let (checksum, bytes) =
            vector.ok_or_else(|| database.damaged(format!("item {key} has no vector")))?;
        verify_vector(database, key, checksum, &bytes, &mut stored.item.vector)?;
        let (centroid, checksum) =
            assignment.ok_or_else(|| database.damaged(format!("item {key} has no assignment")))?;
        stored.centroid = verify_assignment(database, key, centroid, checksum)?;
        Ok(stored)
    }
}

/// Verifies a row of `vectors` and replaces the content of `vector` with it.
pub(super) fn verify_vector(
    database: &Database,
    key: i64,
    checksum: i64,
    bytes: &[u8],
    vector: &mut Vec<f32>,
) -> Result<()> {
    vector.clear();
    append_vector(database, key, checksum, bytes, vector)
}

/// Verifies a row of `vectors` and appends it to `rows`.
pub(super) fn append_vector(
    database: &Database,
    key: i64,
    checksum: i64,
    bytes: &[u8],
    rows: &mut Vec<f32>,
) -> Result<()> {
    verify(database, checksum, vector_checksum(key, bytes), || {
        format!("the vector of item {key}")
    })?;
    blob::append_vector(bytes, rows).ok_or_else(|| {
        database.damaged(format!(
            "the vector of item {key} has {} bytes",
            bytes.len()
        ))
    })
}

/// Reads and verifies the row of a namespace in the table `routing`.
pub(super) fn read_routing_header(
    database: &Database,
    namespace: NamespaceId,
) -> Result<Option<RoutingHeader>> {
    struct Row {
        dim: i64,
        k: i64,
        trained_on: i64,
        seed: i64,
        k_rule: String,
        packed_at: Option<i64>,
        checksum: i64,
    }
    let number = namespace.number();
    let sql = "SELECT dim, k, trained_on, seed, k_rule, packed_at, checksum FROM routing WHERE namespace = ?1";
    let row = database.first(sql, [number], |row| {
        Ok(Row {
            dim: row.get(0)?,
            k: row.get(1)?,
            trained_on: row.get(2)?,
            seed: row.get(3)?,
            k_rule: row.get(4)?,
            packed_at: row.get(5)?,
            checksum: row.get(6)?,
        })
    })?;
    let Some(row) = row else {
        return Ok(None);
    };
    let Row { dim, k, .. } = row;
    let out_of_range = || database.damaged(format!("the codebook is said to be {k} x {dim}"));
    let header = RoutingHeader {
        dim: usize::try_from(dim).map_err(|_| out_of_range())?,
        k: u32::try_from(k).map_err(|_| out_of_range())?,
        trained_on: row.trained_on.cast_unsigned(),
        seed: row.seed.cast_unsigned(),
        k_rule: row.k_rule,
        packed_at: row.packed_at.map(i64::cast_unsigned),
    };
    let sum = routing_checksum(number, dim, &header);
    verify(database, row.checksum, sum, || {
        "the codebook's header".into()
    })?;
    Ok(Some(header))
}

/// Verifies a row of `centroids`, which must be the next one, appends its vector to `centroids`, and returns its usage.
pub(super) fn append_centroid(
    database: &Database,
    row: &Row<'_>,
    expected: i64,
    centroids: &mut Vec<f32>,
) -> Result<CentroidUsage> {
    let read = || {
        let vector = row.get_ref(4)?.as_blob()?;
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, vector))
    };
    let (position, last_used_ms, hits, checksum, bytes): (i64, i64, i64, i64, &[u8]) =
        database.named(read())?;
    verify_centroid(database, position, last_used_ms, hits, checksum, bytes)?;
    if position != expected {
        return Err(database.damaged(format!("expected centroid {expected}, got {position}")));
    }
    blob::append_vector(bytes, centroids).ok_or_else(|| {
        database.damaged(format!("centroid {position} has {} bytes", bytes.len()))
    })?;
    Ok(CentroidUsage {
        last_used_ms,
        hits: hits.cast_unsigned(),
    })
}

/// Verifies a row of `centroids`.
pub(super) fn verify_centroid(
    database: &Database,
    row: i64,
    last_used_ms: i64,
    hits: i64,
    checksum: i64,
    bytes: &[u8],
) -> Result<()> {
    let sum = centroid_checksum(row, last_used_ms, hits, bytes);
    verify(database, checksum, sum, || format!("centroid {row}"))
}

/// Returns the key as its users see it; SQLite's integers are signed, and ours start at 1.
pub(super) fn item_id(key: i64) -> ItemId {
    ItemId(key.cast_unsigned())
}

pub(super) fn centroid_id(database: &Database, centroid: i64) -> Result<CentroidId> {
    let position = u32::try_from(centroid);
    position
        .map(CentroidId)
        .map_err(|_| database.damaged(format!("{centroid} is no position of a centroid")))
}

/// Verifies a row of `packed_lists`.
pub(super) fn verify_packed(
    database: &Database,
    namespace: NamespaceId,
    row: i64,
    checksum: i64,
    bytes: &[u8],
) -> Result<CentroidId> {
    verify(database, checksum, packed_checksum(row, bytes), || {
        format!("the packed list of centroid {row}")
    })?;
    position(database, namespace, row)
}

/// Verifies a row of `log`.
pub(super) fn verify_logged(
    database: &Database,
    revision: i64,
    record: i64,
    checksum: i64,
) -> Result<Logged> {
    verify(database, checksum, log_checksum(revision, record), || {
        format!("record {revision} of the log")
    })?;
    Ok(Logged::from_number(record))
}

/// Returns the centroid that a row is of.
pub(super) fn position(
    database: &Database,
    namespace: NamespaceId,
    row: i64,
) -> Result<CentroidId> {
    let found = namespace.centroid_at(row);
    found.ok_or_else(|| database.damaged(format!("{row} is no row of a centroid")))
}

pub(super) fn verify(
    database: &Database,
    stored: i64,
    computed: i64,
    what: impl FnOnce() -> String,
) -> Result<()> {
    if stored == computed {
        return Ok(());
    }
    Err(database.damaged(format!("{} does not match its checksum", what())))
}
