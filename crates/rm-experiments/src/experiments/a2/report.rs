//! What A2 makes of its measurements: rows and words.

use anyhow::{Context as _, Result};
use rm_core::{BM25_B, BM25_K1, Fusion, HYBRID_DEPTH, LEXICAL_WEIGHT, RECIPROCAL_RANK_K};

use super::measure::{HEADLINE, beside_label};
use super::{Measured, Parameters, RecallRow, plots};
use crate::corpora::Dataset;
use crate::experiments::methods::{ALL, DifferenceRow, GoldMetric, Method, gold_of, main_methods};
use crate::suite::{Context, Measured as Figure, Outcome, ResultRow, RowBuilder, Setting, Verdict};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for dataset in datasets(measured) {
        outcome
            .rows
            .extend(recall_rows(context, parameters, measured, dataset)?);
        outcome
            .rows
            .extend(gold_rows(context, parameters, measured, dataset)?);
        outcome
            .rows
            .extend(difference_rows(context, parameters, measured, dataset)?);
    }
    outcome.plots = plots::all(context, parameters, measured)?;
    outcome.notes.answer = answers(parameters, measured)?.join(" ");
    if let Some(&first) = datasets(measured).first() {
        outcome.notes.gains = vec![gain(parameters, measured, first)?];
    }
    outcome.notes.settings = settings(parameters);
    outcome.notes.remarks = remarks(parameters, measured);
    Ok(outcome)
}

/// Returns the data sets in the order they were measured.
pub(super) fn datasets(measured: &Measured) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = measured.recall.iter().map(|row| row.dataset).collect();
    datasets.dedup();
    datasets
}

fn recall_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let published = figure.map_or(1.0, |figure| figure.value);
    let of_set = || measured.recall.iter().filter(|row| row.dataset == dataset);
    let at_published = of_set().find(|row| {
        row.k_rule == parameters.published_k_rule && row.n_probes == parameters.published_n_probes
    });
    let row = at_published.context("the published setting is not among the parameters of A2")?;
    let passing = of_set()
        .filter(|row| row.ci_low >= published)
        .min_by(|a, b| a.share_scanned.total_cmp(&b.share_scanned));
    let result = recall_row(context, row)?.against(figure);
    let scanned = 100.0 * row.share_scanned;
    let why = match (result.verdict(), passing) {
        (Verdict::Below, Some(passing)) => format!(
            "a question's neighbours lie in more than {} of its memory's {:.0} lists ({scanned:.0}% of the turns): it \
             takes {} of {:.0} lists",
            row.n_probes, row.mean_k, passing.n_probes, passing.mean_k
        ),
        (Verdict::Below, None) => format!(
            "a question's neighbours lie in more than {} of its memory's {:.0} lists ({scanned:.0}% of the turns), and \
             no setting measured finds them all",
            row.n_probes, row.mean_k
        ),
        _ => format!("{scanned:.0}% of the turns were scanned"),
    };
    let mut rows = vec![result.because(&why)?];
    if let Some(passing) = passing.filter(|passing| passing.n_probes != row.n_probes) {
        let why = format!(
            "K by {}: the setting that passes the published figure and scans least, {:.0}% of the turns",
            passing.k_rule,
            100.0 * passing.share_scanned
        );
        rows.push(recall_row(context, passing)?.because(&why)?);
    }
    Ok(rows)
}

fn recall_row(context: &Context<'_>, row: &RecallRow) -> Result<RowBuilder> {
    let measured = Figure::with_interval(row.recall_vs_dense, row.ci_low, row.ci_high)?;
    let builder = context.row(&format!("R@{} vs dense", row.top_k), measured);
    let builder = builder.on(row.dataset.name(), row.text_kind, row.n_items as u64);
    Ok(builder
        .k(row.mean_k.round() as u64)
        .n_probes(row.n_probes as u64))
}

/// Lists the methods that the report shows, each with what is to be said of it.
pub(super) fn shown(parameters: &Parameters) -> Vec<(String, String)> {
    let n = parameters.published_n_probes;
    let by = |fusion| Method::Hybrid {
        n_probes: None,
        fusion,
    };
    let z_score = by(Fusion::ZScore { weight: 1.0 });
    let share = parameters.neighbour_share;
    let beside = format!("{share} of each neighbouring turn's score in the same session added");
    let rows = [
        (Method::Dense, "what routing imitates".to_owned()),
        (
            Method::Routed { n_probes: n },
            "what routing keeps of it".to_owned(),
        ),
        (
            Method::PlainBm25,
            "k1 = 1.2, b = 0.75, no stemming, stop words kept".to_owned(),
        ),
        (
            Method::Fts5,
            "SQLite's: k1 = 1.2, b = 0.75, stems, no stop words in the question".to_owned(),
        ),
        (
            Method::Bm25,
            format!("k1 = {BM25_K1}, b = {BM25_B}, stems, no stop words"),
        ),
        (
            by(Fusion::ReciprocalRank {
                k: RECIPROCAL_RANK_K,
            }),
            "the customary fusion; ranks alone, scores unseen".to_owned(),
        ),
        (z_score, "sum of z-scores".to_owned()),
        (
            Method::hybrid(None),
            format!("cosine + {LEXICAL_WEIGHT} * BM25 / largest BM25, over all lists"),
        ),
        (
            Method::hybrid(Some(n)),
            format!("the same over what {n} probes and BM25 find"),
        ),
    ];
    let mut rows: Vec<(String, String)> = rows
        .into_iter()
        .map(|(method, why)| (method.label(), why))
        .collect();
    for method in [Method::hybrid(None), z_score] {
        rows.push((beside_label(method), beside.clone()));
    }
    rows
}

