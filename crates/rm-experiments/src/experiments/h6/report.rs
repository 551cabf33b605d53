//! What the measurements say: tables, rows and the answer in words.

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::Parameters;
use super::measure::{Measured, Probing};
use super::plots::plots;
use super::spread::Spread;
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::suite::{
    Context, Figure, Measured as Value, Outcome, ResultRow, RowBuilder, Setting, TextKind, Verdict,
};

/// Holds the measurements on one data set and how far its encoders lie apart with each setting.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) measured: Measured,
    /// Of gold recall over that of exact search, one for each setting.
    pub(super) gold: Vec<Spread>,
    /// Of R@k vs dense, one for each setting.
    pub(super) recall: Vec<Spread>,
}

/// Is one line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
struct RecallRow {
    dataset: Dataset,
    text_kind: TextKind,
    encoder: String,
    n_items: usize,
    n_queries: usize,
    k: usize,
    n_probes: Option<usize>,
    budget_share: Option<f64>,
    share_scanned: f64,
    recall_vs_dense: f64,
    recall_ci_low: f64,
    recall_ci_high: f64,
    gold_recall: f64,
    dense_gold_recall: f64,
    gold_ratio: f64,
    ratio_ci_low: f64,
    ratio_ci_high: f64,
}

/// Is one line of `spread.csv`.
#[derive(Debug, Clone, Serialize)]
struct SpreadRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_encoders: usize,
    n_items: usize,
    n_queries: usize,
    k: usize,
    n_probes: Option<usize>,
    budget_share: Option<f64>,
    share_scanned: f64,
    metric: &'static str,
    range: f64,
    range_ci_low: f64,
    range_ci_high: f64,
    range_by_chance: f64,
    range_by_chance_95: f64,
    deviation: f64,
    deviation_ci_low: f64,
    deviation_ci_high: f64,
}

impl Comparison {
    /// Compares the encoders with each setting.
    pub(super) fn of(measured: Measured) -> Result<Self> {
        let settings = 0..measured.probings.len();
        let gold = settings.clone().map(|at| Spread::of(&measured.gold(at)));
        let recall = settings.map(|at| Spread::of(&measured.recall(at)));
        let cannot = || format!("cannot compare encoders on {}", measured.dataset);
        Ok(Self {
            gold: gold.collect::<Result<_>>().with_context(cannot)?,
            recall: recall.collect::<Result<_>>().with_context(cannot)?,
            measured,
        })
    }

    fn setting(&self, probing: Probing) -> Result<usize> {
        let at = self.measured.setting(probing);
        at.with_context(|| format!("{probing:?} was not measured"))
    }

    /// Returns the place of the setting that the published figure is for.
    pub(super) fn published(&self, parameters: &Parameters) -> Result<usize> {
        self.setting(Probing::Lists(parameters.published_n_probes))
    }

    /// Returns the place of the setting in which all encoders scan equally much.
    pub(super) fn equal(&self, parameters: &Parameters) -> Result<usize> {
        self.setting(Probing::Share(parameters.equal_budget))
    }

    /// Returns the setting that scans least among those whose spread lies below the published one for certain.
    fn cheapest_that_passes(&self, figure: Figure) -> Option<usize> {
        let passes = |at: &usize| self.gold[*at].range.high <= figure.value + figure.tolerance;
        let scanned = |at: &usize| self.measured.share_scanned(*at);
        (0..self.gold.len())
            .filter(passes)
            .min_by(|a, b| scanned(a).total_cmp(&scanned(b)))
    }

    /// Compares only the encoders of use with one setting: those whose exact search finds enough; returns their names.
    fn useful(&self, parameters: &Parameters, at: usize) -> Result<(Vec<&str>, Spread)> {
        let found = |gold: &[f64]| gold.iter().sum::<f64>();
        let encoders = &self.measured.encoders;
        let best = encoders
            .iter()
            .map(|e| found(&e.dense_gold))
            .fold(0.0, f64::max);
        let enough = parameters.useful_share * best;
        let all = encoders.iter().zip(self.measured.gold(at));
        let (names, shares): (Vec<_>, Vec<_>) = all
            .filter(|(encoder, _)| found(&encoder.dense_gold) >= enough)
            .map(|(encoder, shares)| (encoder.encoder.as_str(), shares))
            .unzip();
        Ok((names, Spread::of(&shares)?))
    }

    /// Returns the encoders with the smallest and the largest ratio.
    fn ends<'a>(&'a self, spread: &'a Spread) -> Option<[(&'a str, f64); 2]> {
        let names = self.measured.encoders.iter().map(|e| e.encoder.as_str());
        let named = names.zip(spread.ratios.iter().map(|ratio| ratio.estimate));
        let least = named.clone().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let most = named.max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some([least, most])
    }
}

