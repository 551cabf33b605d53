//! All searches of all questions of one data set, and what comes of them.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use rm_core::{Fusion, HybridRetriever, KRule};

use super::conversations::{Conversation, ConversationSet};
use super::neighbours::with_neighbours;
use super::tuning::tune;
use super::{ConversationRow, DepthRow, DifferenceRow, GoldRow, Measured, Parameters, RecallRow};
use crate::datasets::Category;
use crate::experiments::methods::{Found, GoldMetric, Labels, Method, SearchedMemory};
use crate::experiments::probing::{build, every_score};
use crate::metrics::{Bootstrap, Interval, mean, recall_vs_dense};
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

/// Names the category of all questions together.
pub(super) const ALL: &str = "all";

/// Is what one method found in every conversation, in their order.
struct Answers {
    label: String,
    n_probes: Option<usize>,
    found: Vec<Found>,
}

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

    let label = format!("A2 {}: methods", set.dataset);
    let methods = methods(parameters);
    let task = context
        .progress()
        .task(&label, methods.len() as u64, "methods");
    let mut all = Vec::new();
    for method in methods {
        let found = memories.iter().map(|memory| memory.search(method, DEEPEST));
        all.push(Answers {
            label: method.label(),
            n_probes: method.n_probes(),
            found: found.collect::<Result<_>>()?,
        });
        task.advance(1);
    }
    for fusion in [Fusion::default(), Fusion::ZScore { weight: 1.0 }] {
        all.push(beside(parameters, set, &memories, fusion)?);
    }
    for answers in &all {
        measured.gold.extend(gold_rows(set, answers)?);
    }
    differences(parameters, set, &all, measured)?;
    by_conversation(parameters, set, &memories, &all, measured)?;
    depths(parameters, set, &memories, measured)?;

    let default_hits = values(set, named(&all, Method::hybrid(None))?, HEADLINE, |_| true);
    let (tuning, held_out) = tune(context, parameters, set, &default_hits)?;
    measured.tuning.extend(tuning);
    measured.held_out.extend(held_out);
    Ok(())
}

/// Lists the methods: those without lists first, then every number of probes.
fn methods(parameters: &Parameters) -> Vec<Method> {
    let fused = |fusion| Method::Hybrid {
        n_probes: None,
        fusion,
    };
    let k = rm_core::RECIPROCAL_RANK_K;
    let mut methods = vec![
        Method::Dense,
        Method::PlainBm25,
        Method::Fts5,
        Method::Bm25,
        Method::hybrid(None),
        fused(Fusion::ZScore { weight: 1.0 }),
        fused(Fusion::MinMax { weight: 1.0 }),
        fused(Fusion::ReciprocalRank { k }),
    ];
    for &n_probes in &parameters.n_probes {
        methods.push(Method::Routed { n_probes });
        methods.push(Method::hybrid(Some(n_probes)));
    }
    methods
}

/// Measures recall against dense search for every K rule and number of probes.
fn recall_over_probes(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &ConversationSet,
    measured: &mut Measured,
) -> Result<()> {
    let top_k = parameters.top_k;
    let dense: Vec<Vec<Vec<usize>>> = set
        .conversations
        .iter()
        .map(|c| {
            let exact = rm_core::ExactSearch::new(&c.corpus.items);
            let found = exact.top_k_batch(&c.corpus.queries, top_k)?;
            let rows = found
                .iter()
                .map(|hits| hits.iter().map(|hit| hit.row).collect());
            Ok(rows.collect())
        })
        .collect::<Result<_>>()?;
    for rule in &parameters.k_rules {
        let indices = set.conversations.iter();
        let indices = indices
            .map(|c| build(&c.corpus, rule.parse::<KRule>()?, context.seed()))
            .collect::<Result<Vec<_>>>()?;
        let mean_k = mean(&indices.iter().map(|i| i.k() as f64).collect::<Vec<f64>>());
        for &n_probes in &parameters.n_probes {
            let (mut recalls, mut shares) = (Vec::new(), Vec::new());
            for ((conversation, index), dense) in set.conversations.iter().zip(&indices).zip(&dense)
            {
                let retriever = every_score(n_probes, top_k);
                let found = retriever.query_batch(index, &conversation.corpus.queries)?;
                for (found, exact) in found.iter().zip(dense) {
                    let hits: Vec<usize> =
                        found.hits.iter().map(|hit| hit.item.0 as usize).collect();
                    recalls.extend(recall_vs_dense(&hits, exact, top_k));
                    shares.push(found.candidates as f64 / index.len().max(1) as f64);
                }
            }
            let recall = Bootstrap::default().mean(&recalls)?;
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
                share_scanned: mean(&shares).context("no question")?,
            });
        }
    }
    Ok(())
}

