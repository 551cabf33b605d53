//! Which BM25 and which fusion: tuned on half of the conversations, shown on the other half.

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use rm_core::{Analyser, Bm25, Candidate, ExactSearch, Fusion, ItemId, LexicalIndex};
use serde::Serialize;

use super::Parameters;
use super::conversations::{Conversation, ConversationSet};
use crate::corpora::Dataset;
use crate::experiments::methods::{FusionRule, RuleName};
use crate::metrics::{Bootstrap, gold_recall, hit, mean};
use crate::suite::{Context, TextKind};

const TOP_K: usize = 10;

/// Is one setting of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Setting {
    k1: f32,
    b: f32,
    /// `None` is BM25 alone.
    rule: Option<FusionRule>,
}

/// Is one line of `tuning.csv`: a setting, and what it gives on either half.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TuningRow {
    dataset: Dataset,
    text_kind: TextKind,
    rule: &'static str,
    parameter: Option<f32>,
    k1: f32,
    b: f32,
    hit_at_10_first_half: f64,
    hit_at_10_second_half: f64,
    hit_at_10: f64,
    gold_recall_at_10: f64,
}

/// Is one line of `held_out.csv`: a family of settings, each half searched with what was best on the other.
#[derive(Debug, Clone, Serialize)]
pub(super) struct HeldOutRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) family: &'static str,
    /// What was chosen on the second half, and shown on the first.
    pub(super) chosen_for_first_half: String,
    /// What was chosen on the first half, and shown on the second.
    pub(super) chosen_for_second_half: String,
    pub(super) n_questions: usize,
    pub(super) hit_at_10: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
    /// Held-out hit@10 less that of RM's default hybrid, question by question.
    pub(super) less_default: f64,
    pub(super) less_default_ci_low: f64,
    pub(super) less_default_ci_high: f64,
}

/// Holds what one setting gives, question by question.
#[derive(Debug, Clone, Default)]
struct Values {
    hits: Vec<f64>,
    recalls: Vec<f64>,
}

/// Tries the whole grid on one data set.
pub(super) fn tune(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &ConversationSet,
    default_hits: &[f64],
) -> Result<(Vec<TuningRow>, Vec<HeldOutRow>)> {
    let grid = grid(parameters);
    let label = format!("A2 {}: fusion", set.dataset);
    let task = context
        .progress()
        .task(&label, set.conversations.len() as u64, "conversations");
    let mut values = vec![Values::default(); grid.len()];
    let mut halves = Vec::new();
    for (number, conversation) in set.conversations.iter().enumerate() {
        for (all, new) in values
            .iter_mut()
            .zip(try_all(conversation, parameters, &grid)?)
        {
            all.hits.extend(new.hits);
            all.recalls.extend(new.recalls);
        }
        halves.extend(vec![number % 2; conversation.corpus.queries.len()]);
        task.advance(1);
    }
    let rows = grid.iter().zip(&values).map(|(setting, values)| {
        row(set, setting, values, &halves).context("a half has no questions")
    });
    let held_out =
        families().into_iter().filter_map(|(family, is_member)| {
            let members: Vec<usize> = (0..grid.len()).filter(|at| is_member(&grid[*at])).collect();
            let first = *members.first()?;
            let best =
                |half: usize| {
                    let score = |at: usize| of_half(&values[at].hits, &halves, half).unwrap_or(0.0);
                    members.iter().copied().fold(first, |best, at| {
                        if score(at) > score(best) { at } else { best }
                    })
                };
            let chosen = [best(1), best(0)];
            let held: Vec<f64> = halves
                .iter()
                .enumerate()
                .map(|(at, half)| values[chosen[*half]].hits[at])
                .collect();
            Some(held_out_row(
                set,
                family,
                chosen.map(|at| &grid[at]),
                &held,
                default_hits,
            ))
        });
    Ok((
        rows.collect::<Result<_>>()?,
        held_out.collect::<Result<_>>()?,
    ))
}