/// Writes the tables and says what they hold.
pub(super) fn report(
    context: &Context<'_>,
    parameters: &Parameters,
    comparisons: &[Comparison],
) -> Result<Outcome> {
    write_recall(context, comparisons)?;
    write_spread(context, comparisons)?;
    let mut outcome = Outcome::default();
    for comparison in comparisons {
        outcome.rows.extend(rows(context, parameters, comparison)?);
    }
    if !comparisons.is_empty() {
        outcome.plots = plots(context, parameters, comparisons)?;
        outcome.notes.answer = answer(context, parameters, comparisons)?;
    }
    let names: Vec<&str> = parameters
        .encoders
        .iter()
        .map(|e| e.name.as_str())
        .collect();
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("questions at most", parameters.n_queries),
        Setting::new("encoders", names.join("; ")),
        Setting::new("codebooks of each encoder, averaged", parameters.n_seeds),
        Setting::new("K rule", &parameters.published_k_rule),
        Setting::new(
            "gold recall",
            format!(
                "share of labelled items among the first {}",
                parameters.gold_top_k
            ),
        ),
        Setting::new(
            "least candidates and score threshold",
            "none but the share of items that a row names: every score counts",
        ),
    ];
    outcome.notes.remarks = remarks(parameters, comparisons);
    Ok(outcome)
}

fn remarks(parameters: &Parameters, comparisons: &[Comparison]) -> Vec<String> {
    let mut remarks = vec![
        "All encoders but TF-IDF rest on the weights of one model, because no other could be had offline: they differ \
         in geometry and not in what they were trained on."
            .to_owned(),
        "A spread is never negative, so a few hundred questions show one even where encoders are alike: the column \
         range_by_chance of spread.csv holds how large, and intervals of spreads begin at what is left without it."
            .to_owned(),
        "Where exact search finds little gold, the ratio says little: losing one of ten answers weighs as much as \
         losing one of a thousand, which is why encoders of use stand in a row of their own."
            .to_owned(),
    ];
    for comparison in comparisons {
        let measured = &comparison.measured;
        let lost: Vec<String> = measured
            .encoders
            .iter()
            .filter(|encoder| encoder.unknown_texts > 0)
            .map(|encoder| format!("{} of {}", encoder.unknown_texts, encoder.encoder))
            .collect();
        if !lost.is_empty() {
            remarks.push(format!(
                "{}: texts that an encoder knows nothing of got the mean direction of the items: {}.",
                measured.dataset,
                lost.join(", ")
            ));
        }
    }
    let _ = parameters;
    remarks
}

fn write_recall(context: &Context<'_>, comparisons: &[Comparison]) -> Result<()> {
    let mut table = context.table("recall")?;
    for comparison in comparisons {
        let measured = &comparison.measured;
        for (at, probing) in measured.probings.iter().enumerate() {
            for (place, encoder) in measured.encoders.iter().enumerate() {
                let (n_probes, budget_share) = columns(*probing);
                let recall = comparison.recall[at].ratios[place];
                let ratio = comparison.gold[at].ratios[place];
                table.write(&RecallRow {
                    dataset: measured.dataset,
                    text_kind: measured.text_kind,
                    encoder: encoder.encoder.clone(),
                    n_items: measured.n_items,
                    n_queries: measured.n_queries,
                    k: measured.k,
                    n_probes,
                    budget_share,
                    share_scanned: encoder.reached[at].share_scanned,
                    recall_vs_dense: recall.estimate,
                    recall_ci_low: recall.low,
                    recall_ci_high: recall.high,
                    gold_recall: mean(&encoder.reached[at].gold_recall),
                    dense_gold_recall: mean(&encoder.dense_gold),
                    gold_ratio: ratio.estimate,
                    ratio_ci_low: ratio.low,
                    ratio_ci_high: ratio.high,
                })?;
            }
        }
    }
    table.finish()
}

fn write_spread(context: &Context<'_>, comparisons: &[Comparison]) -> Result<()> {
    let mut table = context.table("spread")?;
    for comparison in comparisons {
        let measured = &comparison.measured;
        for (at, probing) in measured.probings.iter().enumerate() {
            let (n_probes, budget_share) = columns(*probing);
            let of = [
                ("gold recall over dense", &comparison.gold[at]),
                ("R@k vs dense", &comparison.recall[at]),
            ];
            for (metric, spread) in of {
                table.write(&SpreadRow {
                    dataset: measured.dataset,
                    text_kind: measured.text_kind,
                    n_encoders: measured.encoders.len(),
                    n_items: measured.n_items,
                    n_queries: measured.n_queries,
                    k: measured.k,
                    n_probes,
                    budget_share,
                    share_scanned: measured.share_scanned(at),
                    metric,
                    range: spread.range.estimate,
                    range_ci_low: spread.range.low,
                    range_ci_high: spread.range.high,
                    range_by_chance: spread.by_chance,
                    range_by_chance_95: spread.by_chance_at_most,
                    deviation: spread.deviation.estimate,
                    deviation_ci_low: spread.deviation.low,
                    deviation_ci_high: spread.deviation.high,
                })?;
            }
        }
    }
    table.finish()
}

