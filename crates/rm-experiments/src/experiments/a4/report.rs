//! What A4 makes of its measurements: rows, plots and words.

use anyhow::Result;

use super::growth::{self, Growth, is_reported};
use super::ways::{self, Way, WayAt};
use super::{Measured, Parameters, plots, rows};
use crate::experiments::latency::LatencyRow;
use crate::experiments::recall::percent;
use crate::experiments::targeted;
use crate::output::text::grouped;
use crate::suite::{Context, Outcome, Setting};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let ways = ways::all(parameters, measured);
    let table = context.timing_table("ways")?;
    table.finish_with(&ways.iter().map(|at| at.row.clone()).collect::<Vec<_>>())?;
    let mut outcome = Outcome {
        rows: rows::rows(context, parameters, measured, &ways)?,
        plots: vec![plots::growth_plot(context, parameters, measured)?],
        ..Outcome::default()
    };
    for (dataset, _) in measured.largest() {
        let drawn = growth::plots(context, parameters, measured, &ways, dataset)?;
        outcome.plots.extend(drawn);
    }
    for place in measured.largest() {
        let drawn = plots::at_largest(context, parameters, measured, place)?;
        outcome.plots.extend(drawn);
    }
    let title = format!(
        "A wanted recall beside a fixed n, K by {}, the largest size",
        parameters.reported_coding.behind(&parameters.target_k_rule)
    );
    let sizes = measured.largest();
    targeted::add_to(
        &mut outcome,
        context,
        &measured.targeted,
        &title,
        &parameters.reported_targets,
        |row| {
            sizes.contains(&(row.dataset, row.n_items)) && row.coding == parameters.reported_coding
        },
    )?;
    // In place of the sentence on targets, which stands side by side with the original's setting here.
    outcome.notes.answer = answer(parameters, measured, &ways);
    outcome.notes.gains = costs(measured).into_iter().take(1).collect();
    outcome.notes.settings = settings(parameters);
    outcome.notes.remarks.extend(remarks(parameters));
    Ok(outcome)
}

fn settings(parameters: &Parameters) -> Vec<Setting> {
    let corpora = parameters.corpora.iter();
    let sizes = corpora.map(|sized| format!("{} {:?}", sized.dataset, sized.sizes()));
    let codings = parameters.codings.iter().map(|coding| coding.in_words());
    vec![
        Setting::new("sizes", sizes.collect::<Vec<_>>().join("; ")),
        Setting::new("queries", parameters.n_queries),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new("lists", codings.collect::<Vec<_>>().join("; ")),
        Setting::new(
            "probes n",
            format!(
                "{:?}; exact lists to {}",
                parameters.n_probes, parameters.most_probes_exact
            ),
        ),
        Setting::new("K rule of recall targets", &parameters.target_k_rule),
        Setting::new(
            "timed queries",
            format!("{} on one core", parameters.n_timed),
        ),
        Setting::new(
            "least candidates and score threshold",
            "none: exactly n lists, every score",
        ),
    ]
}

fn remarks(parameters: &Parameters) -> Vec<String> {
    let mut remarks = vec![
        "Reddit's gold means \"same post\", not a human judgement, and only titles that share two content \
         words with their body were taken."
            .to_owned(),
    ];
    let corpora = &parameters.corpora;
    let largest = corpora.iter().map(|sized| sized.largest()).max();
    for sized in corpora.iter().filter(|s| Some(s.largest()) < largest) {
        remarks.push(format!(
            "{} goes to {} items and not to {}, to spare the time that embedding more generated text takes.",
            sized.dataset,
            grouped(sized.largest() as u64),
            grouped(largest.unwrap_or_default() as u64)
        ));
    }
    remarks
}

/// Sets the original's setting and recall targets side by side, and says how the time of a search grows: of the first
/// data set, real text where there is any.
fn answer(parameters: &Parameters, measured: &Measured, ways: &[WayAt]) -> String {
    let Some(&place) = measured.largest().first() else {
        return String::new();
    };
    let here = ways
        .iter()
        .filter(|at| (at.row.dataset, at.row.n_items) == place);
    let shown: Vec<&WayAt> = here.filter(|at| is_reported(parameters, at)).collect();
    let parts = shown.iter().filter_map(|at| beside(at, parameters.top_k));
    let growth = growth::of_time(parameters, ways, place.0);
    let mut answer = format!(
        "Among {} texts ({}) {}.",
        grouped(place.1 as u64),
        place.0,
        parts.collect::<Vec<_>>().join("; ")
    );
    let exponents: Vec<String> = growth.iter().filter_map(grows).collect();
    if !exponents.is_empty() {
        answer.push_str(&format!(
            " Over the sizes the median time grows as {}.",
            exponents.join(", ")
        ));
    }
    answer
}

/// Says what a way finds and costs; exact search is left to the second sentence.
fn beside(at: &WayAt, top_k: usize) -> Option<String> {
    let row = &at.row;
    let who = match at.way {
        Way::Exact => return None,
        Way::Original => format!("{} give", row.way),
        Way::Target(target) => format!("each query's own n for {target} gives"),
    };
    Some(format!(
        "{who} R@{top_k} {:.3} in {:.2} ms (K = {}, {}; p95 {:.2}, p99 {:.2}), scanning {} of the items, with {:.0} bytes an \
         item",
        row.recall_vs_dense,
        row.p50_ms,
        row.k,
        row.coding.in_words(),
        row.p95_ms,
        row.p99_ms,
        percent(row.share_scanned),
        row.bytes_per_item
    ))
}

fn grows(growth: &Growth) -> Option<String> {
    growth.exponent().map(|e| growth.with_exponent(e))
}

/// Says of each data set at its largest what an R@k of 0.95 takes, where a setting reaches it.
fn costs(measured: &Measured) -> Vec<String> {
    let costs = measured.largest().into_iter().filter_map(|place| {
        let of_size = |l: &&LatencyRow| (l.dataset, l.n_items) == place;
        let mut timed = measured.latency.iter().filter(of_size);
        let exact = timed.find(|l| l.n_probes == 0)?;
        let reached = measured.recall_at(place);
        let reached = reached.filter(|row| row.recall_vs_dense >= 0.95);
        let with_time = reached.filter_map(|row| {
            let timed = measured.latency.iter().find(|timed| timed.is_of(row))?;
            Some((row, timed.p50_ms))
        });
        let (row, p50_ms) = with_time.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(format!(
            "R@{} of at least 0.95 among {} texts ({}) takes {p50_ms:.2} ms on one core ({}, K = {}, n = {}), exact search \
             {:.2} ms.",
            row.top_k,
            grouped(place.1 as u64),
            place.0,
            row.coding.in_words(),
            row.k,
            row.n_probes,
            exact.p50_ms
        ))
    });
    costs.collect()
}
