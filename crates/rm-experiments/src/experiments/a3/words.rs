//! What A3 says in words.

use super::Parameters;
use super::gain::{About, Among, Gain, System};
use super::measure::Findings;
use super::report::{first_metric, signed_value};
use super::search::Storage;

/// Recall from which exact search leaves next to nothing to gain.
pub(super) const FULL: f64 = 0.95;

/// Answers the experiment's question.
pub(super) fn answer(parameters: &Parameters, findings: &Findings) -> String {
    let metric = first_metric(parameters);
    let instead = in_place(parameters, findings)
        .into_iter()
        .map(|(rm, dense)| {
            format!(
                "{} on {} ({}; exact search {})",
                signed_value(rm.gain.estimate),
                rm.set,
                rm.storage_name,
                signed_value(dense.gain.estimate),
            )
        });
    let mut beside = Vec::new();
    // Among plain texts the answers alone would have two vectors, which no memory could arrange.
    let among_alike = |(_, _, among): &(_, _, Among)| *among != Among::PlainTexts;
    for (set, _, among) in findings.places().into_iter().filter(among_alike) {
        let gains = |wanted: fn(Storage) -> bool| -> Vec<f64> {
            let gains = findings.of(set, among, System::Rm, metric);
            let wanted = gains.filter(|gain| wanted(gain.storage));
            wanted.map(|gain| gain.gain.estimate).collect()
        };
        beside.push(format!(
            "{} on {set} (plain text with twice the lists {})",
            range(&gains(|storage| matches!(storage, Storage::Beside(_)))),
            range(&gains(|storage| storage == Storage::PlainTwiceProbed)),
        ));
    }
    format!(
        "Richer text in the place of plain text changes {} through routing by {}. Stored beside the plain text, with a vector \
         of its own, it gains {}.",
        metric.name(),
        instead.collect::<Vec<_>>().join(", "),
        beside.join(", "),
    )
}

/// Says on which data sets a user surely finds more, and on which surely less, when richer text takes the place of
/// plain text.
pub(super) fn gains_and_losses(
    parameters: &Parameters,
    findings: &Findings,
) -> (Vec<String>, Vec<String>) {
    let metric = first_metric(parameters).name();
    let pairs = in_place(parameters, findings);
    let told = |verb: &str, holds: fn(&Gain) -> bool| -> Vec<String> {
        let parts = pairs.iter().filter(|(rm, _)| holds(rm)).map(|(rm, _)| {
            format!(
                "from {:.3} to {:.3} on {} ({})",
                rm.plain, rm.enriched, rm.set, rm.storage_name
            )
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            return Vec::new();
        }
        let n_sets = pairs.len();
        vec![format!(
            "Richer text in the place of plain text {verb} {metric} on {} of {n_sets} data sets: {}.",
            parts.len(),
            parts.join(", ")
        )]
    };
    (
        told("raises", |rm| rm.gain.low > 0.0),
        told("lowers", |rm| rm.gain.high < 0.0),
    )
}

/// Returns what the published form gains in the place of plain text, through routing and in exact search, once a data
/// set.
fn in_place<'a>(parameters: &Parameters, findings: &'a Findings) -> Vec<(&'a Gain, &'a Gain)> {
    let metric = first_metric(parameters);
    let mut pairs: Vec<(&Gain, &Gain)> = Vec::new();
    for (set, _, among) in findings.places() {
        let of = |system| findings.published(parameters, (set, among), system, metric);
        if let (Some(rm), Some(dense)) = (of(System::Rm), of(System::Dense))
            && pairs.iter().all(|(known, _)| known.set != set)
        {
            pairs.push((rm, dense));
        }
    }
    pairs
}

/// Writes the smallest and the largest of some gains.
fn range(gains: &[f64]) -> String {
    let low = gains.iter().copied().fold(f64::INFINITY, f64::min);
    let high = gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low == high {
        return signed_value(low);
    }
    format!("{} to {}", signed_value(low), signed_value(high))
}

/// Lists what a reader has to know besides.
pub(super) fn remarks(parameters: &Parameters, findings: &Findings) -> Vec<String> {
    let mut remarks = vec![
        "Which text the published suite enriched, how, and in which recall it gained is not stated; the first row takes \
         expanded text and gold recall, the rows after it are the other readings."
            .to_owned(),
        "Where only answers are enriched and what they compete with is plain, being enriched may itself tell them apart, and \
         two vectors give them alone two chances to be routed to; \"everything enriched\" has no such \
         advantage, and is easier because less is stored."
            .to_owned(),
    ];
    let full = |gain: &&Gain| {
        let is_told = gain.about == About::Everything && gain.among == Among::PlainTexts;
        is_told && gain.system == System::Dense && gain.metric == first_metric(parameters)
    };
    let full = findings.gains.iter().filter(full);
    for gain in full.filter(|gain| gain.plain > FULL && gain.storage == Storage::PlainTwiceProbed) {
        remarks.push(format!(
            "The questions about {}'s enriched texts are ones that exact search answers from plain text ({} {:.3} of {} \
             items), so what can be gained there is what routing loses.",
            gain.set,
            gain.metric.name(),
            gain.plain,
            gain.n_items,
        ));
    }
    let mut sets: Vec<&str> = findings
        .lengths
        .iter()
        .map(|length| length.dataset)
        .collect();
    sets.dedup();
    for set in sets {
        let lengths = findings
            .lengths
            .iter()
            .filter(|length| length.dataset == set);
        let told = lengths.map(|length| {
            format!(
                "{} {:.0} where plain has {:.0}, {:.1}% cut where plain has {:.1}%",
                length.form,
                length.tokens_per_text,
                length.plain_tokens_per_text,
                100.0 * length.share_cut,
                100.0 * length.plain_share_cut,
            )
        });
        remarks.push(format!(
            "Tokens a text on {set}, and share that the model cuts at 256: {}.",
            told.collect::<Vec<_>>().join("; ")
        ));
    }
    remarks
}
