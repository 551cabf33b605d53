//! How time and bytes grow with N: an exponent of each, in rows and in plots.

use anyhow::{Context as _, Result};

use super::ways::{Way, WayAt};
use super::{Measured, Parameters};
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::experiments::resident::{IndexColumns, ResidentBytes};
use crate::metrics::exponent;
use crate::output::text::{figure, grouped};
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Series};
use crate::suite::{Context, Measured as Figure, ResultRow, RowBuilder};

/// Is how one quantity grows over the sizes of a data set.
pub(super) struct Growth {
    label: String,
    /// N and the quantity, rising.
    points: Vec<(f64, f64)>,
}

impl Growth {
    /// Returns the exponent, where there are sizes to fit it to.
    pub(super) fn exponent(&self) -> Option<f64> {
        exponent(&self.points)
    }

    /// Names the line in the key of a plot, with its exponent.
    fn series(&self) -> Series {
        let label = match self.exponent() {
            Some(exponent) => format!("{}: {}", self.label, power(exponent)),
            None => self.label.clone(),
        };
        let points = self.points.iter().map(|&(n, value)| Point::new(n, value));
        Series::new(&label, points.collect())
    }

    /// Gives the exponent with the name behind it.
    pub(super) fn with_exponent(&self, exponent: f64) -> String {
        format!("{} ({})", power(exponent), self.label)
    }

