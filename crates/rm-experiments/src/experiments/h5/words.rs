//! What H5 says in words.

use super::errors::Episodes;
use super::report::{PUBLISHED, find, worlds};
use super::rule::Rule;
use super::shift::Method;
use super::stream::Switch;
use super::world::{WorldName, order};
use super::{Measurements, Parameters};

/// Answers the experiment's question.
pub(super) fn answer(p: &Parameters, m: &Measurements) -> String {
    let quiet = m
        .detection
        .rows
        .iter()
        .filter(|row| row.threshold_is == PUBLISHED);
    let quiet = quiet
        .map(|row| row.false_alarms_per_1000)
        .fold(0.0, f64::max);
    let told = |rule, is_published| {
        let rows = worlds(m).into_iter();
        let rows = rows.filter_map(|world| find(m, world, Switch::Abrupt, rule, is_published));
        range(rows.map(|row| 100.0 * row.share_within), 0)
    };
    let keeps = |method: Method| {
        let rows = m.recall.rows.iter();
        let rows = rows.filter(|row| row.about_new && row.method == method);
        range(rows.map(|row| row.recall_at_equal_share), 3)
    };
    format!(
        "At the published constants the monitor tells {}% of abrupt switches of topic within {} episodes, by data set, at no \
         more than {quiet:.2} false alarms per 1,000; with thresholds set for about {} false alarm per 1,000, the ratio rule \
         tells {}%, Page-Hinkley {}% and ADWIN {}%. When the new domain's items have been added to the old codebook, R@{} vs \
         dense about it is {}, and at the same share of items compared EMA gives {}, split and prune {}, a full refit {}.",
        told(Rule::Ratio, true),
        p.within_episodes,
        p.false_alarms_per_1000,
        told(Rule::Ratio, false),
        told(Rule::PageHinkley, false),
        told(Rule::Adwin, false),
        p.top_k,
        keeps(Method::Nothing),
        keeps(Method::Ema),
        keeps(Method::SplitAndPrune),
        keeps(Method::Refit),
    )
}

/// Writes the smallest and the largest of some values.
fn range(values: impl Iterator<Item = f64>, decimals: usize) -> String {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    format!("{low:.decimals$} to {high:.decimals$}")
}

/// Says what adaptation gives back in the first world.
pub(super) fn given_back(p: &Parameters, m: &Measurements) -> Option<String> {
    let world = order(&p.worlds).into_iter().next()?;
    let of = |method: Method| {
        let mut rows = m.recall.rows.iter();
        rows.find(|r| r.world == world && r.about_new && r.method == method)
    };
    let adapted = of(Method::SplitAndPrune).filter(|row| row.gain_ci_low > 0.0)?;
    Some(format!(
        "When a new domain comes to a memory ({world}), adaptation brings R@{} about it back from {:.3} to {:.3}, where training on \
         all items brings {:.3}, comparing as many items each time.",
        p.top_k,
        of(Method::Nothing)?.recall_at_equal_share,
        adapted.recall_at_equal_share,
        of(Method::Refit)?.recall_at_equal_share,
    ))
}

/// Says how many changes of topic go untold at the published constants.
pub(super) fn not_told(p: &Parameters, m: &Measurements) -> Option<String> {
    let told = worlds(m).into_iter().filter_map(|world| {
        let row = find(m, world, Switch::Abrupt, Rule::Ratio, true)?;
        Some((world, row.share_within))
    });
    let (worst, best) = (
        told.clone().min_by(|a, b| a.1.total_cmp(&b.1))?,
        told.max_by(|a, b| a.1.total_cmp(&b.1))?,
    );
    let share = |((world, episodes), share): ((WorldName, Episodes), f64)| {
        format!("{:.0}% on {world} ({episodes})", 100.0 * share)
    };
    Some(format!(
        "With the published constants the drift monitor tells between {} and {} of the sudden changes of topic within {} episodes.",
        share(worst),
        share(best),
        p.within_episodes,
    ))
}

/// Lists what a reader has to know besides.
pub(super) fn remarks(p: &Parameters) -> Vec<String> {
    vec![
        format!(
            "Intervals of delays and false alarms are over seeds, which draw items, codebook and episodes from the same \
             texts; domains differ far more from each other, and pairs.csv has each pair. A switch that is not told \
             counts as told after {} episodes (recurring: {}), and a stream with an alarm before its switch tells no \
             delay.",
            p.episodes_after, p.recurring_episodes
        ),
        "Domains here are whole collections; an agent's topics lie closer together, as the groups of topics of \
         agent-memories do. Questions of SQuADShifts were written with the paragraph in sight."
            .to_owned(),
        "ADWIN's bound is so cautious for windows of some hundred episodes that equal false alarms take a delta \
         above 1, where it is a knob and no probability any more."
            .to_owned(),
        "EMA moves a centroid by a hundredth of its way for each question, as the original does; fifty questions \
         move next to nothing."
            .to_owned(),
    ]
}
