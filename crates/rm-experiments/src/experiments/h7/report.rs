//! What H7 makes of its measurements: rows and words.

use anyhow::Result;

use super::coded::{self, Coded};
use super::plots::plots;
use super::{ByTextRow, FileRow, LatencyRow, Measured, Parameters, StorageRow, by_text, parts};
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::experiments::recall::RecallRow;
use crate::output::text::grouped;
use crate::suite::{Context, Measured as Value, Outcome, ResultRow, RowBuilder, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut answers = Vec::new();
    for storage in largest(measured) {
        let found = Found::of(measured, storage);
        outcome.rows.extend(rows(context, &found)?);
        outcome.plots.extend(plots(context, measured, &found)?);
        answers.push(answer(&found));
        if outcome.notes.losses.is_empty() {
            outcome.notes.losses.push(bytes(&found));
        }
    }
    outcome.notes.answer = answers.join(" ");
    outcome.notes.settings = settings(parameters);
    outcome.notes.remarks = remarks(parameters);
    Ok(outcome)
}

fn settings(parameters: &Parameters) -> Vec<Setting> {
    let codings = parameters.codings.iter().map(|coding| coding.in_words());
    vec![
        Setting::new("sizes of real text", format!("{:?}", parameters.sizes)),
        Setting::new(
            "sizes of generated text",
            format!("{:?}", parameters.sizes_generated),
        ),
        Setting::new("K rule", &parameters.k_rule),
        Setting::new("lists", codings.collect::<Vec<_>>().join("; ")),
        Setting::new(
            "probes n, vector given",
            format!("{:?}", parameters.n_probes),
        ),
        Setting::new(
            "timed queries",
            format!(
                "{} one at a time on one core, {} by text on one thread and on all",
                parameters.n_timed, parameters.n_timed_by_text
            ),
        ),
        Setting::new(
            "resident, counted",
            "as the index counts itself: centroids, vectors, codes, 8 bytes of id in the lists, the lists' heads, and the \
             hash table that finds an item by its id",
        ),
        Setting::new(
            "resident, measured",
            "what a new process grows by when it opens the memory's file; the model is not loaded",
        ),
    ]
}

fn remarks(parameters: &Parameters) -> Vec<String> {
    let mut remarks = [
        "Lists without codes hold whole vectors, so that scanning is the exact comparison; over codes the time of the scan \
         is that of a search that keeps nothing, and the rerank is what a whole search takes beyond it.",
        "A search by text has the product's defaults: 3 lists, but at least 1,000 items compared, and from 20,000 items on \
         codes in memory (of four bits a component up to 250,000 items, of one beyond) and at least 20,000 of them compared. \
         Only adaptation is switched off; by default every 50th search waits for one cycle of it, the first of which is \
         timed for itself.",
        "The questions asked of reddit are the first 300 characters of a post, several times as long as what a \
         person asks; those of agent-memories are one sentence.",
        "The embedding model is one cost for a process, whatever the number of items, and is not counted.",
    ]
    .map(str::to_owned)
    .to_vec();
    let largest = |sizes: &[usize]| sizes.iter().copied().max().unwrap_or(0);
    let (real, generated) = (
        largest(&parameters.sizes),
        largest(&parameters.sizes_generated),
    );
    if generated < real {
        remarks.push(format!(
            "Generated text goes to {} items and not to {}, to spare the time that embedding more of it takes.",
            grouped(generated as u64),
            grouped(real as u64)
        ));
    }
    remarks
}

/// Returns the storage of each data set at its largest size, in lists without codes.
fn largest(measured: &Measured) -> Vec<&StorageRow> {
    let mut largest: Vec<&StorageRow> = Vec::new();
    let uncoded = measured.storage.iter();
    for row in uncoded.filter(|row| row.coding == ListCoding::Exact) {
        match largest
            .iter_mut()
            .find(|known| known.dataset == row.dataset)
        {
            Some(known) if known.n_items < row.n_items => *known = row,
            Some(_) => {}
            None => largest.push(row),
        }
    }
    largest
}

