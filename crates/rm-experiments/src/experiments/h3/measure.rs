//! Runs all filters over the queries of one data set.

use anyhow::Result;
use rm_core::KRule;

use super::super::probing::build;
use super::super::tokens::TokenCounter;
use super::answers::{Answer, Asked, QuerySet, search};
use super::effects::{Effects, keeping_recall, over_fewer_results, saving_tokens};
use super::filter::{Filter, Rule};
use super::findings::Findings;
use super::tables::Tables;
use super::{Parameters, published_saving};
use crate::agent_memories::AgentMemories;
use crate::corpora::{Dataset, EmbeddedCorpus, embed_texts};
use crate::metrics::{Interval, percentile};
use crate::suite::{Context, TextKind};

/// Says what a figure was measured on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) n_probes: usize,
    pub(super) asked: Asked,
    pub(super) n_queries: usize,
    pub(super) top_k: usize,
}

/// Says how the setting of a filter came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Chosen {
    /// It stands in the definition.
    Given,
    /// It keeps this share of the gold recall of the first half of the queries; the second half is measured.
    KeptRecall(f64),
    /// It saves this share of the tokens.
    Saving(f64),
}

/// Holds what one filter does, and where.
#[derive(Debug, Clone)]
pub(super) struct Filtered {
    pub(super) place: Place,
    pub(super) filter: Filter,
    pub(super) chosen: Chosen,
    pub(super) effects: Effects,
    /// Gold recall minus that of fewer results which cost as many tokens.
    pub(super) over_fewer_results: Option<Interval>,
}

/// Holds the spread of some scores of one query set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scores {
    pub(super) place: Place,
    /// Which scores they are.
    pub(super) of: &'static str,
    /// The 5th, 25th, 50th, 75th and 95th percentile.
    pub(super) percentiles: [f64; 5],
}

/// The scores whose spread is told.
pub(super) const BEST: &str = "best result";
pub(super) const GOLD: &str = "gold results";
pub(super) const WITHOUT_GOLD: &str = "best result without gold";

/// Measures every kind of query on one data set.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    counter: &TokenCounter,
    tables: &mut Tables,
    findings: &mut Findings,
) -> Result<()> {
    let dataset = corpus.corpus.dataset;
    let texts: Vec<&str> = corpus.corpus.items.iter().map(String::as_str).collect();
    let lengths = counter.lengths(&texts)?;
    let tokens: Vec<usize> = lengths.iter().map(|length| length.tokens).collect();
    let saving = published_saving(context)?;
    let index = build(corpus, parameters.k_rule.parse::<KRule>()?, context.seed())?;
    let sets = query_sets(context, corpus)?;
    let deepest = parameters.deepest();
    let label = format!("H3 {dataset}: filters");
    let task = context
        .progress()
        .task(&label, sets.len() as u64, "kinds of query");
    for set in &sets {
        let n_probes = parameters.n_probes;
        let answers = search(&index, &corpus.items, set, &tokens, n_probes, deepest)?;
        let place = Place {
            dataset,
            text_kind: corpus.corpus.kind(),
            n_items: corpus.items.len(),
            k: index.k(),
            n_probes,
            asked: set.asked,
            n_queries: answers.len(),
            top_k: parameters.published_top_k,
        };
        let mut filtered = apply_filters(parameters, place, &answers)?;
        if set.asked == Asked::Questions {
            filtered.extend(calibrate(parameters, place, &answers)?);
            filtered.extend(match_saving(parameters, place, &answers, saving)?);
        }
        let scores = spread_of_scores(place, &answers);
        tables.write(&filtered, &scores)?;
        findings.filtered.extend(filtered);
        findings.scores.extend(scores);
        task.advance(1);
    }
    Ok(())
}

