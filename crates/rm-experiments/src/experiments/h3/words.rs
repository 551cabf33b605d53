//! What H3 says in words.

use anyhow::Result;

use super::answers::Asked;
use super::effects::Effects;
use super::filter::Rule;
use super::findings::Findings;
use super::measure::{BEST, Chosen, Filtered, GOLD, WITHOUT_GOLD};
use super::{Parameters, published_saving};
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::suite::Context;

/// Answers the experiment's question.
pub(super) fn answer(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<String> {
    let (tau, top_k) = (parameters.published_tau, parameters.published_top_k);
    let datasets = findings.datasets();
    let published: Vec<&Filtered> = datasets
        .iter()
        .filter_map(|&dataset| findings.published(parameters, dataset, Asked::Questions))
        .collect();
    let falls = published.iter().map(|f| {
        format!(
            "from {:.3} to {:.3} on {}",
            findings.unfiltered(f),
            f.effects.gold_recall.estimate,
            f.place.dataset
        )
    });
    let target = parameters.kept_targets.first().copied().unwrap_or(0.95);
    let calibrated = datasets.iter().filter_map(|&dataset| {
        let chosen = Chosen::KeptRecall(target);
        let filtered = findings.chosen(dataset, top_k, Rule::Score, chosen)?;
        let kept = filtered.effects.gold_kept?;
        Some(format!(
            "{} on {dataset} (tau = {:.2}, which kept {} on other questions)",
            percent(filtered.effects.tokens_saved.estimate),
            filtered.filter.setting(),
            percent(kept.estimate),
        ))
    });
    let saving = published_saving(context)?;
    Ok(format!(
        "On questions tau = {tau} saves {} of the tokens, by leaving {} of the questions without any result: gold R@{top_k} \
         falls {}. A tau calibrated to keep {} of it saves {}; and where {:.1}% of the tokens are saved, a threshold finds {} \
         than simply returning fewer results does.",
        range(&published, |effects| effects.tokens_saved),
        range(&published, |effects| effects.empty),
        listed(falls),
        percent(target),
        listed(calibrated),
        100.0 * saving,
        comparison(parameters, findings, saving),
    ))
}

/// Tells on which data sets a threshold beats fewer results that cost as much.
fn comparison(parameters: &Parameters, findings: &Findings, saving: f64) -> String {
    let compared = findings.datasets().into_iter().filter_map(|dataset| {
        let chosen = Chosen::Saving(saving);
        let matched = findings.chosen(dataset, parameters.published_top_k, Rule::Score, chosen)?;
        Some((dataset, matched.over_fewer_results?))
    });
    let compared: Vec<(Dataset, Interval)> = compared.collect();
    let on = |holds: fn(&Interval) -> bool, what: &str| {
        let names = compared.iter().filter(|(_, over)| holds(over));
        let names: Vec<String> = names.map(|(dataset, _)| dataset.to_string()).collect();
        (!names.is_empty()).then(|| format!("{what} answers on {}", names.join(", ")))
    };
    let told = [
        on(|over| over.low > 0.0, "more"),
        on(
            |over| over.low <= 0.0 && over.high >= 0.0,
            "no more and no fewer",
        ),
        on(|over| over.high < 0.0, "fewer"),
    ];
    listed(told.into_iter().flatten())
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// Writes the smallest and the largest of some shares.
fn range(filtered: &[&Filtered], share: impl Fn(&Effects) -> Interval) -> String {
    let shares = filtered.iter().map(|f| share(&f.effects).estimate);
    let (low, high) = shares.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), share| {
        (low.min(share), high.max(share))
    });
    format!("{:.0} to {}", 100.0 * low, percent(high))
}

/// Lists what a reader has to know besides.
pub(super) fn remarks(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<Vec<String>> {
    let saving = published_saving(context)?;
    let mut remarks = vec![
        format!(
            "The published pair cannot be recall of the unfiltered or of the exact top {}: a filter that drops {:.1}% of the \
             tokens returns about {:.0}% of the results, and no such recall can exceed that. It can be recall of one labelled \
             item, if queries nearly repeat their items, or recall of exact search through the same filter.",
            parameters.published_top_k,
            100.0 * saving,
            100.0 * (1.0 - saving),
        ),
        "Gold recall counts labelled items alone: a dropped result may have been useful all the same, and on reddit gold \
         means \"same post\"."
            .to_owned(),
    ];
    for dataset in findings.datasets() {
        let given = findings.given(
            dataset,
            Asked::Questions,
            parameters.published_top_k,
            Rule::Score,
        );
        let apart =
            |f: &Filtered| f.effects.empty_without_answer.estimate - f.effects.empty.estimate;
        let median = |of| {
            let median = findings.median(dataset, Asked::Questions, of);
            median.map_or_else(|| "unknown".to_owned(), |median| format!("{median:.2}"))
        };
        if let Some(best) = given.max_by(|a, b| apart(a).total_cmp(&apart(b))) {
            remarks.push(format!(
                "Telling questions that the memory cannot answer, {dataset}: tau = {} leaves {} of them empty, and {} of those \
                 it can answer; no other tau measured tells them further apart. Median scores: best result {}, gold {}, best \
                 result where gold is not stored {}.",
                best.filter.setting(),
                percent(best.effects.empty_without_answer.estimate),
                percent(best.effects.empty.estimate),
                median(BEST),
                median(GOLD),
                median(WITHOUT_GOLD),
            ));
        }
    }
    if parameters.top_ks.len() > 1 {
        remarks.push(format!(
            "Rows are for {} results; filters.csv holds the others too.",
            parameters.published_top_k
        ));
    }
    Ok(remarks)
}
