//! What A3 makes of its measurements.

use anyhow::Result;

use super::gain::{About, Among, Gain, Metric, System};
use super::measure::Findings;
use super::words::{self, FULL};
use super::{Parameters, plots};
use crate::suite::{Context, Measured, Outcome, ResultRow, RowBuilder, Setting, TextKind, Verdict};

/// Puts rows, plots and words together.
pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: rows(context, parameters, findings)?,
        plots: plots::all(context, parameters, findings)?,
        ..Outcome::default()
    };
    outcome.notes.answer = words::answer(parameters, findings);
    (outcome.notes.gains, outcome.notes.losses) = words::gains_and_losses(parameters, findings);
    outcome.notes.settings = vec![
        Setting::new("enriched passages (msmarco)", parameters.n_passages),
        Setting::new("enriched memories (generated)", parameters.n_questions),
        Setting::new("items, with plain ones", parameters.n_items),
        Setting::new(
            "conversations, each a memory of its own",
            parameters.n_conversations,
        ),
        Setting::new("K", &parameters.k_rule),
        Setting::new("lists probed", parameters.n_probes),
        Setting::new(
            "codebooks over which each question's recall is averaged",
            parameters.n_seeds,
        ),
        Setting::new("intervals", "paired bootstrap over questions"),
    ];
    outcome.notes.remarks = words::remarks(parameters, findings);
    Ok(outcome)
}