/// Is a name and what belongs to it.
type Family = (&'static str, fn(&Setting) -> bool);

fn families() -> [Family; 6] {
    [
        ("BM25 alone", |s| s.rule.is_none()),
        ("reciprocal rank", |s| is_rule(s, RuleName::ReciprocalRank)),
        ("min-max", |s| is_rule(s, RuleName::MinMax)),
        ("z-score", |s| is_rule(s, RuleName::ZScore)),
        ("max-normalised", |s| is_rule(s, RuleName::MaxNormalised)),
        ("any", |_| true),
    ]
}

fn is_rule(setting: &Setting, name: RuleName) -> bool {
    setting.rule.is_some_and(|rule| rule.rule == name)
}

fn grid(parameters: &Parameters) -> Vec<Setting> {
    let of = |rule: RuleName, values: &[f32]| -> Vec<Option<FusionRule>> {
        let rules = values
            .iter()
            .map(|&parameter| FusionRule { rule, parameter });
        rules.map(Some).collect()
    };
    let rules = [
        vec![None],
        of(RuleName::MaxNormalised, &parameters.max_normalised_weights),
        of(RuleName::ZScore, &parameters.z_score_weights),
        of(RuleName::MinMax, &parameters.min_max_weights),
        of(RuleName::ReciprocalRank, &parameters.reciprocal_rank_ks),
    ]
    .concat();
    let mut grid = Vec::new();
    for &k1 in &parameters.k1s {
        for &b in &parameters.bs {
            grid.extend(rules.iter().map(|&rule| Setting { k1, b, rule }));
        }
    }
    grid
}

/// Fuses all turns of a conversation under every setting, for every question.
fn try_all(
    conversation: &Conversation,
    parameters: &Parameters,
    grid: &[Setting],
) -> Result<Vec<Values>> {
    let corpus = &conversation.corpus;
    let n_items = corpus.items.len();
    let mut words = LexicalIndex::new(Analyser::default());
    for (at, text) in (0..).zip(&corpus.corpus.items) {
        words.add(ItemId(at), text)?;
    }
    let dense = ExactSearch::new(&corpus.items).top_k_batch(&corpus.queries, n_items)?;
    let asked: Vec<_> = corpus.corpus.queries.iter().zip(&dense).collect();
    let n_rules = grid.len() / (parameters.k1s.len() * parameters.bs.len()).max(1);
    // For each question, one pair of hit and recall for each setting.
    let judged: Vec<Vec<(f64, f64)>> = asked
        .par_iter()
        .map(|(query, dense)| {
            let mut judged = Vec::with_capacity(grid.len());
            for settings in grid.chunks(n_rules.max(1)) {
                let bm25 = Bm25::new(settings[0].k1, settings[0].b)?;
                let scores = words.query(&query.text, bm25);
                let candidates: Vec<Candidate> = dense
                    .iter()
                    .map(|hit| {
                        let item = ItemId(hit.row as u64);
                        let (cosine, lexical) = (hit.score, scores.score(item));
                        Candidate {
                            item,
                            cosine,
                            lexical,
                        }
                    })
                    .collect();
                for setting in settings {
                    let found = found(&candidates, setting.rule)?;
                    let values = hit(&found, &query.gold, TOP_K)
                        .zip(gold_recall(&found, &query.gold, TOP_K))
                        .context("a question without gold")?;
                    judged.push(values);
                }
            }
            Ok(judged)
        })
        .collect::<Result<_>>()?;
    let of_setting = |at: usize| Values {
        hits: judged.iter().map(|judged| judged[at].0).collect(),
        recalls: judged.iter().map(|judged| judged[at].1).collect(),
    };
    Ok((0..grid.len()).map(of_setting).collect())
}

fn found(candidates: &[Candidate], rule: Option<FusionRule>) -> Result<Vec<usize>> {
    let hits = match rule {
        Some(rule) => rule.fusion().top_k(candidates, TOP_K)?,
        None => {
            let by_words = candidates.iter().filter(|c| c.lexical > 0.0);
            let by_words = by_words.map(|c| Candidate { cosine: 0.0, ..*c });
            let by_words: Vec<Candidate> = by_words.collect();
            Fusion::MaxNormalised { weight: 1.0 }.top_k(&by_words, TOP_K)?
        }
    };
    Ok(hits.iter().map(|hit| hit.item.0 as usize).collect())
}

fn of_half(values: &[f64], halves: &[usize], half: usize) -> Option<f64> {
    let values = values.iter().zip(halves).filter(|(_, of)| **of == half);
    mean(&values.map(|(value, _)| *value).collect::<Vec<f64>>())
}

fn row(
    set: &ConversationSet,
    setting: &Setting,
    values: &Values,
    halves: &[usize],
) -> Option<TuningRow> {
    Some(TuningRow {
        dataset: set.dataset,
        text_kind: set.dataset.kind(),
        rule: setting.rule.map_or("none", |rule| rule.rule.name()),
        parameter: setting.rule.map(|rule| rule.parameter),
        k1: setting.k1,
        b: setting.b,
        hit_at_10_first_half: of_half(&values.hits, halves, 0)?,
        hit_at_10_second_half: of_half(&values.hits, halves, 1)?,
        hit_at_10: mean(&values.hits)?,
        gold_recall_at_10: mean(&values.recalls)?,
    })
}

fn held_out_row(
    set: &ConversationSet,
    family: &'static str,
    chosen: [&Setting; 2],
    held: &[f64],
    default_hits: &[f64],
) -> Result<HeldOutRow> {
    let bootstrap = Bootstrap::default();
    let interval = bootstrap.mean(held)?;
    let less = bootstrap.paired_difference(held, default_hits)?;
    let [first, second] = chosen.map(|setting| {
        let rule = setting
            .rule
            .map_or_else(|| "BM25 alone".to_owned(), FusionRule::label);
        format!("{rule}, k1 = {}, b = {}", setting.k1, setting.b)
    });
    Ok(HeldOutRow {
        dataset: set.dataset,
        text_kind: set.dataset.kind(),
        family,
        chosen_for_first_half: first,
        chosen_for_second_half: second,
        n_questions: held.len(),
        hit_at_10: interval.estimate,
        ci_low: interval.low,
        ci_high: interval.high,
        less_default: less.estimate,
        less_default_ci_low: less.low,
        less_default_ci_high: less.high,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_means_of_halves_are_apart() {
        let (values, halves) = ([1.0, 0.0, 1.0, 1.0], [0, 0, 1, 1]);
        assert_eq!(of_half(&values, &halves, 0), Some(0.5));
        assert_eq!(of_half(&values, &halves, 1), Some(1.0));
        assert_eq!(of_half(&values, &halves, 2), None);
    }

    #[test]
    fn bm25_alone_ranks_what_shares_a_word_and_nothing_else() -> Result<()> {
        let candidates = [(0, 0.9, 0.0), (1, 0.1, 2.0), (2, 0.2, 3.0)];
        let candidates = candidates.map(|(id, cosine, lexical)| Candidate {
            item: ItemId(id),
            cosine,
            lexical,
        });
        assert_eq!(found(&candidates, None)?, [2, 1]);
        Ok(())
    }
}
