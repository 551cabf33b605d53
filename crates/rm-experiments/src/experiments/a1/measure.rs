//! All searches on one set of passages.

use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::KRule;

use super::passages::PassageSet;
use super::{Measured, MethodTimeRow, Parameters};
use crate::experiments::latency::{LatencyRow, affordable};
use crate::experiments::methods::{ALL, GoldMetric, Judged, Method, SearchedMemory, main_methods};
use crate::experiments::probing::{build, every_score};
use crate::experiments::recall::RecallMeter;
use crate::experiments::targeted::Wanted;
use crate::metrics::Percentiles;
use crate::suite::Context;

/// What is measured of every method.
pub(super) const METRICS: [GoldMetric; 4] = [
    GoldMetric::ReciprocalRank(10),
    GoldMetric::GoldRecall(10),
    GoldMetric::GoldRecall(20),
    GoldMetric::Ndcg(10),
];

/// Longest ranking that a metric looks at.
const DEEPEST: usize = 20;

/// Searches that come before the timed ones.
const WARM_UP: usize = 20;

/// Measures one set of passages.
pub(super) fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &PassageSet,
    measured: &mut Measured,
) -> Result<()> {
    recall_over_probes(context, parameters, set, measured)?;
    let rule: KRule = parameters.published_k_rule.parse()?;
    let memory = SearchedMemory::of(&set.corpus, rule, context.seed())?;
    let dataset = set.corpus.corpus.dataset;
    let methods = methods(parameters, memory.index.k());
    let label = format!("A1 {dataset}: methods");
    let task = context
        .progress()
        .task(&label, methods.len() as u64, "methods");
    let mut judged = Judged::new(dataset, &set.questions);
    for method in methods {
        judged.add(
            method.label(),
            method.n_probes(),
            memory.search(method, DEEPEST)?,
        );
        task.advance(1);
    }
    let groups = groups(set);
    for label in judged.labels() {
        for &group in &groups {
            for metric in METRICS {
                measured.gold.extend(judged.gold_row(label, metric, group)?);
            }
        }
    }
    differences(parameters, &judged, &groups, measured)?;
    times(parameters, &memory, measured)
}

/// Returns the groups of questions in the order they come, and all together where there are several.
///
/// Labels of different sets are not alike, so that measures over all are read with care.
pub(super) fn groups(set: &PassageSet) -> Vec<&'static str> {
    let mut groups: Vec<&'static str> = Vec::new();
    for question in &set.questions {
        if !groups.contains(&question.group) {
            groups.push(question.group);
        }
    }
    if groups.len() > 1 {
        groups.push(ALL);
    }
    groups
}

/// Lists the methods: those without lists first, then every number of probes.
fn methods(parameters: &Parameters, k: usize) -> Vec<Method> {
    let mut methods = vec![
        Method::Dense,
        Method::PlainBm25,
        Method::Fts5,
        Method::Bm25,
        Method::hybrid(None),
    ];
    methods.extend(parameters.fusions.iter().map(|rule| Method::Hybrid {
        n_probes: None,
        fusion: rule.fusion(),
    }));
    for &n_probes in parameters.n_probes.iter().filter(|n| **n <= k) {
        methods.push(Method::Routed { n_probes });
        methods.push(Method::hybrid(Some(n_probes)));
    }
    methods
}

/// Measures recall against dense search for every K rule and number of probes, and its time.
fn recall_over_probes(
    context: &Context<'_>,
    parameters: &Parameters,
    set: &PassageSet,
    measured: &mut Measured,
) -> Result<()> {
    let corpus = &set.corpus;
    let label = format!("A1 {}: recall", corpus.corpus.dataset);
    let steps = parameters.k_rules.len() as u64;
    let task = context.progress().task(&label, steps, "K rules");
    let top_ks = [parameters.top_k];
    let meter = RecallMeter::of(corpus, &top_ks)?;
    let (top_k, n_timed) = (parameters.top_k, parameters.n_timed);
    measured
        .latency
        .push(LatencyRow::exact(corpus, top_k, n_timed)?);
    for rule in &parameters.k_rules {
        let index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        for &n_probes in parameters.n_probes.iter().filter(|n| **n <= index.k()) {
            measured
                .recall
                .extend(meter.measure(&index, rule, n_probes)?);
            let retriever = every_score(n_probes, top_k);
            let time = LatencyRow::routed(corpus, &index, rule, n_probes, &retriever, n_timed)?;
            measured.latency.push(time);
        }
        let wanted = Wanted {
            top_k,
            targets: &parameters.recall_targets,
            n_timed,
        };
        let targeted = &mut measured.targeted;
        targeted.measure(&index, corpus, &meter.dense, rule, wanted)?;
        task.advance(1);
    }
    Ok(())
}

/// Compares pairs of methods question by question.
fn differences(
    parameters: &Parameters,
    judged: &Judged<'_>,
    groups: &[&'static str],
    measured: &mut Measured,
) -> Result<()> {
    let [dense, routed, bm25, hybrid, routed_hybrid] =
        main_methods(parameters.published_n_probes).map(Method::label);
    let mut pairs = vec![
        (routed.clone(), dense.clone()),
        (bm25.clone(), dense.clone()),
        (hybrid.clone(), dense.clone()),
        (routed_hybrid.clone(), dense),
        (routed_hybrid, hybrid.clone()),
        (hybrid.clone(), bm25.clone()),
        (bm25, Method::Fts5.label()),
    ];
    pairs.extend(parameters.fusions.iter().map(|rule| {
        let other = Method::Hybrid {
            n_probes: None,
            fusion: rule.fusion(),
        };
        (hybrid.clone(), other.label())
    }));
    for (label, less) in &pairs {
        for &group in groups {
            for metric in METRICS {
                let row = judged.difference_row(label, less, metric, group)?;
                measured.differences.extend(row);
            }
        }
    }
    Ok(())
}

/// Times the main methods and FTS5, one search at a time on one core, the vector of the query given.
fn times(
    parameters: &Parameters,
    memory: &SearchedMemory<'_>,
    measured: &mut Measured,
) -> Result<()> {
    let n_items = memory.corpus.items.len();
    let n_queries = memory.corpus.queries.len();
    let methods = main_methods(parameters.published_n_probes);
    for method in methods.into_iter().chain([Method::Fts5]) {
        let n_timed = affordable(parameters.n_timed, n_items).min(n_queries);
        for at in 0..WARM_UP.min(n_queries) {
            memory.search_one(method, at, parameters.top_k)?;
        }
        let mut times_ms = Vec::with_capacity(n_timed);
        for at in 0..n_timed {
            let started = Instant::now();
            std::hint::black_box(memory.search_one(method, at, parameters.top_k)?);
            times_ms.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let Percentiles { p50, p95, p99, .. } =
            Percentiles::of(&times_ms).context("no query to time")?;
        measured.times.push(MethodTimeRow {
            dataset: memory.corpus.corpus.dataset,
            n_items,
            k: memory.index.k(),
            method: method.label(),
            n_timed,
            p50_ms: p50,
            p95_ms: p95,
            p99_ms: p99,
        });
    }
    Ok(())
}