/// Searches everything with a fusion, and lets each turn gain from those beside it.
fn beside(
    parameters: &Parameters,
    set: &ConversationSet,
    memories: &[SearchedMemory<'_>],
    fusion: Fusion,
) -> Result<Answers> {
    let method = Method::Hybrid {
        n_probes: None,
        fusion,
    };
    let found = set
        .conversations
        .iter()
        .zip(memories)
        .map(|(conversation, memory)| {
            let n_items = conversation.corpus.items.len();
            let search = HybridRetriever::default()
                .n_probes(memory.index.k())
                .fusion(fusion);
            let search = search.top_k(n_items).depth(n_items);
            let queries = conversation.corpus.queries.iter();
            let asked = queries.zip(&conversation.corpus.corpus.queries);
            let rankings = asked.map(|(x, query)| {
                let found = search.query(&memory.index, &memory.words, x, &query.text)?;
                let mut scores = vec![0.0; n_items];
                found
                    .hits
                    .iter()
                    .for_each(|hit| scores[hit.item.0 as usize] = hit.score);
                let scores =
                    with_neighbours(&scores, &conversation.sessions, parameters.neighbour_share);
                Ok(best_of(&scores, DEEPEST))
            });
            Ok(Found {
                rankings: rankings.collect::<Result<_>>()?,
                scanned: vec![n_items; conversation.corpus.queries.len()],
            })
        });
    Ok(Answers {
        label: format!("{}, with neighbours", method.label()),
        n_probes: None,
        found: found.collect::<Result<_>>()?,
    })
}

/// Returns the positions of the `k` largest scores, best first; of equals the first.
fn best_of(scores: &[f32], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order.truncate(k);
    order
}

fn named(all: &[Answers], method: Method) -> Result<&Answers> {
    let label = method.label();
    all.iter()
        .find(|answers| answers.label == label)
        .with_context(|| format!("experiments/a2.toml asks for no {label}"))
}

/// Returns one value for each question of the kinds that `asked` takes, over all conversations.
fn values(
    set: &ConversationSet,
    answers: &Answers,
    metric: GoldMetric,
    asked: impl Fn(Category) -> bool,
) -> Vec<f64> {
    let conversations = set.conversations.iter().zip(&answers.found);
    let each = conversations.flat_map(|(conversation, found)| {
        let of_kind = |at: &usize| asked(conversation.categories[*at]);
        let positions = (0..conversation.categories.len()).filter(of_kind);
        positions
            .filter_map(|at| value(conversation, found, metric, at))
            .collect::<Vec<f64>>()
    });
    each.collect()
}

fn value(conversation: &Conversation, found: &Found, metric: GoldMetric, at: usize) -> Option<f64> {
    let grades = HashMap::new();
    let labels = Labels {
        gold: &conversation.corpus.corpus.queries.get(at)?.gold,
        grades: &grades,
    };
    metric.of(found.rankings.get(at)?, labels)
}

fn gold_rows(set: &ConversationSet, answers: &Answers) -> Result<Vec<GoldRow>> {
    let mut rows = Vec::new();
    let share_scanned = share_scanned(set, answers);
    let kinds = Category::ALL.map(|category| (category.name(), Some(category)));
    for (name, kind) in [(ALL, None)].into_iter().chain(kinds) {
        for metric in METRICS {
            let of_kind = |category| kind.is_none_or(|kind| kind == category);
            let values = values(set, answers, metric, of_kind);
            if values.is_empty() {
                continue;
            }
            let Interval {
                estimate,
                low,
                high,
            } = Bootstrap::default().mean(&values)?;
            rows.push(GoldRow {
                dataset: set.dataset,
                text_kind: set.dataset.kind(),
                category: name,
                n_questions: values.len(),
                method: answers.label.clone(),
                n_probes: answers.n_probes,
                metric,
                value: estimate,
                ci_low: low,
                ci_high: high,
                share_scanned,
            });
        }
    }
    Ok(rows)
}

fn share_scanned(set: &ConversationSet, answers: &Answers) -> f64 {
    let conversations = set.conversations.iter().zip(&answers.found);
    let shares: Vec<f64> = conversations
        .flat_map(|(conversation, found)| {
            let n_items = conversation.corpus.items.len().max(1) as f64;
            found
                .scanned
                .iter()
                .map(move |scanned| *scanned as f64 / n_items)
        })
        .collect();
    mean(&shares).unwrap_or(0.0)
}

/// Compares pairs of methods question by question.
fn differences(
    parameters: &Parameters,
    set: &ConversationSet,
    all: &[Answers],
    measured: &mut Measured,
) -> Result<()> {
    let n_probes = parameters.published_n_probes;
    let routed = Method::Routed { n_probes };
    let (hybrid, routed_hybrid) = (Method::hybrid(None), Method::hybrid(Some(n_probes)));
    let reciprocal = Method::Hybrid {
        n_probes: None,
        fusion: Fusion::ReciprocalRank {
            k: rm_core::RECIPROCAL_RANK_K,
        },
    };
    let pairs = [
        (routed, Method::Dense),
        (Method::Bm25, Method::Dense),
        (hybrid, Method::Dense),
        (routed_hybrid, Method::Dense),
        (routed_hybrid, hybrid),
        (hybrid, Method::Bm25),
        (hybrid, reciprocal),
        (Method::Bm25, Method::Fts5),
    ];
    let mut compare = |left: &Answers, right: &Answers| -> Result<()> {
        for metric in METRICS {
            let sides = [left, right].map(|answers| values(set, answers, metric, |_| true));
            let over_questions = Bootstrap::default().paired_difference(&sides[0], &sides[1])?;
            let means = [left, right].map(|answers| means_of_conversations(set, answers, metric));
            let over_conversations =
                Bootstrap::default().paired_difference(&means[0], &means[1])?;
            measured.differences.push(DifferenceRow {
                dataset: set.dataset,
                text_kind: set.dataset.kind(),
                method: left.label.clone(),
                less: right.label.clone(),
                metric,
                difference: over_questions.estimate,
                ci_low: over_questions.low,
                ci_high: over_questions.high,
                mean_over_conversations: over_conversations.estimate,
                conversations_ci_low: over_conversations.low,
                conversations_ci_high: over_conversations.high,
            });
        }
        Ok(())
    };
    for (left, right) in pairs {
        compare(named(all, left)?, named(all, right)?)?;
    }
    let beside = format!("{}, with neighbours", hybrid.label());
    let beside = all.iter().find(|answers| answers.label == beside);
    compare(
        beside.context("neighbours are not measured")?,
        named(all, hybrid)?,
    )
}

fn means_of_conversations(
    set: &ConversationSet,
    answers: &Answers,
    metric: GoldMetric,
) -> Vec<f64> {
    let conversations = set.conversations.iter().zip(&answers.found);
    conversations
        .filter_map(|(conversation, found)| {
            let asked = 0..conversation.categories.len();
            let values = asked.filter_map(|at| value(conversation, found, metric, at));
            mean(&values.collect::<Vec<f64>>())
        })
        .collect()
}

fn by_conversation(
    parameters: &Parameters,
    set: &ConversationSet,
    memories: &[SearchedMemory<'_>],
    all: &[Answers],
    measured: &mut Measured,
) -> Result<()> {
    let n_probes = parameters.published_n_probes;
    let routed = named(all, Method::Routed { n_probes })?;
    let dense = named(all, Method::Dense)?;
    let hits = |method: Method| -> Result<Vec<f64>> {
        Ok(means_of_conversations(set, named(all, method)?, HEADLINE))
    };
    let [dense_hits, routed_hits, bm25, hybrid, routed_hybrid] = [
        hits(Method::Dense)?,
        hits(Method::Routed { n_probes })?,
        hits(Method::Bm25)?,
        hits(Method::hybrid(None))?,
        hits(Method::hybrid(Some(n_probes)))?,
    ];
    for (at, (conversation, memory)) in set.conversations.iter().zip(memories).enumerate() {
        let pairs = routed.found[at]
            .rankings
            .iter()
            .zip(&dense.found[at].rankings);
        let recalls: Vec<f64> = pairs
            .filter_map(|(found, exact)| recall_vs_dense(found, exact, parameters.top_k))
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
            recall_vs_dense_at_5: recall.estimate,
            recall_ci_low: recall.low,
            recall_ci_high: recall.high,
            dense_hit_at_10: dense_hits[at],
            routed_hit_at_10: routed_hits[at],
            bm25_hit_at_10: bm25[at],
            hybrid_hit_at_10: hybrid[at],
            routed_hybrid_hit_at_10: routed_hybrid[at],
        });
    }
    Ok(())
}

/// Measures how many candidates a hybrid needs.
fn depths(
    parameters: &Parameters,
    set: &ConversationSet,
    memories: &[SearchedMemory<'_>],
    measured: &mut Measured,
) -> Result<()> {
    let n_probes = parameters.published_n_probes;
    for &depth in &parameters.depths {
        let search = HybridRetriever::default()
            .n_probes(n_probes)
            .top_k(10)
            .depth(depth);
        let found = memories.iter().map(|memory| memory.hybrid(&search));
        let answers = Answers {
            label: String::new(),
            n_probes: Some(n_probes),
            found: found.collect::<Result<_>>()?,
        };
        let hits = values(set, &answers, HEADLINE, |_| true);
        let interval = Bootstrap::default().mean(&hits)?;
        measured.depths.push(DepthRow {
            dataset: set.dataset,
            text_kind: set.dataset.kind(),
            n_probes,
            depth,
            hit_at_10: interval.estimate,
            ci_low: interval.low,
            ci_high: interval.high,
        });
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
