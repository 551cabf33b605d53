//! What the measurements say: tables, rows and the answer in words.

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::Parameters;
use super::encoder::OTHER_MODELS;
use super::measure::{Measured, Probing};
use super::plots::plots;
use super::ranks::rank_correlation;
use super::spread::{Shares, Spread};
use crate::corpora::Dataset;
use crate::metrics::{Bootstrap, Interval, percentile};
use crate::suite::{
    Context, Figure, Measured as Value, Outcome, ResultRow, RowBuilder, Setting, TextKind, Verdict,
};

/// Holds the measurements on one data set and how far its encoders lie apart with each setting.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) measured: Measured,
    /// Of gold recall over that of exact search, one for each setting.
    pub(super) gold: Vec<Spread>,
    /// The same among the encoders of use alone.
    pub(super) useful_gold: Vec<Spread>,
    /// Of R@k vs dense, one for each setting.
    pub(super) recall: Vec<Spread>,
    /// Places of the encoders of use: those whose exact search finds enough gold.
    useful: Vec<usize>,
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
    pub(super) fn of(parameters: &Parameters, measured: Measured) -> Result<Self> {
        let settings = 0..measured.probings.len();
        let useful = useful(parameters, &measured);
        let useful_shares = |at: usize| -> Vec<Shares> {
            let all = measured.gold(at);
            useful.iter().map(|&place| all[place].clone()).collect()
        };
        let all = |shares: &dyn Fn(usize) -> Vec<Shares>| -> Result<Vec<Spread>> {
            let spreads = settings.clone().map(|at| Spread::of(&shares(at)));
            let spreads: Result<_> = spreads.collect();
            spreads.with_context(|| format!("cannot compare encoders on {}", measured.dataset))
        };
        Ok(Self {
            gold: all(&|at| measured.gold(at))?,
            useful_gold: all(&useful_shares)?,
            recall: all(&|at| measured.recall(at))?,
            useful,
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
        let passes = |at: &usize| self.useful_gold[*at].range.high <= figure.value;
        let scanned = |at: &usize| self.measured.share_scanned(*at);
        (0..self.useful_gold.len())
            .filter(passes)
            .min_by(|a, b| scanned(a).total_cmp(&scanned(b)))
    }

    /// Returns the names of all encoders.
    pub(super) fn names(&self) -> Vec<&str> {
        let encoders = self.measured.encoders.iter();
        encoders.map(|encoder| encoder.encoder.as_str()).collect()
    }

    /// Returns the names of the encoders of use.
    fn useful_names(&self) -> Vec<&str> {
        let names = self.names();
        self.useful.iter().map(|&place| names[place]).collect()
    }

    /// Returns how effective dimension and R@k vs dense rank alike over the encoders, questions resampled.
    fn dimension_against_recall(&self, at: usize) -> Result<Option<Interval>> {
        let dimensions: Vec<f64> = self
            .measured
            .encoders
            .iter()
            .map(|encoder| encoder.geometry.participation_ratio)
            .collect();
        let recalls = |of: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
            let encoders = self.measured.encoders.iter();
            encoders
                .map(|encoder| of(&encoder.reached[at].recall_vs_dense))
                .collect()
        };
        let Some(estimate) = rank_correlation(&dimensions, &recalls(&mean)) else {
            return Ok(None);
        };
        let resampled = Bootstrap::default().resample(self.measured.n_queries, |draws| {
            let drawn = recalls(&|recalls| draws.iter().map(|&query| recalls[query]).sum());
            rank_correlation(&dimensions, &drawn)
        })?;
        let resampled: Vec<f64> = resampled.into_iter().flatten().collect();
        let end = |percent| percentile(&resampled, percent).context("no resample");
        Ok(Some(Interval {
            estimate,
            low: end(2.5)?,
            high: end(97.5)?,
        }))
    }
}

