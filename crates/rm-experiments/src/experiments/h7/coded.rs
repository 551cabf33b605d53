//! What the report says of lists with codes.

use anyhow::Result;

use super::report::{Found, placed};
use super::{FileRow, Measured, StorageRow, parts};
use crate::experiments::recall::RecallRow;
use crate::suite::{Context, Measured as Value, ResultRow};

/// Holds what was measured of lists with codes.
pub(super) struct Coded<'a> {
    pub(super) storage: &'a StorageRow,
    pub(super) file: Option<&'a FileRow>,
    pub(super) recall: Option<&'a RecallRow>,
}

impl<'a> Coded<'a> {
    /// Finds the first coding with codes at the size of `uncoded`, and there the setting of `recall`.
    pub(super) fn of(
        measured: &'a Measured,
        uncoded: &StorageRow,
        recall: Option<&RecallRow>,
    ) -> Option<Self> {
        let place = (uncoded.dataset, uncoded.n_items);
        let mut storage = measured.storage.iter();
        let storage =
            storage.find(|row| (row.dataset, row.n_items) == place && row.coding.is_coded())?;
        let mut files = measured.file.iter();
        let mut recalls = measured.recall.iter();
        Some(Self {
            storage,
            file: files
                .find(|row| (row.dataset, row.n_items) == place && row.coding == storage.coding),
            recall: recalls.find(|row| {
                (row.dataset, row.n_items, row.coding) == (place.0, place.1, storage.coding)
                    && Some(row.n_probes) == recall.map(|recall| recall.n_probes)
            }),
        })
    }

    /// Returns what lists hold, as reports call it.
    pub(super) fn name(&self) -> String {
        self.storage.coding.in_words()
    }
}

/// Says what codes take and give: bytes by part, what the process grows by, and where the time goes.
pub(super) fn rows(
    context: &Context<'_>,
    found: &Found<'_>,
    coded: &Coded<'_>,
) -> Result<Vec<ResultRow>> {
    let (storage, name) = (coded.storage, coded.name());
    let per_item = |bytes: usize| bytes as f64 / storage.n_items as f64;
    let code = per_item(storage.list_code_bytes);
    let mut rows = Vec::new();
    let metric = format!("bytes of an fp32 vector over bytes of its code in the list, {name}");
    let over = Value::exact(storage.vector_bytes_per_item as f64 / code)?;
    let why = format!("{code:.0} bytes an item, from which a scan estimates the score");
    rows.push(placed(context.row(&metric, over), storage).because(&why)?);

    let metric = format!(
        "bytes resident of dense search over those of routing, {name}, vectors in the file"
    );
    let beside = storage.bytes_per_item_without_vectors;
    let why = format!(
        "{beside:.0} bytes an item: codes {code:.0}, ids {:.0}, the table that finds an item by its id {:.0}, centroids and \
         lists {:.0}; vectors of the few that may matter are read from the file, against {} bytes of dense search",
        per_item(storage.id_bytes),
        per_item(storage.place_table_bytes),
        per_item(storage.centroid_bytes + storage.list_head_bytes),
        storage.dense_bytes_per_item,
    );
    let over = Value::exact(storage.dense_bytes_per_item as f64 / beside)?;
    let figure = context.definition().published.figure();
    let row = placed(context.row(&metric, over), storage).against(figure);
    rows.push(row.because(&why)?);

    let growth = coded
        .file
        .and_then(|file| file.resident_growth_bytes_per_item);
    if let Some(growth) = growth {
        let metric = format!("measured_resident_bytes_per_item, {name}, vectors in the file");
        let row = context.row(&metric, Value::exact(growth)?).timing();
        let why = format!(
            "what a new process grows by when it opens the file, {beside:.0} bytes of it counted by part; the rest is mostly \
             what SQLite caches of the file, and a cost of every open file"
        );
        rows.push(placed(row, storage).because(&why)?);
    }
    rows.extend(latency_row(context, found, coded)?);
    Ok(rows)
}

fn latency_row(
    context: &Context<'_>,
    found: &Found<'_>,
    coded: &Coded<'_>,
) -> Result<Option<ResultRow>> {
    let Some(recall) = coded.recall else {
        return Ok(None);
    };
    let setting = (coded.storage.coding, recall.n_probes);
    let p50 = |part| found.p50(setting, part);
    let parts = p50(parts::ROUTE)
        .zip(p50(parts::SCAN_CODES))
        .zip(p50(parts::RERANK));
    let whole = found.time(setting, parts::WHOLE);
    let Some((((route, scan), rerank), whole)) = parts.zip(whole) else {
        return Ok(None);
    };
    let why = format!(
        "one core, vector given, R@{} {:.3}, p95 {:.3} ms, p99 {:.3} ms: {route:.3} ms to route, {scan:.3} to scan the \
         codes, {rerank:.3} to compute {:.0} exact scores",
        recall.top_k, recall.recall_vs_dense, whole.p95_ms, whole.p99_ms, recall.mean_reranked
    );
    let metric = format!("p50_ms, {}", coded.name());
    let row = context.row(&metric, Value::exact(whole.p50_ms)?).timing();
    let row = placed(row, coded.storage).n_probes(recall.n_probes as u64);
    Ok(Some(row.because(&why)?))
}