/// Returns the questions of a data set, its gold items as queries, and near-duplicates of these where the
/// generator knows any.
fn query_sets(context: &Context<'_>, corpus: &EmbeddedCorpus) -> Result<Vec<QuerySet>> {
    let queries = &corpus.corpus.queries;
    let asked_for: Vec<usize> = queries
        .iter()
        .filter_map(|query| query.gold.first().copied())
        .collect();
    let each_its_own = || asked_for.iter().map(|&item| vec![item]).collect();
    let mut sets = vec![QuerySet {
        asked: Asked::Questions,
        vectors: corpus.queries.clone(),
        gold: queries.iter().map(|query| query.gold.clone()).collect(),
    }];
    let dataset = corpus.corpus.dataset;
    if matches!(dataset, Dataset::AgentMemories | Dataset::AgentPassages) {
        let generator = AgentMemories::new(context.seed())?;
        let restated = asked_for
            .iter()
            .map(|&item| generator.forms(item as u64).key_sentence);
        let restated: Vec<String> = restated.collect();
        let texts: Vec<&str> = restated.iter().map(String::as_str).collect();
        sets.push(QuerySet {
            asked: Asked::Restatements,
            vectors: embed_texts(context, &format!("embed restatements of {dataset}"), &texts)?,
            gold: each_its_own(),
        });
    }
    sets.push(QuerySet {
        asked: Asked::Items,
        vectors: corpus.items.gather(&asked_for),
        gold: each_its_own(),
    });
    Ok(sets)
}

/// Applies every setting of every rule; queries other than questions get tau alone.
fn apply_filters(
    parameters: &Parameters,
    place: Place,
    answers: &[Answer],
) -> Result<Vec<Filtered>> {
    let is_question = place.asked == Asked::Questions;
    let mut applied = Vec::new();
    let top_ks = parameters.top_ks.iter();
    for &top_k in top_ks.filter(|&&k| is_question || k == parameters.published_top_k) {
        let rules = Rule::ALL.into_iter();
        for rule in rules.filter(|&rule| is_question || rule == Rule::Score) {
            let settings = parameters.settings(rule).into_iter();
            for setting in settings.filter(|&n| rule != Rule::Count || n <= top_k as f64) {
                let filter = Filter::new(rule, setting);
                let place = Place { top_k, ..place };
                applied.push(apply(answers, place, filter, Chosen::Given)?);
            }
        }
    }
    Ok(applied)
}

/// Chooses settings on the first half of the queries and measures them on the second.
fn calibrate(parameters: &Parameters, place: Place, answers: &[Answer]) -> Result<Vec<Filtered>> {
    let (first, second) = answers.split_at(answers.len() / 2);
    let mut calibrated = Vec::new();
    for &top_k in &parameters.top_ks {
        let place = Place {
            top_k,
            n_queries: second.len(),
            ..place
        };
        for &target in &parameters.kept_targets {
            let filters = Rule::ALL
                .into_iter()
                .filter_map(|rule| keeping_recall(first, top_k, rule, target));
            for filter in filters {
                let chosen = Chosen::KeptRecall(target);
                calibrated.push(apply(second, place, filter, chosen)?);
            }
        }
    }
    Ok(calibrated)
}

/// Chooses settings that save as many tokens as was published.
fn match_saving(
    parameters: &Parameters,
    place: Place,
    answers: &[Answer],
    saving: f64,
) -> Result<Vec<Filtered>> {
    let mut matched = Vec::new();
    for &top_k in &parameters.top_ks {
        for rule in [Rule::Score, Rule::Margin] {
            if let Some(filter) = saving_tokens(answers, top_k, rule, saving) {
                let place = Place { top_k, ..place };
                matched.push(apply(answers, place, filter, Chosen::Saving(saving))?);
            }
        }
    }
    Ok(matched)
}

fn apply(answers: &[Answer], place: Place, filter: Filter, chosen: Chosen) -> Result<Filtered> {
    let compared = place.asked == Asked::Questions && filter.rule != Rule::Count;
    let over_fewer_results = compared.then(|| over_fewer_results(answers, place.top_k, &filter));
    Ok(Filtered {
        place,
        filter,
        chosen,
        effects: Effects::of(answers, place.top_k, &filter)?,
        over_fewer_results: over_fewer_results.transpose()?,
    })
}

/// Describes the scores of one query set; those of which there are none are left out.
fn spread_of_scores(place: Place, answers: &[Answer]) -> Vec<Scores> {
    let gold = answers.iter().flat_map(Answer::gold_scores);
    let without = answers.iter().filter_map(Answer::best_without_gold);
    let groups: [(&'static str, Vec<f32>); 3] = [
        (BEST, answers.iter().filter_map(Answer::best).collect()),
        (GOLD, gold.collect()),
        (WITHOUT_GOLD, without.collect()),
    ];
    let spread = groups.into_iter().filter_map(|(of, scores)| {
        let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
        let at = |percent| percentile(&scores, percent);
        let percentiles = [at(5.0)?, at(25.0)?, at(50.0)?, at(75.0)?, at(95.0)?];
        Some(Scores {
            place,
            of,
            percentiles,
        })
    });
    spread.collect()
}