/// Holds what was measured at the largest size of one data set.
pub(super) struct Found<'a> {
    pub(super) storage: &'a StorageRow,
    pub(super) file: Option<&'a FileRow>,
    /// The next smaller size, and by how many resident bytes each item beyond it was measured to grow.
    marginal: Option<(usize, f64)>,
    /// The setting with the most probes.
    recall: Option<&'a RecallRow>,
    /// The same lists with codes.
    pub(super) coded: Option<Coded<'a>>,
    latency: Vec<&'a LatencyRow>,
    pub(super) by_text: Vec<&'a ByTextRow>,
}

impl<'a> Found<'a> {
    fn of(measured: &'a Measured, storage: &'a StorageRow) -> Self {
        let (dataset, n_items) = (storage.dataset, storage.n_items);
        let uncoded = |coding: ListCoding| coding == ListCoding::Exact;
        let recalls = measured.recall.iter().filter(|row| uncoded(row.coding));
        let recall = recalls
            .filter(|row| row.dataset == dataset && row.n_items == n_items)
            .max_by_key(|row| row.n_probes);
        let latency = measured.latency.iter();
        let by_text = measured.by_text.iter();
        Self {
            storage,
            file: measured
                .file
                .iter()
                .filter(|row| uncoded(row.coding))
                .find(|row| row.dataset == dataset && row.n_items == n_items),
            marginal: marginal_bytes(&measured.file, dataset, n_items),
            recall,
            coded: Coded::of(measured, storage, recall),
            latency: latency
                .filter(|row| row.dataset == dataset && row.n_items == n_items)
                .collect(),
            by_text: by_text
                .filter(|row| row.dataset == dataset && row.n_items == n_items)
                .collect(),
        }
    }

    /// Returns the times of one part of a search with `n_probes`.
    pub(super) fn time(
        &self,
        (coding, n_probes): (ListCoding, usize),
        part: &str,
    ) -> Option<&'a LatencyRow> {
        let mut rows = self.latency.iter().copied();
        rows.find(|row| (row.coding, row.n_probes, row.part) == (coding, n_probes, part))
    }

    /// Returns the median of one part of a search with `n_probes`.
    pub(super) fn p50(&self, setting: (ListCoding, usize), part: &str) -> Option<f64> {
        Some(self.time(setting, part)?.p50_ms)
    }

    /// Returns the median of exact search.
    fn exact_search(&self) -> Option<f64> {
        self.p50((ListCoding::Exact, 0), parts::WHOLE)
    }

    /// Returns the median of one step of a search by text on one thread.
    fn by_text_p50(&self, step: &str) -> Option<f64> {
        let mut rows = self.by_text.iter();
        let row = rows.find(|row| row.threads == 1 && row.step == step)?;
        Some(row.p50_ms)
    }
}

/// Returns the next smaller size than `n_items`, and the bytes that an item beyond it adds; in lists without codes.
fn marginal_bytes(files: &[FileRow], dataset: Dataset, n_items: usize) -> Option<(usize, f64)> {
    let same = files
        .iter()
        .filter(|row| row.dataset == dataset && row.coding == ListCoding::Exact);
    let large = same.clone().find(|row| row.n_items == n_items)?;
    let small = same
        .filter(|row| row.n_items < n_items)
        .max_by_key(|row| row.n_items)?;
    let grown = large
        .resident_growth_bytes?
        .checked_sub(small.resident_growth_bytes?)?;
    Some((
        small.n_items,
        grown as f64 / (large.n_items - small.n_items) as f64,
    ))
}

