//! All searches of all questions of one data set, and what comes of them.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use rm_core::{ExactSearch, Fusion, HybridRetriever, KRule, RECIPROCAL_RANK_K};

use super::conversations::{Conversation, ConversationSet};
use super::neighbours::with_neighbours;
use super::tuning::tune;
use super::{ConversationRow, DepthRow, Measured, Parameters, RecallRow};
use crate::datasets::Category;
use crate::experiments::methods::{
    ALL, Found, GoldMetric, Judged, Method, Question, SearchedMemory, main_methods,
};
use crate::experiments::probing::{build, every_score};
use crate::metrics::{Bootstrap, mean, recall_vs_dense};
use crate::suite::Context;

/// What is measured of every method.
const METRICS: [GoldMetric; 4] = [
    GoldMetric::GoldRecall(5),
    GoldMetric::GoldRecall(10),
    GoldMetric::GoldRecall(20),
    GoldMetric::Hit(10),
];

/// Longest ranking that a metric looks at.
const DEEPEST: usize = 20;

/// The measure that the literature reports on LoCoMo.
pub(super) const HEADLINE: GoldMetric = GoldMetric::Hit(10);

/// Measures one data set.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &ConversationSet,
    measured: &mut Measured,
) -> Result<()> {
    recall_over_probes(context, parameters, set, measured)?;
    let rule: KRule = parameters.published_k_rule.parse()?;
    let memories = set.conversations.iter();
    let memories: Vec<SearchedMemory<'_>> = memories
        .map(|conversation| SearchedMemory::of(&conversation.corpus, rule, context.seed()))
        .collect::<Result<_>>()?;
    let questions = questions(set);
    let judged = search(context, parameters, set, &memories, &questions)?;
    gold(parameters, &judged, measured)?;
    differences(parameters, &judged, measured)?;
    by_conversation(parameters, set, &memories, &judged, measured)?;
    depths(parameters, &memories, &questions, measured)?;
    let default_hits = judged.values(&Method::hybrid(None).label(), HEADLINE, |_| true)?;
    let (tuning, held_out) = tune(context, parameters, set, &default_hits)?;
    measured.tuning.extend(tuning);
    measured.held_out.extend(held_out);
    Ok(())
}

/// Returns the questions of all conversations with their labels.
fn questions(set: &ConversationSet) -> Vec<Question> {
    let conversations = set.conversations.iter().enumerate();
    let each = conversations.flat_map(|(memory, conversation)| {
        let asked = conversation.corpus.corpus.queries.iter();
        let asked = asked.zip(&conversation.categories);
        asked.map(move |(query, category)| Question {
            gold: query.gold.clone(),
            grades: HashMap::new(),
            group: category.name(),
            memory,
            n_items: conversation.corpus.items.len(),
        })
    });
    each.collect()
}

/// Searches for all questions with every method.
fn search<'a>(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &ConversationSet,
    memories: &[SearchedMemory<'_>],
    questions: &'a [Question],
) -> Result<Judged<'a>> {
    let label = format!("A2 {}: methods", set.dataset);
    let methods = methods(parameters);
    let task = context
        .progress()
        .task(&label, methods.len() as u64, "methods");
    let mut judged = Judged::new(set.dataset, questions);
    for method in methods {
        let mut found = Found::default();
        for memory in memories {
            found.extend(memory.search(method, DEEPEST)?);
        }
        judged.add(method.label(), method.n_probes(), found);
        task.advance(1);
    }
    for fusion in [Fusion::default(), Fusion::ZScore { weight: 1.0 }] {
        let method = Method::Hybrid {
            n_probes: None,
            fusion,
        };
        let mut found = Found::default();
        for (conversation, memory) in set.conversations.iter().zip(memories) {
            found.extend(beside(parameters, conversation, memory, fusion)?);
        }
        judged.add(beside_label(method), None, found);
    }
    Ok(judged)
}

/// Lists the methods: those without lists first, then every number of probes.
fn methods(parameters: &Parameters) -> Vec<Method> {
    let fused = |fusion| Method::Hybrid {
        n_probes: None,
        fusion,
    };
    let mut methods = vec![
        Method::Dense,
        Method::PlainBm25,
        Method::Fts5,
        Method::Bm25,
        Method::hybrid(None),
        fused(Fusion::ZScore { weight: 1.0 }),
        fused(Fusion::MinMax { weight: 1.0 }),
        fused(Fusion::ReciprocalRank {
            k: RECIPROCAL_RANK_K,
        }),
    ];
    for &n_probes in &parameters.n_probes {
        methods.push(Method::Routed { n_probes });
        methods.push(Method::hybrid(Some(n_probes)));
    }
    methods
}