fn columns(probing: Probing) -> (Option<usize>, Option<f64>) {
    match probing {
        Probing::Lists(n) => (Some(n), None),
        Probing::Share(share) => (None, Some(share)),
    }
}

fn mean(values: &[f64]) -> f64 {
    crate::metrics::mean(values).unwrap_or(0.0)
}

/// Makes the rows of one data set, that of the published setting first.
fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    comparison: &Comparison,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let (at, equal) = (
        comparison.published(parameters)?,
        comparison.equal(parameters)?,
    );
    let (gold_k, k) = (parameters.gold_top_k, parameters.top_k);
    let ratio = format!("spread of gold recall@{gold_k} over that of dense search");
    let mut rows = Vec::new();

    let spread = &comparison.gold[at];
    let row = row(context, comparison, &ratio, spread.range, at)?.against(figure);
    let verdict = row.verdict();
    rows.push(row.because(&why(comparison, spread))?);
    let passing = figure.and_then(|figure| comparison.cheapest_that_passes(figure));
    if let (Verdict::Below, Some(passing)) = (verdict, passing) {
        let why = format!(
            "the setting that passes the published figure and scans least, {:.0}% of the items: encoders agree once \
             routing leaves little out",
            100.0 * comparison.measured.share_scanned(passing)
        );
        let range = comparison.gold[passing].range;
        rows.push(self::row(context, comparison, &ratio, range, passing)?.because(&why)?);
    }
    let (names, useful) = comparison.useful(parameters, at)?;
    let why = format!(
        "only the {} encoders whose exact search finds at least {:.0}% of the best one's gold: {}; chance alone gives {:.3}",
        names.len(),
        100.0 * parameters.useful_share,
        names.join(", "),
        useful.by_chance
    );
    let metric = format!("{ratio}, encoders of use");
    rows.push(self::row(context, comparison, &metric, useful.range, at)?.because(&why)?);

    let metric = format!("spread of R@{k} vs dense");
    for (at, what) in [(at, "as published"), (equal, "all scanning equally much")] {
        let spread = &comparison.recall[at];
        let why = format!(
            "{what}, {:.1}% of the items; {}",
            100.0 * comparison.measured.share_scanned(at),
            self::why(comparison, spread)
        );
        rows.push(row_of(context, comparison, &metric, spread.range, at)?.because(&why)?);
    }
    Ok(rows)
}

/// Says between which encoders a spread lies and what chance would give.
fn why(comparison: &Comparison, spread: &Spread) -> String {
    let ends = comparison
        .ends(spread)
        .map_or_else(String::new, |[least, most]| {
            format!(
                "{:.3} with {} to {:.3} with {}",
                least.1, least.0, most.1, most.0
            )
        });
    format!(
        "from {ends}; {} questions would show {:.3} by chance alone if all were alike",
        comparison.measured.n_queries, spread.by_chance
    )
}

fn row(
    context: &Context<'_>,
    comparison: &Comparison,
    metric: &str,
    range: Interval,
    at: usize,
) -> Result<RowBuilder> {
    row_of(context, comparison, metric, range, at)
}

fn row_of(
    context: &Context<'_>,
    comparison: &Comparison,
    metric: &str,
    range: Interval,
    at: usize,
) -> Result<RowBuilder> {
    let measured = &comparison.measured;
    let value = Value::with_interval(range.estimate, range.low, range.high)?;
    let row = context.row(metric, value).on(
        measured.dataset.name(),
        measured.text_kind,
        measured.n_items as u64,
    );
    let row = row.k(measured.k as u64);
    Ok(match measured.probings[at] {
        Probing::Lists(n) => row.n_probes(n as u64),
        Probing::Share(_) => row,
    })
}

/// Says what the figures mean for someone who has to choose an encoder.
fn answer(
    context: &Context<'_>,
    parameters: &Parameters,
    comparisons: &[Comparison],
) -> Result<String> {
    let mut kept = Vec::new();
    let mut equal = Vec::new();
    for comparison in comparisons {
        let dataset = comparison.measured.dataset;
        let spread = &comparison.gold[comparison.published(parameters)?];
        if let Some([least, most]) = comparison.ends(spread) {
            kept.push(format!(
                "{:.0}% ({}) to {:.0}% ({}) on {dataset}",
                100.0 * least.1,
                least.0,
                100.0 * most.1,
                most.0
            ));
        }
        let spread = &comparison.recall[comparison.equal(parameters)?];
        if let Some([least, most]) = comparison.ends(spread) {
            equal.push(format!("{:.2} to {:.2} on {dataset}", least.1, most.1));
        }
    }
    let _ = context;
    Ok(format!(
        "With n = {} lists routing keeps, of the gold that exact search finds with the same vectors, {}: the \
         encoder decides how much is lost. Where every encoder scans {:.0}% of the items, R@{} vs dense still \
         ranges from {}.",
        parameters.published_n_probes,
        kept.join(", "),
        100.0 * parameters.equal_budget,
        parameters.top_k,
        equal.join(", ")
    ))
}