fn rows(context: &Context<'_>, found: &Found<'_>) -> Result<Vec<ResultRow>> {
    let storage = found.storage;
    let figure = context.definition().published.figure();
    let mut rows = Vec::new();

    let code = context.row(
        "bytes of an fp32 vector over bytes of its routing code",
        Value::exact(storage.vector_over_code)?,
    );
    let why = format!(
        "{} bytes name one of 65,536 lists (K = {} needs {} bits); the vectors that every search reads are left out",
        storage.code_bytes_per_item, storage.k, storage.code_bits_needed
    );
    rows.push(placed(code, storage).against(figure).because(&why)?);

    let resident = context.row(
        "bytes resident of dense search over those of routing",
        Value::exact(storage.dense_over_resident)?,
    );
    let resident = placed(resident, storage).against(figure);
    let why = match resident.verdict() {
        Verdict::Below => format!(
            "lists without codes keep every vector in RAM: {:.0} bytes an item with centroids, lists and ids, against {} of \
             dense search, so routing saves time and no memory",
            storage.resident_bytes_per_item, storage.dense_bytes_per_item
        ),
        _ => format!("{:.0} bytes an item", storage.resident_bytes_per_item),
    };
    rows.push(resident.because(&why)?);

    let growth = found
        .file
        .and_then(|file| file.resident_growth_bytes_per_item);
    if let Some(growth) = growth {
        let row = context.row("measured_resident_bytes_per_item", Value::exact(growth)?);
        let marginal = found.marginal.map_or(String::new(), |(n_items, bytes)| {
            format!(
                "; {bytes:.0} for each item beyond the first {}, the rest is a cost of every open file",
                grouped(n_items as u64)
            )
        });
        let why = format!(
            "what a new process grows by when it opens the file, {:.0} bytes of it counted by part{marginal}",
            storage.resident_bytes_per_item
        );
        rows.push(placed(row.timing(), storage).because(&why)?);
    }
    let row = context.row(
        "file_bytes_per_item",
        Value::exact(storage.file_bytes_per_item)?,
    );
    let why = format!(
        "SQLite with vectors, lists and texts, of which the texts alone are {:.0} bytes",
        storage.text_bytes as f64 / storage.n_items as f64
    );
    rows.push(placed(row, storage).because(&why)?);
    rows.extend(latency_row(context, found)?);
    if let Some(coded) = &found.coded {
        rows.extend(coded::rows(context, found, coded)?);
    }
    rows.extend(by_text_row(context, found)?);
    rows.extend(adapt_row(context, found)?);
    Ok(rows)
}

fn latency_row(context: &Context<'_>, found: &Found<'_>) -> Result<Option<ResultRow>> {
    let Some(recall) = found.recall else {
        return Ok(None);
    };
    let of = |part| found.p50((ListCoding::Exact, recall.n_probes), part);
    let parts = of(parts::WHOLE).zip(of(parts::ROUTE)).zip(of(parts::SCAN));
    let Some((((whole, route), scan), exact)) = parts.zip(found.exact_search()) else {
        return Ok(None);
    };
    let select = of(parts::SELECT).unwrap_or_default();
    let why = format!(
        "one core, vector given, R@{} {:.3}: {route:.3} ms to route, {scan:.3} to scan and rerank, {select:.3} to \
         keep the best; exact search takes {exact:.2} ms",
        recall.top_k, recall.recall_vs_dense
    );
    let row = context.row("p50_ms", Value::exact(whole)?).timing();
    let row = placed(row, found.storage).n_probes(recall.n_probes as u64);
    Ok(Some(row.because(&why)?))
}

fn by_text_row(context: &Context<'_>, found: &Found<'_>) -> Result<Option<ResultRow>> {
    let whole = found.by_text_p50(by_text::WHOLE);
    let Some((whole, embed)) = whole.zip(found.by_text_p50(by_text::EMBED)) else {
        return Ok(None);
    };
    let why = format!(
        "one thread: what a user waits for; embedding the question takes {embed:.2} ms, {:.0}% of it",
        100.0 * embed / whole
    );
    let row = context.row("p50_ms by text", Value::exact(whole)?).timing();
    Ok(Some(placed(row, found.storage).because(&why)?))
}

fn adapt_row(context: &Context<'_>, found: &Found<'_>) -> Result<Option<ResultRow>> {
    let adapted = found.by_text.iter().find(|row| row.step == by_text::ADAPT);
    let Some(adapted) = adapted else {
        return Ok(None);
    };
    let why = format!(
        "the first cycle, after the timed searches, on {} threads: by default one runs every 50 searches, and has less to do \
         once spread lists are split",
        adapted.threads
    );
    let row = context.row("ms to adapt once", Value::exact(adapted.p50_ms)?);
    Ok(Some(placed(row.timing(), found.storage).because(&why)?))
}