/// Returns the name of a method whose turns gain from those beside them.
pub(super) fn beside_label(method: Method) -> String {
    format!("{}, with neighbours", method.label())
}

/// Measures recall against dense search for every K rule and number of probes.
fn recall_over_probes(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &ConversationSet,
    measured: &mut Measured,
) -> Result<()> {
    let top_k = parameters.top_k;
    let exact = set.conversations.iter().map(|conversation| {
        let exact = ExactSearch::new(&conversation.corpus.items);
        exact.top_k_batch(&conversation.corpus.queries, top_k)
    });
    let exact = exact.collect::<rm_core::Result<Vec<_>>>()?;
    for rule in &parameters.k_rules {
        let indices = set.conversations.iter();
        let indices = indices
            .map(|c| build(&c.corpus, rule.parse::<KRule>()?, context.seed()))
            .collect::<Result<Vec<_>>>()?;
        let mean_k = mean(&indices.iter().map(|i| i.k() as f64).collect::<Vec<f64>>());
        for &n_probes in &parameters.n_probes {
            let (mut recalls, mut shares) = (Vec::new(), Vec::new());
            for (at, index) in indices.iter().enumerate() {
                let retriever = every_score(n_probes, top_k);
                let queries = &set.conversations[at].corpus.queries;
                for (found, exact) in retriever
                    .query_batch(index, queries)?
                    .iter()
                    .zip(&exact[at])
                {
                    let hits: Vec<usize> =
                        found.hits.iter().map(|hit| hit.item.0 as usize).collect();
                    let exact: Vec<usize> = exact.iter().map(|hit| hit.row).collect();
                    recalls.extend(recall_vs_dense(&hits, &exact, top_k));
                    shares.push(found.candidates as f64 / index.len().max(1) as f64);
                }
            }
            let recall = Bootstrap::default().mean(&recalls)?;
            let scanned = Bootstrap::default().mean(&shares)?;
            measured.recall.push(RecallRow {
                dataset: set.dataset,
                text_kind: set.dataset.kind(),
                n_memories: set.conversations.len(),
                n_items: set.n_items(),
                n_questions: set.n_questions(),
                k_rule: rule.clone(),
                mean_k: mean_k.context("no conversation")?,
                n_probes,
                top_k,
                recall_vs_dense: recall.estimate,
                ci_low: recall.low,
                ci_high: recall.high,
                share_scanned: scanned.estimate,
                share_scanned_ci_low: scanned.low,
                share_scanned_ci_high: scanned.high,
            });
        }
    }
    Ok(())
}

/// Searches everything with a fusion, and lets each turn gain from those beside it.
fn beside(
    parameters: &Parameters,
    conversation: &Conversation,
    memory: &SearchedMemory<'_>,
    fusion: Fusion,
) -> Result<Found> {
    let corpus = &conversation.corpus;
    let n_items = corpus.items.len();
    let search = HybridRetriever::default()
        .n_probes(memory.index.k())
        .fusion(fusion);
    let search = search.top_k(n_items).depth(n_items);
    let (index, words) = (&memory.index, &memory.words);
    let asked: Vec<_> = corpus.queries.iter().zip(&corpus.corpus.queries).collect();
    let rankings = asked.par_iter().map(|(x, query)| {
        let found = search.query(index, words, x, &query.text)?;
        let mut scores = vec![0.0; n_items];
        for hit in &found.hits {
            scores[hit.item.0 as usize] = hit.score;
        }
        let scores = with_neighbours(&scores, &conversation.sessions, parameters.neighbour_share);
        Ok(best_of(&scores, DEEPEST))
    });
    Ok(Found {
        rankings: rankings.collect::<Result<_>>()?,
        scanned: vec![n_items; asked.len()],
    })
}

/// Returns the positions of the `k` largest scores, best first; of equals the first.
fn best_of(scores: &[f32], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order.truncate(k);
    order
}

/// Measures every method over all questions, and the main ones over the questions of each kind.
fn gold(parameters: &Parameters, judged: &Judged<'_>, measured: &mut Measured) -> Result<()> {
    let main = main_methods(parameters.published_n_probes).map(Method::label);
    let kinds = || Category::ALL.iter().map(|category| category.name());
    for label in judged.labels() {
        let is_main = main.iter().any(|main| main == label);
        let groups = [ALL].into_iter().chain(kinds().filter(|_| is_main));
        for group in groups {
            for metric in METRICS {
                measured.gold.extend(judged.gold_row(label, metric, group)?);
            }
        }
    }
    Ok(())
}

