//! The plots of H7.

use anyhow::{Context as _, Result};

use super::report::Found;
use super::{FileRow, LatencyRow, Measured, by_text, parts};
use crate::experiments::chart::series_of;
use crate::output::text::grouped;
use crate::plots::{
    Axis, AxisScale, Bar, BarChart, BarSeries, LineChart, PlotFile, Point, Reference,
};
use crate::suite::Context;

/// Draws bytes, the time of a search over N, and what a user waits for, for one data set.
pub(super) fn plots(
    context: &Context<'_>,
    measured: &Measured,
    found: &Found<'_>,
) -> Result<Vec<PlotFile>> {
    let mut plots = vec![bytes_plot(context, found)?];
    plots.push(latency_plot(context, measured, found)?);
    plots.push(by_text_plot(context, found)?);
    Ok(plots)
}

fn bytes_plot(context: &Context<'_>, found: &Found<'_>) -> Result<PlotFile> {
    let storage = found.storage;
    let per_item = |bytes: usize| bytes as f64 / storage.n_items as f64;
    let mut bars = vec![
        ("routing code", storage.code_bytes_per_item as f64),
        ("id in a list", per_item(storage.id_bytes)),
        (
            "centroids and list heads",
            per_item(storage.centroid_bytes + storage.list_head_bytes),
        ),
        (
            "table that finds an item by its id",
            per_item(storage.place_table_bytes),
        ),
        ("fp32 vector", storage.vector_bytes_per_item as f64),
        (
            "dense search: vector and id",
            storage.dense_bytes_per_item as f64,
        ),
        (
            "routing, exact lists: everything resident, counted",
            storage.resident_bytes_per_item,
        ),
    ];
    let growth = |file: &FileRow| file.resident_growth_bytes_per_item;
    let measured = found.file.and_then(growth);
    bars.extend(
        measured.map(|bytes| ("routing, exact lists: everything resident, measured", bytes)),
    );
    if let Some(coded) = &found.coded {
        let storage = coded.storage;
        bars.insert(
            1,
            ("one-bit code in a list", per_item(storage.list_code_bytes)),
        );
        bars.push((
            "one-bit codes, vectors in the file: everything resident, counted",
            storage.bytes_per_item_without_vectors,
        ));
        let measured = coded.file.and_then(growth);
        bars.extend(measured.map(|bytes| {
            (
                "one-bit codes, vectors in the file: everything resident, measured",
                bytes,
            )
        }));
    }
    bars.push(("file on disk, texts included", storage.file_bytes_per_item));
    let categories = bars.iter().map(|(name, _)| (*name).to_owned()).collect();
    let values = bars.iter().map(|(_, bytes)| Bar::new(*bytes)).collect();
    let title = format!(
        "Bytes of an item, {}, {} items, K = {}",
        storage.dataset,
        grouped(storage.n_items as u64),
        storage.k
    );
    let published = context.definition().published.figure();
    let mut chart = BarChart::new(
        &title,
        Axis::new("bytes an item", AxisScale::Log10),
        categories,
    )
    .series(BarSeries::new("bytes", values));
    if let Some(figure) = published {
        let bytes = storage.vector_bytes_per_item as f64 / figure.value;
        let label = format!("published: {}x less than a vector", figure.value);
        chart = chart.reference(Reference::new(&label, bytes));
    }
    let stem = format!("bytes-{}", storage.dataset);
    chart
        .save(
            context.folder(),
            &stem,
            "What an item takes, part by part: the code is small, what a search needs in RAM is not",
        )
        .context("cannot draw the plot of bytes")
}

fn latency_plot(context: &Context<'_>, measured: &Measured, found: &Found<'_>) -> Result<PlotFile> {
    let dataset = found.storage.dataset;
    let rows = measured.latency.iter().filter(|row| row.dataset == dataset);
    let most = rows.clone().map(|row| row.n_probes).max().unwrap_or(0);
    let is_shown = |row: &&LatencyRow| match (row.n_probes, row.part) {
        (0, part) => part == parts::WHOLE,
        // The same centroids are ranked whatever lists hold.
        (n, parts::ROUTE) => n == most && !row.coding.is_coded(),
        (n, part) => n == most && part != parts::SUM,
    };
    // A part may be too short for the clock; a logarithmic axis has no place for nothing.
    let shown: Vec<(String, &LatencyRow)> = rows
        .filter(is_shown)
        .filter(|row| row.p50_ms > 0.0)
        .map(|row| (label(row), row))
        .collect();
    let points = shown
        .iter()
        .map(|(label, row)| (label.as_str(), Point::new(row.n_items as f64, row.p50_ms)));
    let mut chart = LineChart::new(
        &format!("Time of a search over size, {dataset}"),
        Axis::new("items N", AxisScale::Log10),
        Axis::new("median on one core (ms)", AxisScale::Log10),
    );
    for series in series_of(points) {
        chart = chart.series(series);
    }
    let stem = format!("latency-{dataset}");
    chart
        .save(
            context.folder(),
            &stem,
            "Median time of a search, vector given, and of its parts; exact search beside it",
        )
        .context("cannot draw the latency plot")
}

fn label(row: &LatencyRow) -> String {
    match (row.n_probes, row.part) {
        (0, _) => "exact search".to_owned(),
        (n, parts::ROUTE) => format!("n = {n}: {}", parts::ROUTE),
        (n, part) => format!("n = {n}, {}: {part}", row.coding.in_words()),
    }
}

fn by_text_plot(context: &Context<'_>, found: &Found<'_>) -> Result<PlotFile> {
    let storage = found.storage;
    let steps = [by_text::EMBED, by_text::SEARCH, by_text::WHOLE];
    let mut chart = BarChart::new(
        &format!(
            "What a user waits for, {}, {} items",
            storage.dataset,
            grouped(storage.n_items as u64)
        ),
        Axis::linear("milliseconds on one thread"),
        steps.map(str::to_owned).to_vec(),
    );
    for (name, percentile) in [
        ("median", (|row| row.p50_ms) as fn(&super::ByTextRow) -> f64),
        ("95th percentile", |row| row.p95_ms),
    ] {
        let bar = |step: &&str| {
            let mut rows = found.by_text.iter();
            let row = rows.find(|row| row.threads == 1 && *row.step == **step);
            Bar::new(row.map_or(0.0, |row| percentile(row)))
        };
        chart = chart.series(BarSeries::new(name, steps.iter().map(bar).collect()));
    }
    let stem = format!("by-text-{}", storage.dataset);
    chart
        .save(
            context.folder(),
            &stem,
            "A search by text with the product's defaults, and its two parts",
        )
        .context("cannot draw the plot of searches by text")
}
