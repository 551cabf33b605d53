//! Rows of each table: what their checksum covers, and how they are read and verified.

use rm_core::{CentroidId, ItemId};
use rusqlite::Row;
use serde_json::{Map, Value};

use super::database::Database;
use crate::checksum::RowChecksum;
use crate::routing::RoutingHeader;
use crate::{CentroidUsage, Item, Result, StoredItem, blob};

/// The columns that [`TextRow`] reads, of the table `items` under the name `i`.
pub(super) const TEXT_COLUMNS: &str =
    "i.key, i.id, i.text, i.metadata, i.created_at_ms, i.updated_at_ms, i.checksum";

/// The columns of a whole item after those of [`TextRow`], and the joins that bring them.
pub(super) const ITEM_COLUMNS: &str = "v.checksum, v.vector, a.centroid, a.checksum";
pub(super) const ITEM_JOINS: &str =
    "LEFT JOIN vectors v ON v.key = i.key LEFT JOIN assignments a ON a.key = i.key";

/// A row of the table `items`: everything but the vector.
pub(super) struct TextRow {
    pub(super) key: i64,
    pub(super) id: String,
    text: String,
    metadata: String,
    created_at_ms: i64,
    updated_at_ms: i64,
    checksum: i64,
}

impl TextRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            id: row.get(1)?,
            text: row.get(2)?,
            metadata: row.get(3)?,
            created_at_ms: row.get(4)?,
            updated_at_ms: row.get(5)?,
            checksum: row.get(6)?,
        })
    }

    pub(super) fn verify(&self, database: &Database) -> Result<()> {
        let sum = text_checksum(
            self.key,
            &self.id,
            &self.text,
            &self.metadata,
            self.created_at_ms,
            self.updated_at_ms,
        );
        verify(database, self.checksum, sum, || {
            format!("the text of item {}", self.key)
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
            vector: row.get::<_, Option<i64>>(7)?.zip(row.get(8)?),
            assignment: row.get::<_, Option<i64>>(9)?.zip(row.get(10)?),
        })
    }

    pub(super) fn verified(self, database: &Database) -> Result<StoredItem> {
        let Self {
            text,
            vector,
            assignment,
        } = self;
        text.verify(database)?;
        let key = text.key;
        let (checksum, bytes) =
            vector.ok_or_else(|| database.damaged(format!("item {key} has no vector")))?;
        let mut vector = Vec::new();
        verify_vector(database, key, checksum, &bytes, &mut vector)?;
        let centroid = assignment
            .map(|(centroid, checksum)| verify_assignment(database, key, centroid, checksum))
            .transpose()?;
        let metadata: Map<String, Value> =
            serde_json::from_str(&text.metadata).map_err(|error| {
                database.damaged(format!(
                    "the metadata of item {key} is no JSON object: {error}"
                ))
            })?;
        Ok(StoredItem {
            key: item_id(key),
            centroid,
            item: Item {
                id: text.id,
                text: text.text,
                metadata,
                vector,
                created_at_ms: text.created_at_ms,
                updated_at_ms: text.updated_at_ms,
            },
        })
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

/// Verifies a row of `assignments`.
pub(super) fn verify_assignment(
    database: &Database,
    key: i64,
    centroid: i64,
    checksum: i64,
) -> Result<CentroidId> {
    verify(
        database,
        checksum,
        assignment_checksum(key, centroid),
        || format!("the assignment of item {key}"),
    )?;
    centroid_id(database, centroid)
}

/// Reads and verifies the row of the table `routing`.
pub(super) fn read_routing_header(database: &Database) -> Result<Option<RoutingHeader>> {
    let row = database.first(
        "SELECT dim, k, trained_on, seed, k_rule, checksum FROM routing",
        [],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        },
    )?;
    let Some((dim, k, trained_on, seed, k_rule, checksum)): Option<(
        i64,
        i64,
        i64,
        i64,
        String,
        i64,
    )> = row
    else {
        return Ok(None);
    };
    let sum = routing_checksum(dim, k, trained_on, seed, &k_rule);
    verify(database, checksum, sum, || "the codebook's header".into())?;
    let out_of_range = || database.damaged(format!("the codebook is said to be {k} x {dim}"));
    Ok(Some(RoutingHeader {
        dim: usize::try_from(dim).map_err(|_| out_of_range())?,
        k: u32::try_from(k).map_err(|_| out_of_range())?,
        trained_on: trained_on.cast_unsigned(),
        seed: seed.cast_unsigned(),
        k_rule,
    }))
}