impl Findings {
    /// Returns the sets in their order, with what their enriched texts stand among.
    pub(super) fn places(&self) -> Vec<(&'static str, TextKind, Among)> {
        let mut places = Vec::new();
        for gain in &self.gains {
            let place = (gain.set, gain.kind, gain.among);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// Returns the gains in one metric in one place, in the order of the ways of storing.
    pub(super) fn of(
        &self,
        set: &'static str,
        among: Among,
        system: System,
        metric: Metric,
    ) -> impl Iterator<Item = &Gain> {
        self.gains.iter().filter(move |gain| {
            gain.about == About::Everything
                && (gain.set, gain.among, gain.system, gain.metric) == (set, among, system, metric)
        })
    }

    /// Returns the gain of the form that the published one is held against, or of the only one there is.
    pub(super) fn published(
        &self,
        parameters: &Parameters,
        (set, among): (&'static str, Among),
        system: System,
        metric: Metric,
    ) -> Option<&Gain> {
        let gains = || self.of(set, among, system, metric);
        let named = gains().find(|gain| gain.storage_name == parameters.published_form);
        named.or_else(|| gains().next())
    }
}

/// Returns the metric that the published gain is held against first.
pub(super) fn first_metric(parameters: &Parameters) -> Metric {
    Metric::GoldRecall(parameters.top_ks.first().copied().unwrap_or(5))
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    let mut seen: Vec<(&str, TextKind)> = Vec::new();
    let metric = first_metric(parameters);
    for (set, kind, among) in findings.places() {
        let is_first_of_kind = seen.iter().all(|(_, known)| *known != kind);
        let is_first_of_set = seen.iter().all(|(known, _)| *known != set);
        seen.push((set, kind));
        let place = (set, among);
        let mut told: Vec<&Gain> = Vec::new();
        if let Some(gain) = findings.published(parameters, place, System::Rm, metric) {
            let row = published_row(context, parameters, findings, gain)?;
            let falls_short = row.verdict == Verdict::Below;
            rows.push(row);
            told.push(gain);
            let passing = passing(context, findings, place, metric);
            if let (Some(gain), true) = (passing, falls_short && is_first_of_set) {
                let lead = "the cheapest way that passes the published gain: ";
                rows.push(other_row(context, findings, gain, lead)?);
                told.push(gain);
            }
        }
        if is_first_of_kind {
            rows.extend(reading_rows(context, parameters, findings, place)?);
        }
        let others = findings
            .of(set, among, System::Rm, metric)
            .filter(|gain| told.iter().all(|known| known.storage != gain.storage))
            // The tables and the plots tell all of every place.
            .filter(|gain| {
                is_first_of_set || gain.vectors_per_item > 1.0 || gain.storage.form().is_none()
            });
        for gain in others {
            rows.push(other_row(context, findings, gain, "")?);
        }
        rows.extend(coverage_rows(context, findings, place, metric)?);
    }
    Ok(rows)
}

/// Returns the way of storing that surely passes the published gain and costs least.
fn passing<'a>(
    context: &Context<'_>,
    findings: &'a Findings,
    (set, among): (&'static str, Among),
    metric: Metric,
) -> Option<&'a Gain> {
    let figure = context.definition().published.figure()?;
    findings
        .of(set, among, System::Rm, metric)
        .filter(|gain| gain.storage.form().is_some())
        .filter(|gain| Verdict::of(figure, gain.gain.low, gain.gain.high) == Verdict::Better)
        .min_by(|a, b| {
            let fewer = a.vectors_per_item.total_cmp(&b.vectors_per_item);
            fewer.then(b.gain.estimate.total_cmp(&a.gain.estimate))
        })
}

/// Holds the gain of one form through routing against the published one.
fn published_row(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
    gain: &Gain,
) -> Result<ResultRow> {
    let row = row(context, gain)?.against(context.definition().published.figure());
    let place = (gain.set, gain.among);
    let dense = findings.published(parameters, place, System::Dense, gain.metric);
    let over = findings.published(parameters, place, System::RmOverDense, gain.metric);
    let is_full = dense.is_some_and(|dense| dense.plain > FULL);
    let is_routed_better = over.is_some_and(|over| over.gain.low > 0.0);
    let exact = signed_value(dense.map_or(0.0, |dense| dense.gain.estimate));
    let what = if gain.gain.low <= 0.0 && is_full {
        "exact search leaves next to nothing to gain".to_owned()
    } else if gain.gain.high < 0.0 {
        format!("a loss, where exact search gains {exact}")
    } else if gain.gain.low <= 0.0 {
        format!("no gain beyond chance, and exact search gains {exact}")
    } else if is_routed_better {
        format!("mostly routed better, for exact search gains {exact}")
    } else {
        format!("it says more of what is asked for, and exact search gains {exact}")
    };
    let why = format!("from {:.3} to {:.3}: {what}", gain.plain, gain.enriched);
    row.because(&why)
}

/// Holds the other things against the published gain that it may have been a gain in.
fn reading_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
    place: (&'static str, Among),
) -> Result<Vec<ResultRow>> {
    let first = first_metric(parameters);
    let others = parameters
        .top_ks
        .iter()
        .map(|&k| Metric::GoldRecall(k))
        .chain([Metric::ReciprocalRank])
        .chain(parameters.top_ks.first().map(|&k| Metric::RecallVsDense(k)));
    let mut rows = Vec::new();
    for metric in others.filter(|&metric| metric != first) {
        let Some(gain) = findings.published(parameters, place, System::Rm, metric) else {
            continue;
        };
        let row = row(context, gain)?.against(context.definition().published.figure());
        let why = format!("from {:.3} to {:.3}", gain.plain, gain.enriched);
        rows.push(row.because(&why)?);
    }
    if let Some(gain) = findings.published(parameters, place, System::RmOverDense, first) {
        let row = row(context, gain)?.against(context.definition().published.figure());
        let why = format!(
            "routing stands {} from exact search without enrichment, {} with it",
            signed_value(gain.plain),
            signed_value(gain.enriched)
        );
        rows.push(row.because(&why)?);
    }
    Ok(rows)
}

/// Tells the gain of a way of storing, with what it costs.
fn other_row(
    context: &Context<'_>,
    findings: &Findings,
    gain: &Gain,
    lead: &str,
) -> Result<ResultRow> {
    let dense = findings
        .of(gain.set, gain.among, System::Dense, gain.metric)
        .find(|dense| dense.storage == gain.storage);
    let dense = dense.map_or_else(String::new, |dense| {
        format!("; exact search gains {}", signed_value(dense.gain.estimate))
    });
    let why = format!(
        "{lead}from {:.3} to {:.3} at {:.2} vectors an item{dense}",
        gain.plain, gain.enriched, gain.vectors_per_item
    );
    row(context, gain)?.because(&why)
}

/// Tells what enrichment of a part of the items does to questions about this part and about the rest.
fn coverage_rows(
    context: &Context<'_>,
    findings: &Findings,
    (set, among): (&'static str, Among),
    metric: Metric,
) -> Result<Vec<ResultRow>> {
    let gains = findings.gains.iter().filter(|gain| {
        let place = (gain.set, gain.among, gain.system, gain.metric);
        gain.about != About::Everything && place == (set, among, System::Rm, metric)
    });
    gains
        .map(|gain| {
            let whose = match gain.about {
                About::OtherItems => "none of whose answers is enriched",
                _ => "with an enriched answer",
            };
            let why = format!(
                "over the {} questions {whose}: from {:.3} to {:.3}",
                gain.n_queries, gain.plain, gain.enriched
            );
            row(context, gain)?.because(&why)
        })
        .collect()
}

fn row(context: &Context<'_>, gain: &Gain) -> Result<RowBuilder> {
    let interval = gain.gain;
    let measured = Measured::with_interval(interval.estimate, interval.low, interval.high)?;
    let by = match gain.system {
        System::Rm => "by routing",
        System::Dense => "by exact search",
        System::RmOverDense => "by routing minus that by exact search",
    };
    let about = match gain.about {
        About::Everything => "",
        About::EnrichedItems => ", questions about enriched items",
        About::OtherItems => ", questions about other items",
    };
    let metric = format!(
        "gain in {} {by}, {}, {}{about}",
        gain.metric.name(),
        gain.storage_name,
        gain.among.name()
    );
    let row = context.row(&metric, measured);
    let row = row.on(gain.set, gain.kind, gain.n_items as u64);
    let row = row.n_probes(gain.n_probes as u64);
    Ok(match gain.k {
        Some(k) => row.k(k as u64),
        None => row,
    })
}

/// Writes a value with its sign.
pub(super) fn signed_value(value: f64) -> String {
    format!("{value:+.3}")
}
