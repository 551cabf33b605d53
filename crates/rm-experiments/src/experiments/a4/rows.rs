//! The result rows of A4.

use anyhow::Result;

use super::growth::{self, is_reported_way};
use super::ways::WayAt;
use super::{BuildRow, Measured, Parameters};
use crate::corpora::Dataset;
use crate::experiments::recall::{
    RecallRow, cheapest_that_passes, gold_result, passing_results, placed, recall_result,
};
use crate::output::text::grouped;
use crate::suite::{Context, Measured as Figure, ResultRow, Verdict};

/// Gives the rows of every data set at its largest size.
pub(super) fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    ways: &[WayAt],
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = figure.map_or(1.0, |figure| figure.value);
    let mut rows = Vec::new();
    for place in measured.largest() {
        let coded = measured.recall_at(place);
        let coded = coded.filter(|row| row.coding == parameters.reported_coding);
        let cheapest = cheapest_that_passes(coded, published);
        let mut of_size = measured.recall_at(place);
        let at_published = of_size.find(|row| parameters.is_published(row));
        if let Some(row) = at_published {
            // At another size the published figure is no figure of this setting.
            let figure = figure.filter(|_| row.n_items == parameters.published_n_items);
            let result = recall_result(context, row)?.against(figure);
            let why = why(parameters, result.verdict(), row, cheapest);
            rows.push(result.because(&why)?);
        }
        rows.extend(side_by_side(context, parameters, ways, place)?);
        if let Some(row) = cheapest {
            rows.extend(passing_results(context, row, &measured.latency)?);
            rows.extend(cost_rows(context, measured, row)?);
        }
        if let Some(row) = at_published {
            rows.push(gold_result(context, row)?);
        }
        rows.extend(growth::rows(context, parameters, measured, ways, place)?);
    }
    Ok(rows)
}

/// Sets the ways of searching side by side: targets with every coding.
fn side_by_side(
    context: &Context<'_>,
    parameters: &Parameters,
    ways: &[WayAt],
    place: (Dataset, usize),
) -> Result<Vec<ResultRow>> {
    let here = ways.iter().filter(|at| {
        (at.row.dataset, at.row.n_items) == place && is_reported_way(parameters, at.way)
    });
    here.map(|at| at.result(context, parameters.top_k))
        .collect()
}

fn why(
    parameters: &Parameters,
    verdict: Verdict,
    row: &RecallRow,
    cheapest: Option<&RecallRow>,
) -> String {
    let per_list = row.n_items / row.k;
    match (verdict, cheapest) {
        (Verdict::Below, Some(other)) => format!(
            "K stays at {} while N grows, and {} lists are too few for queries like these: {} of {} reach it",
            row.k, row.n_probes, other.n_probes, other.k
        ),
        (Verdict::Below, None) => {
            format!(
                "{} lists are too few for queries like these at any K measured",
                row.n_probes
            )
        }
        (Verdict::NoPublishedFigure, _) => format!(
            "the published figure is for {} items, which --scale paper runs; here {} of {} items were scanned",
            grouped(parameters.published_n_items as u64),
            row.scanned(),
            grouped(row.n_items as u64)
        ),
        _ => format!(
            "{} of the items were scanned, {per_list} a list on average",
            row.scanned()
        ),
    }
}

/// Says what the setting of `row` costs beside its searches: bytes in RAM, time to build and to open.
fn cost_rows(
    context: &Context<'_>,
    measured: &Measured,
    row: &RecallRow,
) -> Result<Vec<ResultRow>> {
    let place = (row.dataset, row.n_items);
    let mut rows = Vec::new();
    let counted = measured.bytes.iter().find(|(index, _)| {
        (index.dataset, index.n_items) == place
            && (index.coding, &index.k_rule) == (row.coding, &row.k_rule)
    });
    if let Some((_, bytes)) = counted {
        let per_item = |bytes: usize| bytes as f64 / row.n_items as f64;
        let why = format!(
            "counted by the index: vectors {:.0}, codes {:.0}, ids {:.0}, the table that finds an item by its id {:.0}, \
             centroids and lists {:.0}",
            per_item(bytes.vector_bytes),
            per_item(bytes.code_bytes),
            per_item(bytes.id_bytes),
            per_item(bytes.place_bytes),
            per_item(bytes.centroid_bytes + bytes.list_bytes),
        );
        let total = Figure::exact(bytes.resident_bytes_per_item)?;
        let total = context.row("resident_bytes_per_item", total);
        rows.push(placed(total, row).because(&why)?);
    }
    let built = measured.build.iter().find(|built| {
        (built.dataset, built.n_items) == place
            && (built.coding, &built.k_rule) == (row.coding, &row.k_rule)
    });
    if let Some(BuildRow {
        train_and_route_s,
        code_s,
        ..
    }) = built
    {
        let whole = Figure::exact(train_and_route_s + code_s)?;
        let why = format!("all cores, vectors given; {code_s:.2} s of it for the codes");
        let build = context.row("build_s", whole).timing();
        rows.push(placed(build, row).because(&why)?);
    }
    let opened = measured.file.iter().find(|file| {
        (file.dataset, file.n_items) == place && (file.coding, file.k) == (row.coding, row.k)
    });
    if let Some(file) = opened {
        let open = context.row("open_file_s", Figure::exact(file.open_file_s)?);
        let why = format!(
            "a memory of {}, K = {}: loads codebook, lists and vectors, trains nothing; writing the file took {:.1} s",
            file.coding.in_words(),
            file.k,
            file.write_file_s
        );
        rows.push(placed(open.timing(), row).because(&why)?);
    }
    Ok(rows)
}