    /// Lists the quantity at each size.
    fn in_words(&self) -> String {
        let points = self.points.iter();
        let parts = points.map(|&(n, value)| format!("{} at {}", figure(value), grouped(n as u64)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Writes a power of N; what rounds to nothing has no sign.
fn power(exponent: f64) -> String {
    let rounded = format!("{exponent:.2}");
    let digits = rounded.trim_start_matches('-');
    let sign = if exponent < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        "−"
    } else {
        ""
    };
    format!("N^{sign}{digits}")
}

/// Returns how the median time of each way grows on a data set: exact search, the original's setting, and each
/// reported target.
pub(super) fn of_time(parameters: &Parameters, ways: &[WayAt], dataset: Dataset) -> Vec<Growth> {
    let mut all: Vec<Growth> = Vec::new();
    let shown = ways.iter().filter(|at| at.row.dataset == dataset);
    for at in shown.filter(|at| is_reported(parameters, at)) {
        let (label, point) = (at.label(), (at.row.n_items as f64, at.row.p50_ms));
        match all.iter_mut().find(|growth| growth.label == label) {
            Some(growth) => growth.points.push(point),
            None => all.push(Growth {
                label,
                points: vec![point],
            }),
        }
    }
    all
}

/// Returns whether the report speaks of a way: of targets the reported ones with the reported coding.
pub(super) fn is_reported(parameters: &Parameters, at: &WayAt) -> bool {
    let is_target = matches!(at.way, Way::Target(_));
    is_reported_way(parameters, at.way)
        && (!is_target || at.row.coding == parameters.reported_coding)
}

/// Returns whether the report speaks of a way with some coding.
pub(super) fn is_reported_way(parameters: &Parameters, way: Way) -> bool {
    match way {
        Way::Exact | Way::Original => true,
        Way::Target(target) => parameters.reported_targets.contains(&target),
    }
}

/// Returns how the bytes of an item grow on a data set, with the vectors and without, for K as targets have it.
pub(super) fn of_bytes(
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Vec<Growth> {
    let is_shown = |index: &IndexColumns, coding: ListCoding| {
        (index.dataset, index.coding) == (dataset, coding)
            && index.k_rule == parameters.target_k_rule
    };
    let mut all = Vec::new();
    for &coding in &parameters.codings {
        let growth = |label: String, of: fn(&ResidentBytes) -> f64| {
            let rows = measured.bytes.iter();
            let rows = rows.filter(|(index, _)| is_shown(index, coding));
            Growth {
                label,
                points: rows
                    .map(|(index, b)| (index.n_items as f64, of(b)))
                    .collect(),
            }
        };
        let name = coding.in_words();
        all.push(growth(name.to_owned(), |b| b.resident_bytes_per_item));
        all.push(growth(format!("{name}, without vectors"), |b| {
            b.bytes_per_item_without_vectors
        }));
    }
    all.retain(|growth| !growth.points.is_empty());
    all
}

/// Gives a row for each exponent.
pub(super) fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    ways: &[WayAt],
    (dataset, n_items): (Dataset, usize),
) -> Result<Vec<ResultRow>> {
    let on = |row: RowBuilder| row.on(dataset.name(), dataset.kind(), n_items as u64);
    let mut rows = Vec::new();
    for growth in of_time(parameters, ways, dataset) {
        if let Some(exponent) = growth.exponent() {
            let metric = format!("exponent of p50_ms over N: {}", growth.label);
            let row = context.row(&metric, Figure::exact(exponent)?).timing();
            rows.push(on(row).because(&format!("p50_ms {}", growth.in_words()))?);
        }
    }
    for growth in of_bytes(parameters, measured, dataset) {
        if let Some(exponent) = growth.exponent() {
            let metric = format!("exponent of bytes an item over N: {}", growth.label);
            let row = context.row(&metric, Figure::exact(exponent)?);
            let why = format!("bytes an item {}", growth.in_words());
            rows.push(on(row).because(&why)?);
        }
    }
    Ok(rows)
}

/// Draws time and bytes over N, where there is more than one size.
pub(super) fn plots(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    ways: &[WayAt],
    dataset: Dataset,
) -> Result<Vec<PlotFile>> {
    let time = Drawing {
        title: format!("Search time over size, {dataset}"),
        axis: "median search time on one core (ms)",
        stem: format!("time-over-size-{dataset}"),
        caption: "How the time of a search grows, vector given; N^e is fitted by least squares on logarithms",
        lines: of_time(parameters, ways, dataset),
    };
    let bytes = Drawing {
        title: format!("Bytes of an item over size, {dataset}"),
        axis: "resident bytes an item",
        stem: format!("bytes-over-size-{dataset}"),
        caption: "What an item takes in memory as the index counts it, with its vector and without; N^e is fitted \
                  by least squares on logarithms",
        lines: of_bytes(parameters, measured, dataset),
    };
    let drawings = [time, bytes].into_iter();
    let drawings = drawings.filter(|drawing| drawing.lines.iter().any(|l| l.points.len() > 1));
    drawings.map(|drawing| drawing.save(context)).collect()
}

/// Says what one plot shows.
struct Drawing {
    title: String,
    axis: &'static str,
    stem: String,
    caption: &'static str,
    lines: Vec<Growth>,
}

impl Drawing {
    fn save(self, context: &Context<'_>) -> Result<PlotFile> {
        let mut chart = LineChart::new(
            &self.title,
            Axis::new("items N", AxisScale::Log10),
            Axis::new(self.axis, AxisScale::Log10),
        );
        for line in &self.lines {
            chart = chart.series(line.series());
        }
        chart
            .save(context.folder(), &self.stem, self.caption)
            .with_context(|| format!("cannot draw {}", self.stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_named_with_its_exponent_where_it_has_one() {
        let growth = |points: &[(f64, f64)]| Growth {
            label: "exact search".to_owned(),
            points: points.to_vec(),
        };
        let linear = growth(&[(1e4, 0.5), (1e5, 5.0), (1e6, 50.0)]);
        assert_eq!(
            linear.in_words(),
            "0.5 at 10,000, 5 at 100,000, 50 at 1,000,000"
        );
        assert!(linear.exponent().is_some_and(|e| (e - 1.0).abs() < 1e-9));
        assert_eq!(growth(&[(1e4, 0.5)]).exponent(), None);
        let written = [1.0, -0.2, -0.004].map(power);
        assert_eq!(written, ["N^1.00", "N^−0.20", "N^0.00"]);
    }
}
