//! Rows and records for this module's tests.

use anyhow::Result;
use rm_embed::Precision;

use super::RunRecord;
use crate::plots::PlotFile;
use crate::suite::{
    Better, ExperimentId, Figure, Hardware, Measured, Notes, ResultRow, RowBuilder, Scale, Setting,
    TextKind,
};

/// Makes a row of `experiment` whose published figure is 1, higher being better.
pub(super) fn row(experiment: ExperimentId, metric: &str, ours: f64) -> Result<ResultRow> {
    let figure = Figure {
        value: 1.0,
        tolerance: 0.05,
        better: Better::Higher,
    };
    let measured = Measured::with_interval(ours, ours - 0.01, ours + 0.01)?;
    RowBuilder::new(
        experiment,
        Scale::Smoke,
        42,
        "0123456789ab",
        metric,
        measured,
    )
    .on("reddit", TextKind::Real, 5_000)
    .k(64)
    .against(Some(figure))
    .because("because")
}

/// Makes the record of a run of `experiment`.
pub(super) fn record(experiment: ExperimentId) -> RunRecord {
    RunRecord {
        experiment,
        scale: Scale::Smoke,
        seed: 42,
        precision: Precision::Int8,
        command: format!("cargo run -p rm-experiments -- --select {experiment}"),
        git_revision: "0123456789ab".to_owned(),
        date: "2026-01-31".to_owned(),
        hardware: Hardware {
            cpu: None,
            cores: Some(2),
            memory_bytes: None,
        },
        seconds: 1.5,
        notes: Notes {
            answer: "It does.".to_owned(),
            settings: vec![Setting::new("seeds", 5)],
            losses: vec!["It forgets.".to_owned()],
            ..Notes::default()
        },
        plots: vec![PlotFile {
            stem: "curve".to_owned(),
            caption: "A curve".to_owned(),
        }],
        failures: Vec::new(),
    }
}
