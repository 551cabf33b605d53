//! A5, Pareto frontier.
//!
//! *Question.* Which points of recall and latency does no other method beat?
//!
//! *Hypothesis.* From n = 4 probes on routing is on the frontier, and it finds 91.8% of the dense top five in
//! 2.8 ms among 100,000 items.
//!
//! *Set-up.* Three methods over the same vectors, each built and searched on one thread: exact search; routing
//! for several K rules and numbers of probes, over lists of vectors alone, with codes, and with spilled codes; and a
//! graph index (HNSW) that computes its scores with the same dot product, over the width of its search. For every
//! setting: R@5 vs dense, vectors compared a query, bytes resident, median and tail of the time of one search. A
//! setting beats another where it is worse in nothing and better in something: in recall and vectors compared, which
//! are the same in every run; in recall and time; and in recall, time and bytes. At equal recall each width of the
//! graph stands beside the fastest routing that finds no less.
//!
//! *Refuted by* a graph, or exact search, that is faster at the same recall than a routing of four or more
//! probes.

mod beside_graph;
mod frontier;
mod graph;
mod plots;
mod point;
mod report;

use std::time::Instant;

use anyhow::{Context as _, Result};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use rm_core::{Index, ItemId, KRule};
use serde::{Deserialize, Serialize};

use super::latency;
use super::probing::{DenseAnswers, GOLD_DEPTH, build, every_score, interval, probe};
use super::sized::{SizedDatasets, resolve_sized};
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus, embed};
use crate::metrics::{Interval, gold_recall, recall_vs_dense};
use crate::output::Table;
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale, Task};
use graph::{Graph, GraphParameters};
use point::{LatencyRow, Method, Point, RecallRow, rows_of};

/// Compares recall, time and bytes of routing, exact search and a graph index.
#[derive(Debug, Clone, Copy)]
pub struct ParetoFrontier;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    top_k: usize,
    k_rules: Vec<String>,
    n_probes: Vec<usize>,
    most_probes_exact: usize,
    codings: Vec<ListCoding>,
    reported_coding: ListCoding,
    graph: GraphParameters,
    published_k_rule: String,
    published_n_probes: usize,
    published_n_items: usize,
    published_p50_ms: f64,
    published_p50_tolerance_ms: f64,
    n_items: usize,
    n_items_generated: usize,
    n_queries: usize,
    n_timed: usize,
}

/// Is one line of `build_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct BuildRow {
    dataset: Dataset,
    n_items: usize,
    method: &'static str,
    k_rule: Option<String>,
    coding: Option<ListCoding>,
    k: Option<usize>,
    m: Option<usize>,
    ef_construction: Option<usize>,
    build_s: f64,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
struct Measured {
    points: Vec<Point>,
    build: Vec<BuildRow>,
}

struct Tables {
    recall: Table<RecallRow>,
    latency: Table<LatencyRow>,
    build: Table<BuildRow>,
}

impl Experiment for ParetoFrontier {
    fn id(&self) -> ExperimentId {
        ExperimentId::A5
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let items = sizes(&p).n_items_in_all();
        let texts = (items + p.datasets.len() * p.n_queries) as u64;
        // Measured on two cores: some 250 short texts embedded a second; an item linked in 0.8 ms on
        // one core, and trained on and routed in 0.2 ms for each K rule.
        let linking = items as f64 * (8e-4 + 2e-4 * p.k_rules.len() as f64);
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + linking,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let resolved = resolve_sized(context, &sizes(&parameters))?;
        let mut tables = Tables {
            recall: context.table("recall")?,
            latency: context.timing_table("latency")?,
            build: context.timing_table("build")?,
        };
        let mut measured = Measured::default();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            let of_corpus = measure(context, &parameters, &corpus)?;
            let (recall, latency) = rows_of(&of_corpus.points, parameters.top_k);
            tables.recall.write_all(&recall)?;
            tables.latency.write_all(&latency)?;
            tables.build.write_all(&of_corpus.build)?;
            measured.points.extend(of_corpus.points);
            measured.build.extend(of_corpus.build);
        }
        tables.recall.finish()?;
        tables.latency.finish()?;
        tables.build.finish()?;
        let mut outcome = report::outcome(context, &parameters, &measured)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

fn sizes(parameters: &Parameters) -> SizedDatasets<'_> {
    SizedDatasets {
        datasets: &parameters.datasets,
        n_items: parameters.n_items,
        n_items_generated: parameters.n_items_generated,
        n_queries: parameters.n_queries,
    }
}

/// Measures all methods on one data set.
fn measure(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
) -> Result<Measured> {
    let dataset = corpus.corpus.dataset;
    let dense = DenseAnswers::of(corpus, parameters.top_k.max(GOLD_DEPTH))?;
    let mut measured = Measured::default();
    measured
        .points
        .push(measure_exact(parameters, corpus, &dense)?);
    let label = format!("A5 {dataset}: routing");
    let n_rules = parameters.k_rules.len() as u64;
    let task = context.progress().task(&label, n_rules, "codebooks");
    for rule in &parameters.k_rules {
        measure_routing(context, parameters, corpus, &dense, rule, &mut measured)?;
        task.advance(1);
    }
    drop(task);
    let label = format!("A5 {dataset}: graph");
    let task = context
        .progress()
        .task(&label, corpus.items.len() as u64, "items");
    measure_graph(context, parameters, corpus, &dense, &task, &mut measured)?;
    Ok(measured)
}

