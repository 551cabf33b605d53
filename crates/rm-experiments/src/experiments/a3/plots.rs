//! A3's plots.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::gain::{Gain, Metric, System};
use super::measure::Findings;
use crate::plots::{Axis, Bar, BarChart, BarSeries, PlotFile, Reference};
use crate::suite::Context;

/// Draws the gains of all ways of storing, a plot for each set and what its texts stand among.
pub(super) fn all(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Vec<PlotFile>> {
    let metric = Metric::GoldRecall(parameters.top_ks.first().copied().unwrap_or(5));
    let mut plots = Vec::new();
    for (set, _, among) in findings.places() {
        let of = |system| -> Vec<&Gain> { findings.of(set, among, system, metric).collect() };
        let (rm, dense) = (of(System::Rm), of(System::Dense));
        let names = rm.iter().map(|gain| gain.storage_name.clone()).collect();
        let plain = |gains: &[&Gain]| gains.first().map_or(0.0, |gain| gain.plain);
        let mut chart = BarChart::new(
            &format!("What enrichment gains, {set}, {}", among.name()),
            Axis::linear(&format!("gain in {} over plain text", metric.name())),
            names,
        )
        .series(BarSeries::new(
            &format!("routing (plain: {:.3})", plain(&rm)),
            rm.iter().map(|gain| bar(gain)).collect(),
        ))
        .series(BarSeries::new(
            &format!("exact search (plain: {:.3})", plain(&dense)),
            dense.iter().map(|gain| bar(gain)).collect(),
        ));
        if let Some(figure) = context.definition().published.figure() {
            let label = format!("published: {:+}", figure.value);
            chart = chart.reference(Reference::new(&label, figure.value));
        }
        let caption = format!(
            "Differences to plain text on {set}, {}, with paired 95% intervals over questions",
            among.name()
        );
        let stem = format!("gain-{set}-{}", among.name().replace(' ', "-"));
        plots.push(
            chart
                .save(context.folder(), &stem, &caption)
                .context("cannot draw a plot of gains")?,
        );
    }
    Ok(plots)
}

fn bar(gain: &Gain) -> Bar {
    Bar::new(gain.gain.estimate).with_interval(gain.gain.low, gain.gain.high)
}
