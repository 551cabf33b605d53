//! Reading the original's tables, row by row, with every value checked.

use std::collections::HashMap;

use rm_core::CentroidId;
use rusqlite::Row;
use rusqlite::types::{Type, ValueRef};
use serde_json::{Map, Value};

use super::assignments::Assignments;
use super::{K_RULE, PythonOriginal, SEED};
use crate::item::vector_fault;
use crate::sqlite::Database;
use crate::{CentroidUsage, Error, Item, Result, RoutingState, blob};

/// Reads `created_at`, UTC text with or without fractions of a second, as milliseconds since 1970.
const CREATED_AT_MS: &str = "CASE typeof(created_at) WHEN 'text'
    THEN CAST(round((julianday(created_at) - 2440587.5) * 86400000.0) AS INTEGER) END";

pub(super) fn read(database: &Database) -> Result<PythonOriginal> {
    let _same_state = database.begin_read()?;
    let mut repairs = Vec::new();
    let mut items = read_items(database, &mut repairs)?;
    let dim = items.first().map(|(item, _)| item.vector.len());
    let routing = read_codebook(database, dim, &mut items, &mut repairs)?;
    Ok(PythonOriginal {
        items,
        routing,
        repairs,
    })
}

fn read_items(
    database: &Database,
    repairs: &mut Vec<String>,
) -> Result<Vec<(Item, Option<CentroidId>)>> {
    let sql = format!(
        "SELECT id, text, embedding, metadata, {CREATED_AT_MS}, created_at FROM rm_items ORDER BY created_at, rowid"
    );
    let mut statement = database.prepare(&sql)?;
    let mut rows = database.named(statement.query([]))?;
    let mut items: Vec<(Item, Option<CentroidId>)> = Vec::new();
    while let Some(row) = database.named(rows.next())? {
        let item = read_item(database, row, repairs)?;
        if let Some((first, _)) = items.first()
            && first.vector.len() != item.vector.len()
        {
            let expected = format!(
                "an embedding of {} values, as in item {:?}",
                first.vector.len(),
                first.id
            );
            return Err(fault(
                database,
                item_row(&item.id),
                &expected,
                item.vector.len(),
            ));
        }
        items.push((item, None));
    }
    refuse_duplicates(database, &items)?;
    Ok(items)
}

fn read_item(database: &Database, row: &Row<'_>, repairs: &mut Vec<String>) -> Result<Item> {
    let id = text(
        database,
        row,
        0,
        || "a row of rm_items".into(),
        "a text as id",
    )?;
    let row_name = || item_row(&id);
    let item_text = text(database, row, 1, row_name, "a text")?;
    let vector = read_vector(database, row, 2, row_name)?;
    if let Some(found) = vector_fault(&vector) {
        return Err(fault(
            database,
            row_name(),
            "finite values, not all zero, as embedding",
            found,
        ));
    }
    let metadata = read_metadata(database, row, &id, repairs)?;
    let created_at_ms: Option<i64> = database.named(row.get(4))?;
    let Some(created_at_ms) = created_at_ms else {
        let got = describe(database.named(row.get_ref(5))?);
        return Err(fault(
            database,
            row_name(),
            "a date and time in UTC as created_at",
            got,
        ));
    };
    let item = Item {
        text: item_text,
        metadata,
        vector,
        created_at_ms,
        updated_at_ms: created_at_ms,
        id: id.clone(),
        ..Item::default()
    };
    item.check()?;
    Ok(item)
}

fn read_metadata(
    database: &Database,
    row: &Row<'_>,
    id: &str,
    repairs: &mut Vec<String>,
) -> Result<Map<String, Value>> {
    let value = database.named(row.get_ref(3))?;
    if matches!(value, ValueRef::Null | ValueRef::Text(b"")) {
        repairs.push(format!("item {id:?} had no metadata, taken as {{}}"));
        return Ok(Map::new());
    }
    let json = text(database, row, 3, || item_row(id), "metadata as JSON text")?;
    match serde_json::from_str(&json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(fault(
            database,
            item_row(id),
            "a JSON object as metadata",
            json,
        )),
        Err(error) => Err(fault(
            database,
            item_row(id),
            "JSON as metadata",
            format!("{json} ({error})"),
        )),
    }
}

