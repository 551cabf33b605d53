//! What the measurements say: rows and the answer in words.

use anyhow::Result;

use super::Parameters;
use super::comparison::Comparison;
use super::encoder::OTHER_MODELS;
use super::measure::Probing;
use super::plots::plots;
use super::spread::Spread;
use super::tables::{write_recall, write_spread};
use crate::metrics::Interval;
use crate::suite::{Context, Measured as Value, Outcome, ResultRow, RowBuilder, Setting, Verdict};

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
    if let [first, ..] = comparisons {
        outcome.plots = plots(context, parameters, comparisons)?;
        outcome.notes.answer = answer(parameters, comparisons)?;
        outcome.notes.losses.extend(on_encoder(parameters, first)?);
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
            "below 0 where vectors that fill more dimensions are harder to route; over {} encoders at equal cost chance \
             alone goes past {:.2} either way once in twenty times; the interval resamples questions",
            comparison.measured.encoders.len(),
            comparison.telling_correlation()
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
    if let Some((names, spread)) = comparison.trained(parameters.encoders.len(), at)? {
        let metric = format!("{ratio}, trained sentence encoders");
        let why = format!(
            "those read as they were trained: {}",
            why(comparison, &names, &spread)
        );
        rows.push(row(context, comparison, &metric, spread.range, at)?.because(&why)?);
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
        "{ends}; chance alone shows {:.3} over {} questions",
        spread.by_chance, comparison.measured.n_queries
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

/// Returns the names that go with the smallest and the largest ratio, and those ratios.
fn ends<'a>(names: &[&'a str], spread: &Spread) -> Option<[(&'a str, f64); 2]> {
    let ratios = spread.ratios.iter().map(|ratio| ratio.estimate);
    let named = names.iter().copied().zip(ratios);
    let least = named.clone().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = named.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some([least, most])
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
    let mut harder = Vec::new();
    for (comparison, _, equal) in &settings {
        let correlation = comparison.dimension_against_recall(*equal)?;
        if correlation.is_some_and(|found| found.estimate < -comparison.telling_correlation()) {
            harder.push(comparison.measured.dataset.to_string());
        }
    }
    let harder = if harder.is_empty() {
        String::new()
    } else {
        let datasets = harder.join(" and ");
        format!("; on {datasets} it is the lower, the more dimensions the vectors fill")
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

/// Says how much what routing keeps depends on the encoder, where that is more than chance.
fn on_encoder(parameters: &Parameters, comparison: &Comparison) -> Result<Option<String>> {
    let spread = &comparison.useful_gold[comparison.published(parameters)?];
    let names = comparison.useful_names();
    let is_telling = spread.range.estimate > spread.by_chance_at_most;
    let told = ends(&names, spread).filter(|_| is_telling);
    Ok(told.map(|[least, most]| {
        format!(
            "What routing keeps depends on the encoder: with n = {} lists {:.0}% ({}) to {:.0}% ({}) of the gold that exact search \
             finds on {} with the same vectors.",
            parameters.published_n_probes,
            100.0 * least.1,
            least.0,
            100.0 * most.1,
            most.0,
            comparison.measured.dataset,
        )
    }))
}