fn measure_exact(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
) -> Result<Point> {
    let gold = dense.gold_recall(corpus, GOLD_DEPTH)?;
    let latency = latency::of_exact_search(
        &corpus.items,
        &corpus.queries,
        parameters.top_k,
        latency::affordable(parameters.n_timed, corpus.items.len()),
    )?;
    Ok(Point {
        recall: exactly(1.0),
        gold,
        compared: exactly(corpus.items.len() as f64),
        bytes_per_item: vector_and_id_bytes(corpus),
        latency,
        ..Point::of(corpus, Method::Exact)
    })
}

/// Trains for one K rule and searches its lists with every coding.
fn measure_routing(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
    rule: &str,
    measured: &mut Measured,
) -> Result<()> {
    let k_rule = rule.parse::<KRule>()?;
    let (mut index, train_s) = on_one_thread(|| build(corpus, k_rule, context.seed()))?;
    for &coding in &parameters.codings {
        let drawn = coding.drawn_by(context.seed());
        let (coded, code_s) = on_one_thread(|| Ok(index.with_coding(drawn)))?;
        measured.build.push(BuildRow {
            k_rule: Some(rule.to_owned()),
            coding: Some(coding),
            k: Some(coded.k()),
            ..build_row(corpus, "routing", train_s + code_s)
        });
        let points = measure_probes(parameters, corpus, dense, rule, &coded)?;
        measured.points.extend(points);
        index = coded;
    }
    Ok(())
}

/// Measures all numbers of probes on one index.
fn measure_probes(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
    rule: &str,
    index: &Index,
) -> Result<Vec<Point>> {
    let coding = ListCoding::of(index);
    let most = if coding.is_coded() {
        index.k()
    } else {
        index.k().min(parameters.most_probes_exact)
    };
    let n_probes = parameters.n_probes.iter().filter(|&&n| n <= most);
    let point = |&n_probes: &usize| {
        let reached = probe(index, corpus, dense, n_probes, &[parameters.top_k])?;
        let latency = latency::of_retriever(
            &every_score(n_probes, parameters.top_k),
            index,
            &corpus.queries,
            parameters.n_timed,
        )?;
        let method = Method::Routing {
            k_rule: rule.to_owned(),
            k: index.k(),
            n_probes,
            coding,
        };
        Ok(Point {
            recall: reached.recall[0],
            gold: reached.gold_recall_at_10,
            compared: reached.vectors_compared,
            bytes_per_item: bytes_per_item(index),
            latency,
            ..Point::of(corpus, method)
        })
    };
    n_probes.map(point).collect()
}

/// Measures the graph over all widths of its search.
fn measure_graph(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
    task: &Task,
    measured: &mut Measured,
) -> Result<()> {
    let GraphParameters {
        m, ef_construction, ..
    } = parameters.graph;
    let (graph, build_s) =
        on_one_thread(|| Graph::build(&corpus.items, &parameters.graph, context.seed(), task))?;
    measured.build.push(BuildRow {
        m: Some(m),
        ef_construction: Some(ef_construction),
        ..build_row(corpus, "graph", build_s)
    });
    for &ef in &parameters.graph.efs {
        graph.set_ef(ef);
        let depth = parameters.top_k.max(GOLD_DEPTH);
        let found = corpus.queries.as_slice().par_chunks(corpus.queries.dim());
        let found = found
            .map(|x| graph.search_counted(&corpus.items, x, depth))
            .collect::<Result<Vec<_>>>()?;
        let exact = found.iter().zip(dense.answers());
        let recalls = exact.map(|((f, _), exact)| recall_vs_dense(f, exact, parameters.top_k));
        let gold = corpus.corpus.queries.iter().map(|query| &query.gold);
        let gold = found.iter().zip(gold);
        let compared = found.iter().map(|(_, compared)| Some(*compared as f64));
        let latency = latency::time(&corpus.queries, parameters.n_timed, |x| {
            let found = graph.search(&corpus.items, x, parameters.top_k)?;
            Ok(std::hint::black_box(found).len())
        })?;
        measured.points.push(Point {
            recall: interval(recalls)?,
            gold: interval(gold.map(|((f, _), gold)| gold_recall(f, gold, GOLD_DEPTH)))?,
            compared: interval(compared)?,
            bytes_per_item: vector_and_id_bytes(corpus)
                + graph.link_bytes() as f64 / corpus.items.len() as f64,
            latency,
            ..Point::of(corpus, Method::Graph { ef })
        });
    }
    Ok(())
}

/// Returns the bytes of an item that every method keeps.
fn vector_and_id_bytes(corpus: &EmbeddedCorpus) -> f64 {
    (corpus.items.dim() * size_of::<f32>() + size_of::<ItemId>()) as f64
}

/// Returns the bytes of an item in an index, without the table that finds it by its id, which nothing is counted of in
/// other methods either.
fn bytes_per_item(index: &Index) -> f64 {
    let bytes = index.bytes();
    (bytes.total() - bytes.places) as f64 / index.len() as f64
}

/// Returns a figure that has no spread.
fn exactly(value: f64) -> Interval {
    Interval {
        estimate: value,
        low: value,
        high: value,
    }
}

fn build_row(corpus: &EmbeddedCorpus, method: &'static str, build_s: f64) -> BuildRow {
    BuildRow {
        dataset: corpus.corpus.dataset,
        n_items: corpus.items.len(),
        method,
        k_rule: None,
        coding: None,
        k: None,
        m: None,
        ef_construction: None,
        build_s,
    }
}

/// Does `work` in a pool of one thread and returns how many seconds it took.
fn on_one_thread<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<(T, f64)> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .context("cannot start a thread")?;
    let started = Instant::now();
    let made = pool.install(work)?;
    Ok((made, started.elapsed().as_secs_f64()))
}