fn refuse_duplicates(database: &Database, items: &[(Item, Option<CentroidId>)]) -> Result<()> {
    let mut seen = HashMap::with_capacity(items.len());
    for (position, (item, _)) in items.iter().enumerate() {
        if let Some(first) = seen.insert(item.id.as_str(), position) {
            let got = format!(
                "it as number {} and number {} of the items",
                first + 1,
                position + 1
            );
            return Err(fault(database, item_row(&item.id), "each id once", got));
        }
    }
    Ok(())
}

/// Reads the codebook, and gives the items their centroids.
fn read_codebook(
    database: &Database,
    dim: Option<usize>,
    items: &mut [(Item, Option<CentroidId>)],
    repairs: &mut Vec<String>,
) -> Result<Option<RoutingState>> {
    // Creating its tables is two steps to the original, so the second table can be missing.
    let exists = "SELECT 1 FROM sqlite_schema WHERE name = 'rm_codebook'";
    if database.first(exists, [], |_| Ok(()))?.is_none() {
        return Ok(None);
    }
    let updated_at_ms = CREATED_AT_MS.replace("created_at", "updated_at");
    let sql = format!("SELECT centroids, assignments, {updated_at_ms} FROM rm_codebook");
    let mut statement = database.prepare(&sql)?;
    let mut rows = database.named(statement.query([]))?;
    let Some(row) = database.named(rows.next())? else {
        return Ok(None);
    };
    let Some(dim) = dim else {
        repairs.push("the codebook had no items, left out".into());
        return Ok(None);
    };
    let row_name = || "rm_codebook".to_owned();
    let centroids = read_vector(database, row, 0, row_name)?;
    if !centroids.len().is_multiple_of(dim) {
        let got = format!("{} values", centroids.len());
        return Err(fault(
            database,
            row_name(),
            &format!("centroids in rows of {dim} values"),
            got,
        ));
    }
    if let Some(position) = centroids.iter().position(|value| !value.is_finite()) {
        let got = format!("{} in centroid {}", centroids[position], position / dim);
        return Err(fault(database, row_name(), "finite centroids", got));
    }
    let k = centroids.len() / dim;
    if k == 0 {
        repairs.push("the codebook had no centroids, left out".into());
        return Ok(None);
    }
    let json = text(database, row, 1, row_name, "assignments as JSON text")?;
    let assignments = Assignments::parse(&json, k)
        .map_err(|fit| fault(database, row_name(), &fit.expected, fit.got))?;
    let trained_on = assignments.give_to(items, repairs);
    let last_used_ms = database.named(row.get::<_, Option<i64>>(2))?.unwrap_or(0);
    let usage = vec![
        CentroidUsage {
            last_used_ms,
            hits: 0
        };
        k
    ];
    Ok(Some(RoutingState {
        dim,
        centroids,
        usage,
        trained_on,
        seed: SEED,
        k_rule: K_RULE.into(),
    }))
}

fn read_vector(
    database: &Database,
    row: &Row<'_>,
    column: usize,
    row_name: impl Fn() -> String,
) -> Result<Vec<f32>> {
    const EXPECTED: &str = "a blob of 4-byte floats";
    match database.named(row.get_ref(column))? {
        ValueRef::Blob(bytes) => blob::to_vector(bytes).ok_or_else(|| {
            fault(
                database,
                row_name(),
                EXPECTED,
                format!("{} bytes", bytes.len()),
            )
        }),
        other => Err(fault(database, row_name(), EXPECTED, describe(other))),
    }
}

fn text(
    database: &Database,
    row: &Row<'_>,
    column: usize,
    row_name: impl Fn() -> String,
    expected: &str,
) -> Result<String> {
    let value = database.named(row.get_ref(column))?;
    match value {
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map_err(|error| fault(database, row_name(), expected, error)),
        other => Err(fault(database, row_name(), expected, describe(other))),
    }
}

fn describe(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => format!("{} of {} bytes", Type::Blob, bytes.len()),
    }
}

fn item_row(id: &str) -> String {
    format!("item {id:?} in rm_items")
}

fn fault(database: &Database, row: String, expected: &str, got: impl ToString) -> Error {
    Error::Legacy {
        path: database.path().to_owned(),
        row,
        expected: expected.to_owned(),
        got: got.to_string(),
    }
}