/// Verifies a row of `centroids`, which must be the next one, appends its vector to `centroids`, and returns its usage.
pub(super) fn append_centroid(
    database: &Database,
    row: &Row<'_>,
    expected_position: usize,
    centroids: &mut Vec<f32>,
) -> Result<CentroidUsage> {
    let read = || {
        let vector = row.get_ref(4)?.as_blob()?;
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, vector))
    };
    let (position, last_used_ms, hits, checksum, bytes): (i64, i64, i64, i64, &[u8]) =
        database.named(read())?;
    let sum = centroid_checksum(position, last_used_ms, hits, bytes);
    verify(database, checksum, sum, || format!("centroid {position}"))?;
    if usize::try_from(position) != Ok(expected_position) {
        return Err(database.damaged(format!(
            "expected centroid {expected_position}, got {position}"
        )));
    }
    blob::append_vector(bytes, centroids).ok_or_else(|| {
        database.damaged(format!("centroid {position} has {} bytes", bytes.len()))
    })?;
    Ok(CentroidUsage {
        last_used_ms,
        hits: hits.cast_unsigned(),
    })
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

pub(super) fn text_checksum(
    key: i64,
    id: &str,
    text: &str,
    metadata: &str,
    created_at_ms: i64,
    updated_at_ms: i64,
) -> i64 {
    RowChecksum::default()
        .number(key)
        .bytes(id.as_bytes())
        .bytes(text.as_bytes())
        .bytes(metadata.as_bytes())
        .number(created_at_ms)
        .number(updated_at_ms)
        .finish()
}

pub(super) fn vector_checksum(key: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default().number(key).bytes(bytes).finish()
}

pub(super) fn assignment_checksum(key: i64, centroid: i64) -> i64 {
    RowChecksum::default().number(key).number(centroid).finish()
}

pub(super) fn routing_checksum(dim: i64, k: i64, trained_on: i64, seed: i64, k_rule: &str) -> i64 {
    RowChecksum::default()
        .number(dim)
        .number(k)
        .number(trained_on)
        .number(seed)
        .bytes(k_rule.as_bytes())
        .finish()
}

pub(super) fn centroid_checksum(position: i64, last_used_ms: i64, hits: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default()
        .number(position)
        .number(last_used_ms)
        .number(hits)
        .bytes(bytes)
        .finish()
}

pub(super) fn packed_checksum(position: i64, bytes: &[u8]) -> i64 {
    RowChecksum::default()
        .number(position)
        .bytes(bytes)
        .finish()
}

pub(super) fn changed_checksum(key: i64) -> i64 {
    RowChecksum::default().number(key).finish()
}

/// Verifies a row of `packed_lists`.
pub(super) fn verify_packed(
    database: &Database,
    position: i64,
    checksum: i64,
    bytes: &[u8],
) -> Result<CentroidId> {
    verify(database, checksum, packed_checksum(position, bytes), || {
        format!("the packed list of centroid {position}")
    })?;
    centroid_id(database, position)
}

/// Verifies a row of `changed_items`.
pub(super) fn verify_changed(database: &Database, key: i64, checksum: i64) -> Result<ItemId> {
    verify(database, checksum, changed_checksum(key), || {
        format!("the note that item {key} has changed")
    })?;
    Ok(item_id(key))
}

pub(super) fn setting_checksum(key: &str, value: &str) -> i64 {
    RowChecksum::default()
        .bytes(key.as_bytes())
        .bytes(value.as_bytes())
        .finish()
}

fn verify(
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
