//! What A1 makes of its measurements: rows and words.

use anyhow::{Context as _, Result};
use rm_core::{BM25_B, BM25_K1, HYBRID_DEPTH, LEXICAL_WEIGHT};

use super::{Measured, Parameters, plots};
use crate::corpora::Dataset;
use crate::experiments::methods::{GoldMetric, GoldRow, Method, gold_of, main_methods};
use crate::experiments::recall::{
    RecallRow, cheapest_that_passes, datasets, passing_results, recall_result,
};
use crate::experiments::targeted::{self, TargetRow};
use crate::suite::{Context, Measured as Figure, Outcome, ResultRow, RowBuilder, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for dataset in datasets(&measured.recall) {
        outcome
            .rows
            .extend(recall_rows(context, parameters, measured, dataset)?);
        outcome
            .rows
            .extend(gold_rows(context, parameters, measured, dataset)?);
        outcome
            .rows
            .extend(difference_rows(context, parameters, measured, dataset)?);
        outcome
            .rows
            .extend(time_rows(context, parameters, measured, dataset)?);
    }
    outcome.plots = plots::all(context, parameters, measured)?;
    outcome.notes.answer = answer(parameters, measured)?;
    let rule = &parameters.published_k_rule;
    let title = format!("A wanted recall beside a fixed n, K by {rule}");
    let reported = &parameters.reported_targets;
    let shown = |row: &TargetRow| row.k_rule == *rule;
    targeted::add_to(
        &mut outcome,
        context,
        &measured.targeted,
        &title,
        reported,
        shown,
    )?;
    outcome.notes.settings = settings(parameters);
    outcome.notes.remarks.extend([
        "MS MARCO here is a part of the collection: its distractors cluster round the topics of TREC DL, near-duplicates \
         exist, and a dev question has one labelled passage on average, so that a passage that answers as well counts as \
         wrong."
            .to_owned(),
        "The sample of a smaller scale is filled with the gold of its own questions first, so that gold recall there is \
         near its ceiling and says little; the whole set, at paper, does."
            .to_owned(),
        "BM25 and fusion are RM's defaults, tuned on A2's conversations; a sample of 500 of these questions was looked at \
         before they were fixed, on which rules of fusion hardly differ."
            .to_owned(),
    ]);
    Ok(outcome)
}

/// Returns the row of the published setting.
pub(super) fn at_published<'a>(
    parameters: &Parameters,
    measured: &'a Measured,
    dataset: Dataset,
) -> Result<&'a RecallRow> {
    let row = measured.recall.iter().find(|row| {
        (row.dataset, row.n_probes) == (dataset, parameters.published_n_probes)
            && row.k_rule == parameters.published_k_rule
    });
    row.context("the published setting is not among the parameters of A1")
}

fn recall_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let row = at_published(parameters, measured, dataset)?;
    let of_set = measured.recall.iter().filter(|row| row.dataset == dataset);
    let passing = cheapest_that_passes(of_set, figure.map_or(1.0, |figure| figure.value));
    let result = recall_result(context, row)?.against(figure);
    let why = match (result.verdict(), passing) {
        (Verdict::Below, Some(passing)) => format!(
            "neighbours of its questions lie in more than {} of {} lists, {} of the items; {} of {} lists hold enough",
            row.n_probes,
            row.k,
            row.scanned(),
            passing.n_probes,
            passing.k
        ),
        (Verdict::Below, None) => format!(
            "neighbours of its questions lie in more than {} of {} lists, {} of the items, and in more than any number \
             measured",
            row.n_probes,
            row.k,
            row.scanned()
        ),
        _ => format!("{} of the items were scanned", row.scanned()),
    };
    let is_below = result.verdict() == Verdict::Below;
    let mut rows = vec![result.because(&why)?];
    if let Some(passing) = passing.filter(|_| is_below) {
        rows.extend(passing_results(context, passing, &measured.latency)?);
    }
    Ok(rows)
}

/// Lists the groups of questions of a data set, all together last.
pub(super) fn groups(measured: &Measured, dataset: Dataset) -> Vec<&'static str> {
    let mut groups: Vec<&'static str> = Vec::new();
    for row in measured.gold.iter().filter(|row| row.dataset == dataset) {
        if !groups.contains(&row.group) {
            groups.push(row.group);
        }
    }
    groups
}

/// Returns the measure that a set of labels is usually read by.
pub(super) fn headline(group: &str) -> GoldMetric {
    if group.starts_with("dl") {
        GoldMetric::Ndcg(10)
    } else {
        GoldMetric::ReciprocalRank(10)
    }
}

/// Lists the methods that the report shows.
pub(super) fn shown(parameters: &Parameters) -> Vec<String> {
    let main = main_methods(parameters.published_n_probes).map(Method::label);
    let fused = parameters.fusions.iter().map(|rule| {
        let fusion = rule.fusion();
        let method = Method::Hybrid {
            n_probes: None,
            fusion,
        };
        method.label()
    });
    let rivals = [Method::PlainBm25.label(), Method::Fts5.label()];
    main.into_iter().chain(rivals).chain(fused).collect()
}