/// Returns the places of the encoders whose exact search finds enough of the gold that the best one's does.
fn useful(parameters: &Parameters, measured: &Measured) -> Vec<usize> {
    let found: Vec<f64> = measured
        .encoders
        .iter()
        .map(|encoder| encoder.dense_gold.iter().sum())
        .collect();
    let enough = parameters.useful_share * found.iter().copied().fold(0.0, f64::max);
    (0..found.len())
        .filter(|&place| found[place] >= enough)
        .collect()
}

/// Returns the names that go with the smallest and the largest ratio, and those ratios.
fn ends<'a>(names: &[&'a str], spread: &Spread) -> Option<[(&'a str, f64); 2]> {
    let ratios = spread.ratios.iter().map(|ratio| ratio.estimate);
    let named = names.iter().copied().zip(ratios);
    let least = named.clone().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = named.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some([least, most])
}

/// Writes the tables and says what they hold.
pub(super) fn report(
    context: &Context<'_>,
    parameters: &Parameters,
    other_models: &[String],
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
        outcome.notes.answer = answer(parameters, comparisons)?;
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
    outcome.notes.remarks = remarks(other_models, comparisons);
    Ok(outcome)
}

fn remarks(other_models: &[String], comparisons: &[Comparison]) -> Vec<String> {
    let mut remarks = vec![
        if other_models.is_empty() {
            format!(
                "All encoders but TF-IDF rest on the weights of one model, for {OTHER_MODELS} names no folder with \
                 others: they differ in geometry and not in what they were trained on; \
                 scripts/fetch_encoder.py brings another model."
            )
        } else {
            format!(
                "The folder that {OTHER_MODELS} names added {}; all others but TF-IDF rest on the weights of one model.",
                other_models.join(", ")
            )
        },
        "A spread is never negative, so a few hundred questions show one even where encoders are alike: the columns \
         range_by_chance of spread.csv say how large, and the interval of a spread begins at what is left without it."
            .to_owned(),
        "A share of the items is exceeded by the last list scanned, and by much where one list holds many items, as it \
         does with max pooling and [CLS] where items and questions differ in length."
            .to_owned(),
        "Where exact search finds little gold the ratio says little, so an encoder that finds less than half of what \
         the best one does is left out of the first row, and is in the row of all encoders."
            .to_owned(),
        "A ratio of gold recall near 1 does not mean that routing keeps what exact search finds: gold that ranks \
         first is lost less often than the rest of the first five, which R@5 vs dense counts too."
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
                (
                    "gold recall over dense, encoders of use",
                    &comparison.useful_gold[at],
                ),
                ("R@k vs dense", &comparison.recall[at]),
            ];
            for (metric, spread) in of {
                table.write(&SpreadRow {
                    dataset: measured.dataset,
                    text_kind: measured.text_kind,
                    n_encoders: spread.ratios.len(),
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
    let (at, equal) = (
        comparison.published(parameters)?,
        comparison.equal(parameters)?,
    );
    let mut rows = ratio_rows(context, parameters, comparison, at)?;
    let metric = format!("spread of R@{} vs dense", parameters.top_k);
    for (at, what) in [(at, "n lists each"), (equal, "equal cost")] {
        let spread = &comparison.recall[at];
        let why = format!(
            "{what}, {:.1}% of the items: {}",
            100.0 * comparison.measured.share_scanned(at),
            why(comparison, &comparison.names(), spread)
        );
        rows.push(row(context, comparison, &metric, spread.range, at)?.because(&why)?);
    }
    if let Some(correlation) = comparison.dimension_against_recall(equal)? {
        let metric = format!(
            "rank correlation of effective dimension and R@{} vs dense",
            parameters.top_k
        );
        let why = format!(
            "over {} encoders at equal cost, questions resampled: below 0 where vectors that fill more dimensions are \
             harder to route",
            comparison.measured.encoders.len()
        );
        rows.push(row(context, comparison, &metric, correlation, equal)?.because(&why)?);
    }
    Ok(rows)
}

/// Makes the rows about the ratio of gold recall.
fn ratio_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    comparison: &Comparison,
    at: usize,
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let ratio = format!(
        "spread of gold recall@{} over that of dense search",
        parameters.gold_top_k
    );
    let spread = &comparison.useful_gold[at];
    let first = row(context, comparison, &ratio, spread.range, at)?.against(figure);
    let verdict = first.verdict();
    let left_out = comparison.measured.encoders.len() - comparison.useful.len();
    let mut reason = why(comparison, &comparison.useful_names(), spread);
    if left_out > 0 {
        reason.push_str(&format!("; {left_out} of little use left out"));
    }
    let passing = figure.and_then(|figure| comparison.cheapest_that_passes(figure));
    if verdict == Verdict::Below && passing.is_none() {
        reason
            .push_str("; no setting that leaves lists out passes the published figure for certain");
    }
    let mut rows = vec![first.because(&reason)?];
    if let (Verdict::Below, Some(passing)) = (verdict, passing) {
        let why = format!(
            "the setting that passes the published figure and scans least, {:.0}% of the items: encoders agree once \
             routing leaves little out",
            100.0 * comparison.measured.share_scanned(passing)
        );
        let range = comparison.useful_gold[passing].range;
        rows.push(row(context, comparison, &ratio, range, passing)?.because(&why)?);
    }
    if left_out > 0 {
        let spread = &comparison.gold[at];
        let metric = format!("{ratio}, all encoders");
        let why = why(comparison, &comparison.names(), spread);
        rows.push(row(context, comparison, &metric, spread.range, at)?.because(&why)?);
    }
    Ok(rows)
}

/// Says between which encoders a spread lies and what chance would give.
fn why(comparison: &Comparison, names: &[&str], spread: &Spread) -> String {
    let ends = ends(names, spread).map_or_else(String::new, |[least, most]| {
        format!(
            "from {:.3} ({}) to {:.3} ({}) between {} encoders",
            least.1,
            least.0,
            most.1,
            most.0,
            names.len()
        )
    });
    format!(
        "{ends}; {} questions would show {:.3} by chance if all were alike",
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
fn answer(parameters: &Parameters, comparisons: &[Comparison]) -> Result<String> {
    let (mut kept, mut equal) = (Vec::new(), Vec::new());
    for comparison in comparisons {
        let dataset = comparison.measured.dataset;
        let spread = &comparison.useful_gold[comparison.published(parameters)?];
        if let Some([least, most]) = ends(&comparison.useful_names(), spread) {
            kept.push(format!(
                "{:.0}% ({}) to {:.0}% ({}) on {dataset}",
                100.0 * least.1,
                least.0,
                100.0 * most.1,
                most.0
            ));
        }
        let spread = &comparison.recall[comparison.equal(parameters)?];
        if let Some([least, most]) = ends(&comparison.names(), spread) {
            equal.push(format!("{:.2} to {:.2} on {dataset}", least.1, most.1));
        }
    }
    let settings = comparisons.iter().map(|comparison| {
        let at = comparison.published(parameters)?;
        Ok((comparison, at, comparison.equal(parameters)?))
    });
    let settings: Vec<(&Comparison, usize, usize)> = settings.collect::<Result<_>>()?;
    let beyond_chance = settings.iter().filter(|(comparison, at, _)| {
        let spread = &comparison.useful_gold[*at];
        spread.range.estimate > spread.by_chance_at_most
    });
    let depends = match (beyond_chance.count(), comparisons.len()) {
        (0, _) => "No more than chance explains",
        (some, all) if some < all => "On some data sets it does",
        _ => "It does, by more than chance explains",
    };
    let mut harder = true;
    for (comparison, _, equal) in &settings {
        let correlation = comparison.dimension_against_recall(*equal)?;
        harder &= correlation.is_some_and(|correlation| correlation.high < 0.0);
    }
    let harder = if harder {
        ", the lower the more dimensions the vectors fill"
    } else {
        ""
    };
    Ok(format!(
        "{depends}: with n = {} lists routing keeps, of the gold that exact search finds with the same vectors, {}. \
         Where every encoder scans {:.0}% of the items, R@{} vs dense ranges from {}{harder}.",
        parameters.published_n_probes,
        kept.join(", "),
        100.0 * parameters.equal_budget,
        parameters.top_k,
        equal.join(", ")
    ))
}