pub(super) fn placed(row: RowBuilder, storage: &StorageRow) -> RowBuilder {
    let row = row.on(
        storage.dataset.name(),
        storage.text_kind,
        storage.n_items as u64,
    );
    row.k(storage.k as u64)
}

/// Says in two sentences what an item costs in bytes and a search in time.
fn answer(found: &Found<'_>) -> String {
    bytes(found) + &time(found).unwrap_or_default()
}

/// Says what an item takes, by code, in RAM and on disk.
fn bytes(found: &Found<'_>) -> String {
    let storage = found.storage;
    let growth = found
        .file
        .and_then(|file| file.resident_growth_bytes_per_item);
    let measured = growth.map_or(String::new(), |bytes| format!(" ({bytes:.0} measured)"));
    let coded = found.coded.as_ref().map_or(String::new(), |coded| {
        format!(
            ", or {:.0} with {} and the vectors left in the file,",
            coded.storage.bytes_per_item_without_vectors,
            coded.name()
        )
    });
    format!(
        "Among {} texts ({}) the routing code of an item is {} bytes, {:.0} times less than its vector, but what is \
         resident is {:.0} bytes{measured}{coded} against {} of plain dense search, because the exact comparison needs \
         vectors; the file takes {:.0} bytes an item.",
        grouped(storage.n_items as u64),
        storage.dataset,
        storage.code_bytes_per_item,
        storage.vector_over_code,
        storage.resident_bytes_per_item,
        storage.dense_bytes_per_item,
        storage.file_bytes_per_item
    )
}

/// Says what a search takes, with the vector given and with a text.
fn time(found: &Found<'_>) -> Option<String> {
    found.recall.and_then(|recall| {
        let whole = found.p50((ListCoding::Exact, recall.n_probes), parts::WHOLE)?;
        let exact = found.exact_search()?;
        let coded = found.coded.as_ref().and_then(|coded| {
            let setting = (coded.storage.coding, coded.recall?.n_probes);
            let p50 = found.p50(setting, parts::WHOLE)?;
            Some(format!(
                ", {p50:.2} ms with {} (R@{} {:.3})",
                coded.name(),
                recall.top_k,
                coded.recall?.recall_vs_dense
            ))
        });
        let coded = coded.unwrap_or_default();
        let embed = found.by_text_p50(by_text::EMBED)?;
        let by_text = found.by_text_p50(by_text::WHOLE)?;
        Some(format!(
            " A search by vector over {} lists takes {whole:.2} ms for R@{} {:.3}{coded}, exact search {exact:.2} ms; a user \
             who asks with a text waits {by_text:.1} ms, {:.0}% of it for the embedding.",
            recall.n_probes,
            recall.top_k,
            recall.recall_vs_dense,
            100.0 * embed / by_text
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(n_items: usize, resident_growth_bytes: u64) -> FileRow {
        FileRow {
            dataset: Dataset::Reddit,
            n_items,
            coding: ListCoding::Exact,
            k: 1,
            write_file_s: 0.0,
            resident_growth_bytes: Some(resident_growth_bytes),
            resident_growth_bytes_per_item: None,
            peak_growth_bytes: None,
        }
    }

    #[test]
    fn what_every_open_file_costs_is_not_laid_on_the_items() {
        // A cost of 500 for the file, and 10 for each item.
        let files = [file(100, 1_500), file(20, 700), file(300, 3_500)];
        let marginal = |n_items| marginal_bytes(&files, Dataset::Reddit, n_items);
        assert_eq!(marginal(300), Some((100, 10.0)));
        assert_eq!(marginal(100), Some((20, 10.0)));
        assert_eq!(marginal(20), None);
        assert_eq!(marginal_bytes(&files, Dataset::Clinc, 300), None);
    }
}