fn gold_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
    dataset: Dataset,
) -> Result<Vec<ResultRow>> {
    let shown = shown(parameters);
    let main = main_methods(parameters.published_n_probes).map(Method::label);
    let headline = shown.iter().map(|shown| (HEADLINE, shown));
    let main = shown.iter().filter(|(label, _)| main.contains(label));
    let main = main.map(|shown| (GoldMetric::GoldRecall(10), shown));
    let rows = headline.chain(main).map(|(metric, (label, why))| {
        let row = gold_of(&measured.gold, dataset, label, metric, ALL)?;
        let figure = Figure::with_interval(row.value, row.ci_low, row.ci_high)?;
        let builder = context.row(&format!("{}, {label}", metric.label()), figure);
        placed(parameters, measured, builder, dataset, row.n_probes)?.because(why)
    });
    rows.collect()
}

/// States the data set and, for a method that scans lists, how many there are.
fn placed(
    parameters: &Parameters,
    measured: &Measured,
    builder: RowBuilder,
    dataset: Dataset,
    n_probes: Option<usize>,
) -> Result<RowBuilder> {
    let of_rule =
        |row: &&RecallRow| row.dataset == dataset && row.k_rule == parameters.published_k_rule;
    let recall = measured.recall.iter().find(of_rule);
    let recall = recall.context("a method is measured on a data set that recall is not")?;
    let builder = builder.on(dataset.name(), recall.text_kind, recall.n_items as u64);
    Ok(match n_probes {
        Some(n) => builder.k(recall.mean_k.round() as u64).n_probes(n as u64),
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
    let of_set = |row: &&DifferenceRow| row.dataset == dataset && row.metric == HEADLINE;
    for row in measured.differences.iter().filter(of_set) {
        let figure = Figure::with_interval(row.difference, row.ci_low, row.ci_high)?;
        let name = format!("{}: {} less {}", row.metric.label(), row.method, row.less);
        let over_memories = row.mean_over_memories.zip(row.memories_ci_low);
        let over_memories = over_memories.zip(row.memories_ci_high);
        let why = match over_memories {
            Some(((mean, low), high)) => format!(
                "same questions, paired; mean over conversations {mean:+.3} [{low:+.3}, {high:+.3}]"
            ),
            None => "same questions, paired".to_owned(),
        };
        let builder = context.row(&name, figure);
        rows.push(placed(parameters, measured, builder, dataset, None)?.because(&why)?);
    }
    for row in measured
        .held_out
        .iter()
        .filter(|row| row.dataset == dataset)
    {
        let figure = Figure::with_interval(row.hit_at_10, row.ci_low, row.ci_high)?;
        let name = format!("hit@10 held out, best of {}", row.family);
        let why = format!(
            "less RM's default hybrid {:+.3} [{:+.3}, {:+.3}]; chosen on the one half {}, on the other {}",
            row.less_default,
            row.less_default_ci_low,
            row.less_default_ci_high,
            row.chosen_for_second_half,
            row.chosen_for_first_half
        );
        let builder = context.row(&name, figure);
        rows.push(placed(parameters, measured, builder, dataset, None)?.because(&why)?);
    }
    Ok(rows)
}

fn answers(parameters: &Parameters, measured: &Measured) -> Result<Vec<String>> {
    let n = parameters.published_n_probes;
    let mut sentences = Vec::new();
    for dataset in datasets(measured) {
        let hit = |label: &str| -> Result<f64> {
            let row = gold_of(&measured.gold, dataset, label, HEADLINE, ALL)?;
            Ok(100.0 * row.value)
        };
        let recall = measured.recall.iter().find(|row| {
            row.dataset == dataset && row.k_rule == parameters.published_k_rule && row.n_probes == n
        });
        let recall = recall.context("the published setting is not measured")?;
        sentences.push(format!(
            "On {dataset}, the first ten results hold a turn that answers the question for {:.1}% of the questions by \
             exact dense search, {:.1}% by routing with n = {n} (which keeps {:.1}% of the dense top {} and scans \
             {:.0}% of the turns), {:.1}% by BM25, {:.1}% by their hybrid over everything and {:.1}% by RM's hybrid \
             with n = {n}.",
            hit(&Method::Dense.label())?,
            hit(&Method::Routed { n_probes: n }.label())?,
            100.0 * recall.recall_vs_dense,
            recall.top_k,
            100.0 * recall.share_scanned,
            hit(&Method::Bm25.label())?,
            hit(&Method::hybrid(None).label())?,
            hit(&Method::hybrid(Some(n)).label())?,
        ));
    }
    Ok(sentences)
}

/// Says what RM's hybrid gains over exact dense search, and that words make the difference.
fn gain(parameters: &Parameters, measured: &Measured, dataset: Dataset) -> Result<String> {
    let told = |method: Method| -> Result<_> {
        let row = gold_of(&measured.gold, dataset, &method.label(), HEADLINE, ALL)?;
        let [value, low, high] = [row.value, row.ci_low, row.ci_high].map(|share| 100.0 * share);
        let scanned = 100.0 * row.share_scanned;
        Ok((scanned, format!("{value:.1}% [{low:.1}, {high:.1}]")))
    };
    let n_probes = parameters.published_n_probes;
    let (_, dense) = told(Method::Dense)?;
    let (routed_share, routed) = told(Method::Routed { n_probes })?;
    let (hybrid_share, hybrid) = told(Method::hybrid(Some(n_probes)))?;
    Ok(format!(
        "On {dataset}, hybrid search with n = {n_probes} has an answering turn among the first ten for {hybrid} of the questions, \
         comparing {hybrid_share:.0}% of the turns; exact dense search has one for {dense}, and routing without words, \
         comparing {routed_share:.0}%, for {routed}."
    ))
}

fn settings(parameters: &Parameters) -> Vec<Setting> {
    vec![
        Setting::new(
            "memories",
            "one a conversation; an item is \"Speaker: text\" of a turn",
        ),
        Setting::new("K of routed methods", &parameters.published_k_rule),
        Setting::new(
            "RM's hybrid search",
            format!(
                "cosine + {LEXICAL_WEIGHT} * BM25 / largest BM25 over the best {HYBRID_DEPTH} of either side; BM25 with \
                 k1 = {BM25_K1}, b = {BM25_B}, English stems, no stop words"
            ),
        ),
        Setting::new(
            "halves for tuning",
            "conversations 1, 3, 5, ... and 2, 4, 6, ...; each is searched with what was best on the other",
        ),
        Setting::new(
            "intervals",
            "bootstrap over questions; questions of one conversation are alike, so differences are also shown over \
             conversations",
        ),
    ]
}

fn remarks(parameters: &Parameters, measured: &Measured) -> Vec<String> {
    let mut remarks = vec![
        "LoCoMo was written by a language model, and its questions take up the words of the turns that answer them, \
         which favours BM25; category 5 (adversarial) counts the turns that the question was twisted from as gold."
            .to_owned(),
        format!(
            "Adding {} of the scores of neighbouring turns is tuned to nothing but suits chats whose questions are \
             answered in the turn after the one that they resemble; it is no part of RM's hybrid search.",
            parameters.neighbour_share
        ),
        "R@5 vs dense says how much of exact dense search is kept, and gold recall that this is not the thing to want: \
         words find what vectors miss."
            .to_owned(),
    ];
    remarks.push(
        "RM's default hybrid was fixed with all of LoCoMo in view, and after a look at samples of MS MARCO and Reddit, so its \
         own figure is a little too good; what was chosen on one half and shown on the other is not, and the paired \
         difference says how little that is."
            .to_owned(),
    );
    for row in measured.held_out.iter().filter(|row| row.family == "any") {
        remarks.push(format!(
            "On {}, choosing among all settings on one half of the conversations gives hit@10 {:.3} [{:.3}, {:.3}] on \
             the other, {:+.3} [{:+.3}, {:+.3}] against RM's default hybrid.",
            row.dataset,
            row.hit_at_10,
            row.ci_low,
            row.ci_high,
            row.less_default,
            row.less_default_ci_low,
            row.less_default_ci_high
        ));
    }
    remarks.extend(
        datasets(measured)
            .into_iter()
            .map(|dataset| depths_in_words(measured, dataset)),
    );
    remarks
}

/// Says between which figures each rule of fusion moves as either side hands in more or fewer candidates.
fn depths_in_words(measured: &Measured, dataset: Dataset) -> String {
    let mut ranges: Vec<(&str, f64, f64)> = Vec::new();
    for row in measured.depths.iter().filter(|row| row.dataset == dataset) {
        match ranges.iter_mut().find(|(rule, ..)| *rule == row.method) {
            Some((_, low, high)) => {
                *low = low.min(row.hit_at_10);
                *high = high.max(row.hit_at_10);
            }
            None => ranges.push((&row.method, row.hit_at_10, row.hit_at_10)),
        }
    }
    let ranges = ranges
        .iter()
        .map(|(rule, low, high)| format!("{rule}: {low:.3} to {high:.3}"));
    format!(
        "How many candidates either side hands in (depths.csv) moves hit@10 on {dataset} between these figures: {}. A rule \
         whose scores depend on who else is a candidate needs its weight tuned for each depth.",
        ranges.collect::<Vec<_>>().join("; ")
    )
}
