//! What H3 says in words.

use anyhow::Result;

use super::answers::Asked;
use super::effects::Effects;
use super::filter::Rule;
use super::findings::Findings;
use super::measure::{BEST, Chosen, Filtered, GOLD, WITHOUT_GOLD};
use super::{Parameters, published_saving};
use crate::metrics::Interval;
use crate::suite::Context;

/// Answers the experiment's question.
pub(super) fn answer(
    context: &Context<'_>,
    parameters: &Parameters,
    findings: &Findings,
) -> Result<String> {
    let top_k = parameters.published_top_k;
    let chosen = |chosen: Chosen| {
        let of_set = move |dataset| findings.chosen(dataset, top_k, Rule::Score, chosen);
        findings.datasets().into_iter().filter_map(of_set)
    };
    let target = parameters.kept_targets.first().copied().unwrap_or(0.95);
    let calibrated: Vec<&Filtered> = chosen(Chosen::KeptRecall(target)).collect();
    let saving = published_saving(context)?;
    let compared: Vec<Interval> = chosen(Chosen::Saving(saving))
        .filter_map(|matched| matched.over_fewer_results)
        .collect();
    let better = compared.iter().filter(|over| over.low > 0.0).count();
    Ok(format!(
        "{} A tau calibrated to keep {} of gold R@{top_k} saves {} of the tokens and keeps {} of it on other questions; where \
         {:.1}% are saved, a threshold finds more than returning fewer results does on {better} of {} data sets.",
        at_published(parameters, findings),
        percent(target),
        range(calibrated.iter().map(|f| f.effects.tokens_saved.estimate)),
        range(
            calibrated
                .iter()
                .filter_map(|f| f.effects.gold_kept)
                .map(|kept| kept.estimate)
        ),
        100.0 * saving,
        compared.len(),
    ))
}

/// Says in a sentence what the published threshold saves and what it loses.
pub(super) fn at_published(parameters: &Parameters, findings: &Findings) -> String {
    let datasets = findings.datasets().into_iter();
    let published: Vec<&Filtered> = datasets
        .filter_map(|dataset| findings.published(parameters, dataset, Asked::Questions))
        .collect();
    let of = |share: fn(&Effects) -> Interval| {
        range(published.iter().map(|f| share(&f.effects).estimate))
    };
    format!(
        "A score threshold of {} saves {} of the tokens by leaving {} of the questions without any result: gold R@{}, \
         {} without it, falls to {}, by data set.",
        parameters.published_tau,
        of(|effects| effects.tokens_saved),
        of(|effects| effects.empty),
        parameters.published_top_k,
        range(published.iter().map(|f| findings.unfiltered(f))),
        of(|effects| effects.gold_recall),
    )
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// Writes the smallest and the largest of some shares.
fn range(shares: impl Iterator<Item = f64>) -> String {
    let (low, high) = shares.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), share| {
        (low.min(share), high.max(share))
    });
    let (low, high) = (percent(low), percent(high));
    if low == high {
        return high;
    }
    format!("{} to {high}", low.trim_end_matches('%'))
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