fn gold_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let main = main_methods(parameters.published_n_probes).map(Method::label);
    let mut rows = Vec::new();
    for group in groups(measured, dataset)
        .into_iter()
        .filter(|group| *group != "all")
    {
        let headline = headline(group);
        let all = shown(parameters).into_iter().map(|label| (headline, label));
        let main = main
            .iter()
            .map(|label| (GoldMetric::GoldRecall(10), label.clone()));
        for (metric, label) in all.chain(main) {
            let row = gold_of(&measured.gold, dataset, &label, metric, group)?;
            let figure = Figure::with_interval(row.value, row.ci_low, row.ci_high)?;
            let builder = context.row(&format!("{} {group}, {label}", metric.label()), figure);
            let why = format!("{} questions{}", row.n_questions, scanned(row));
            let builder = placed(parameters, measured, builder, dataset, row.n_probes)?;
            rows.push(builder.because(&why)?);
        }
    }
    Ok(rows)
}

fn scanned(row: &GoldRow) -> String {
    match row.n_probes {
        Some(_) => format!(", {:.1}% of the items compared", 100.0 * row.share_scanned),
        None => String::new(),
    }
}

/// States the data set and, for a method that scans lists, how many there are.
fn placed(
    parameters: &Parameters,
    measured: &Measured,
    builder: RowBuilder,
    dataset: Dataset,
    n_probes: Option<usize>,
) -> Result<RowBuilder> {
    let recall = at_published(parameters, measured, dataset)?;
    let builder = builder.on(dataset.name(), recall.text_kind, recall.n_items as u64);
    Ok(match n_probes {
        Some(n) => builder.k(recall.k as u64).n_probes(n as u64),
        None => builder,
    })
}

fn difference_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    let of_set = measured
        .differences
        .iter()
        .filter(|row| row.dataset == dataset);
    let of_headline = of_set.filter(|row| row.group != "all" && row.metric == headline(row.group));
    for row in of_headline {
        let figure = Figure::with_interval(row.difference, row.ci_low, row.ci_high)?;
        let (metric, group) = (row.metric.label(), row.group);
        let name = format!("{metric} {group}: {} less {}", row.method, row.less);
        let builder = context.row(&name, figure);
        let builder = placed(parameters, measured, builder, dataset, None)?;
        rows.push(builder.because("same questions, paired")?);
    }
    Ok(rows)
}

fn time_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let of_set = measured.times.iter().filter(|row| row.dataset == dataset);
    let rows = of_set.map(|row| {
        let name = format!("p50_ms, {}", row.method);
        let builder = context.row(&name, Figure::exact(row.p50_ms)?).timing();
        let why = format!(
            "one core, {} queries, p95 {:.3} ms",
            row.n_timed, row.p95_ms
        );
        placed(parameters, measured, builder, dataset, None)?.because(&why)
    });
    rows.collect()
}

fn answer(parameters: &Parameters, measured: &Measured) -> Result<String> {
    let n = parameters.published_n_probes;
    let mut sentences = Vec::new();
    for dataset in datasets(&measured.recall) {
        let recall = at_published(parameters, measured, dataset)?;
        let group = groups(measured, dataset).first().copied().unwrap_or("all");
        let metric = headline(group);
        let value = |method: Method| -> Result<f64> {
            Ok(gold_of(&measured.gold, dataset, &method.label(), metric, group)?.value)
        };
        let [dense, routed, bm25, hybrid, routed_hybrid] = main_methods(n);
        sentences.push(format!(
            "On {dataset}, n = {n} probes keep {:.1}% of the dense top {} and compare {:.1}% of the items; {} is {:.3} \
             by exact dense search, {:.3} by routing, {:.3} by BM25, {:.3} by the hybrid over everything and {:.3} by \
             RM's hybrid with n = {n}.",
            100.0 * recall.recall_vs_dense,
            recall.top_k,
            100.0 * recall.share_scanned,
            metric.label(),
            value(dense)?,
            value(routed)?,
            value(bm25)?,
            value(hybrid)?,
            value(routed_hybrid)?,
        ));
    }
    Ok(sentences.join(" "))
}

fn settings(parameters: &Parameters) -> Vec<Setting> {
    let size = if parameters.whole {
        "all of MS MARCO with its dev and TREC DL questions".to_owned()
    } else {
        format!(
            "{}, and at most {} questions",
            parameters.n_items, parameters.n_queries
        )
    };
    vec![
        Setting::new("items", size),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new("K of routed methods", &parameters.published_k_rule),
        Setting::new(
            "RM's hybrid search",
            format!(
                "cosine + {LEXICAL_WEIGHT} * BM25 / largest BM25 over the best {HYBRID_DEPTH} of either side; BM25 with \
                 k1 = {BM25_K1}, b = {BM25_B}, English stems, no stop words"
            ),
        ),
    ]
}