/// Compares pairs of methods question by question.
fn differences(
    parameters: &Parameters,
    judged: &Judged<'_>,
    measured: &mut Measured,
) -> Result<()> {
    let [dense, routed, bm25, hybrid, routed_hybrid] =
        main_methods(parameters.published_n_probes).map(Method::label);
    let reciprocal_rank = Method::Hybrid {
        n_probes: None,
        fusion: Fusion::ReciprocalRank {
            k: RECIPROCAL_RANK_K,
        },
    };
    let pairs = [
        (&routed, &dense),
        (&bm25, &dense),
        (&hybrid, &dense),
        (&routed_hybrid, &dense),
        (&routed_hybrid, &hybrid),
        (&hybrid, &bm25),
        (&hybrid, &reciprocal_rank.label()),
        (&bm25, &Method::Fts5.label()),
        (&beside_label(Method::hybrid(None)), &hybrid),
    ];
    for (label, less) in pairs {
        for metric in METRICS {
            let row = judged.difference_row(label, less, metric, ALL)?;
            measured.differences.extend(row);
        }
    }
    Ok(())
}

fn by_conversation(
    parameters: &Parameters,
    set: &ConversationSet,
    memories: &[SearchedMemory<'_>],
    judged: &Judged<'_>,
    measured: &mut Measured,
) -> Result<()> {
    let n_probes = parameters.published_n_probes;
    let labels = main_methods(n_probes).map(Method::label);
    let (exact, found) = (judged.found(&labels[0])?, judged.found(&labels[1])?);
    let mut hits = Vec::new();
    for label in &labels {
        hits.push(judged.means_of_memories(label, HEADLINE)?);
    }
    for (at, (conversation, memory)) in set.conversations.iter().zip(memories).enumerate() {
        let rankings = found
            .rankings
            .iter()
            .zip(&exact.rankings)
            .zip(judged.questions);
        let recalls: Vec<f64> = rankings
            .filter(|(_, question)| question.memory == at)
            .filter_map(|((found, exact), _)| recall_vs_dense(found, exact, parameters.top_k))
            .collect();
        let recall = Bootstrap::default().mean(&recalls)?;
        measured.conversations.push(ConversationRow {
            dataset: set.dataset,
            text_kind: set.dataset.kind(),
            conversation: conversation.id.clone(),
            n_items: conversation.corpus.items.len(),
            n_questions: conversation.corpus.queries.len(),
            k: memory.index.k(),
            n_probes,
            top_k: parameters.top_k,
            recall_vs_dense: recall.estimate,
            recall_ci_low: recall.low,
            recall_ci_high: recall.high,
            dense_hit_at_10: hits[0][at],
            routed_hit_at_10: hits[1][at],
            bm25_hit_at_10: hits[2][at],
            hybrid_hit_at_10: hits[3][at],
            routed_hybrid_hit_at_10: hits[4][at],
        });
    }
    Ok(())
}

/// Measures how many candidates a hybrid needs, by the rule of fusion.
fn depths(
    parameters: &Parameters,
    memories: &[SearchedMemory<'_>],
    questions: &[Question],
    measured: &mut Measured,
) -> Result<()> {
    let n_probes = parameters.published_n_probes;
    let Some(dataset) = memories.first().map(|memory| memory.corpus.corpus.dataset) else {
        return Ok(());
    };
    for rule in &parameters.depth_fusions {
        let method = Method::Hybrid {
            n_probes: Some(n_probes),
            fusion: rule.fusion(),
        };
        let search = HybridRetriever::default().n_probes(n_probes).top_k(10);
        let search = search.fusion(rule.fusion());
        for &depth in &parameters.depths {
            let search = search.clone().depth(depth);
            let mut found = Found::default();
            for memory in memories {
                found.extend(memory.hybrid(&search)?);
            }
            let mut judged = Judged::new(dataset, questions);
            judged.add(method.label(), Some(n_probes), found);
            let row = judged.gold_row(&method.label(), HEADLINE, ALL)?;
            let row = row.context("no question has gold")?;
            measured.depths.push(DepthRow {
                dataset,
                text_kind: dataset.kind(),
                method: rule.label(),
                n_probes,
                depth,
                hit_at_10: row.value,
                ci_low: row.ci_low,
                ci_high: row.ci_high,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::best_of;

    #[test]
    fn of_equal_scores_the_first_comes_first() {
        assert_eq!(best_of(&[0.5, 0.9, 0.5, 0.1], 3), [1, 0, 2]);
    }
}
