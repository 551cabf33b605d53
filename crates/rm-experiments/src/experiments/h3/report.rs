//! What H3 makes of its measurements.

use anyhow::{Context as _, Result};

use super::answers::Asked;
use super::filter::Rule;
use super::findings::Findings;
use super::measure::{Chosen, Filtered};
use super::{Parameters, plots, words};
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::suite::{
    Better, Context, Figure, Measured, Outcome, ResultRow, RowBuilder, Setting, Verdict,
};

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
    outcome.notes.answer = words::answer(context, parameters, findings)?;
    outcome.notes.losses = vec![words::at_published(parameters, findings)];
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("questions at most", parameters.n_queries),
        Setting::new("results filtered", format!("{:?}", parameters.top_ks)),
        Setting::new("K", &parameters.k_rule),
        Setting::new("lists probed", parameters.n_probes),
        Setting::new(
            "tokens",
            "word pieces of MiniLM's tokenizer, whole texts, no special tokens",
        ),
        Setting::new(
            "calibration",
            "on the first half of the questions, measured on the second",
        ),
    ];
    outcome.notes.remarks = words::remarks(context, parameters, findings)?;
    Ok(outcome)
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    for dataset in findings.datasets() {
        let Some(questions) = findings.published(parameters, dataset, Asked::Questions) else {
            continue;
        };
        rows.extend(published_rows(context, parameters, findings, questions)?);
        let is_first = findings.first_of(dataset.kind()) == Some(dataset);
        if is_first {
            rows.extend(reading_rows(context, parameters, questions)?);
        }
        for asked in [Asked::Restatements, Asked::Items] {
            let near = findings.published(parameters, dataset, asked);
            if let (Some(near), true) = (near, is_first || asked == Asked::Restatements) {
                rows.extend(published_rows(context, parameters, findings, near)?);
            }
        }
        rows.extend(chosen_rows(context, parameters, findings, dataset)?);
    }
    Ok(rows)
}

/// Says what the published setting saves and what recall of gold items it leaves; the published claim is both.
fn published_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
    filtered: &Filtered,
) -> Result<Vec<ResultRow>> {
    let published = context.definition().published.figure();
    let (tau, asked) = (parameters.published_tau, filtered.place.asked);
    let effects = &filtered.effects;
    let recall = published_recall(parameters);
    let saves = published.is_some_and(|figure| {
        Verdict::of(figure, effects.tokens_saved.low, effects.tokens_saved.high) != Verdict::Below
    });
    let keeps =
        Verdict::of(recall, effects.gold_recall.low, effects.gold_recall.high) != Verdict::Below;
    let saved = row(
        context,
        filtered,
        &format!("tokens saved at tau = {tau}, {}", asked.name()),
        effects.tokens_saved,
    )?;
    let why = format!(
        "{}: {:.1}% of the queries are left without any result",
        match (saves, keeps) {
            (true, true) => "saves as much and keeps the published recall",
            (true, false) => "saves as much only by dropping answers",
            (false, true) => "keeps the published recall and saves less",
            (false, false) => "saves less and keeps less",
        },
        100.0 * effects.empty.estimate,
    );
    let saved = saved.against(published).claim(saves && keeps);
    let unfiltered = findings.unfiltered(filtered);
    let gold = row(
        context,
        filtered,
        &format!(
            "gold R@{} at tau = {tau}, {}",
            filtered.place.top_k,
            asked.name()
        ),
        effects.gold_recall,
    )?;
    let why_gold = format!("without a filter it is {unfiltered:.3}");
    Ok(vec![
        saved.because(&why)?,
        gold.against(Some(recall)).because(&why_gold)?,
    ])
}

/// Holds the published recall against the other things that "R@5" may have meant.
fn reading_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    filtered: &Filtered,
) -> Result<Vec<ResultRow>> {
    let effects = &filtered.effects;
    let top_k = filtered.place.top_k;
    let recall = Some(published_recall(parameters));
    let metric = format!("R@{top_k} vs the unfiltered results");
    let unfiltered = row(context, filtered, &metric, effects.results_kept)?;
    let mut rows = vec![
        unfiltered
            .against(recall)
            .because("the share of results that is returned")?,
    ];
    let metric = format!("R@{top_k} vs dense");
    let dense = row(context, filtered, &metric, effects.recall_vs_dense)?;
    rows.push(
        dense
            .against(recall)
            .because("at most the share of results that is returned")?,
    );
    if let Some(alike) = effects.recall_vs_filtered_dense {
        let metric = format!("R@{top_k} vs dense through the same filter");
        let row = row(context, filtered, &metric, alike)?;
        let why =
            "what routing alone loses, over questions for which exact search returns anything";
        rows.push(row.against(recall).because(why)?);
    }
    Ok(rows)
}

/// Says what settings do that were chosen for a wanted recall or saving.
fn chosen_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let top_k = parameters.published_top_k;
    let mut rows = Vec::new();
    for &target in &parameters.kept_targets {
        let chosen = Chosen::KeptRecall(target);
        let Some(calibrated) = findings.chosen(dataset, top_k, Rule::Score, chosen) else {
            continue;
        };
        let Some(kept) = calibrated.effects.gold_kept else {
            continue;
        };
        let saved = calibrated.effects.tokens_saved;
        let metric = format!("tokens saved by a tau that keeps {target} of gold R@{top_k}");
        let why = format!(
            "tau = {:.3} kept {:.3} [{:.3}, {:.3}] of it on other questions",
            calibrated.filter.setting(),
            kept.estimate,
            kept.low,
            kept.high,
        );
        rows.push(row(context, calibrated, &metric, saved)?.because(&why)?);
    }
    let saving = super::published_saving(context)?;
    for (rule, what) in [(Rule::Score, "tau"), (Rule::Margin, "a margin")] {
        let matched = findings.chosen(dataset, top_k, rule, Chosen::Saving(saving));
        let Some((matched, over)) = matched.and_then(|m| Some((m, m.over_fewer_results?))) else {
            continue;
        };
        let metric = format!(
            "gold R@{top_k} by {what} minus by fewer results, {:.1}% of tokens saved",
            100.0 * saving
        );
        let verdict = match (over.low > 0.0, over.high < 0.0) {
            (true, _) => "better than fewer results",
            (_, true) => "worse than fewer results",
            _ => "no better and no worse than fewer results",
        };
        let why = format!(
            "{what} = {:.3}: gold R@{top_k} {:.3}, {verdict}",
            matched.filter.setting(),
            matched.effects.gold_recall.estimate
        );
        rows.push(row(context, matched, &metric, over)?.because(&why)?);
    }
    Ok(rows)
}

fn published_recall(parameters: &Parameters) -> Figure {
    Figure {
        value: parameters.published_recall,
        tolerance: 0.0005,
        better: Better::Higher,
    }
}

fn row(
    context: &Context<'_>,
    filtered: &Filtered,
    metric: &str,
    interval: Interval,
) -> Result<RowBuilder> {
    let place = filtered.place;
    let measured = Measured::with_interval(interval.estimate, interval.low, interval.high)
        .with_context(|| format!("cannot report {metric}"))?;
    let row = context.row(metric, measured);
    let row = row.on(place.dataset.name(), place.text_kind, place.n_items as u64);
    Ok(row.k(place.k as u64).n_probes(place.n_probes as u64))
}
