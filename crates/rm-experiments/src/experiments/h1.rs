//! H1, codebook fundamentals.
//!
//! *Question.* How well do K centroids stand for the items of a memory?
//!
//! *Hypothesis.* Fidelity, the mean cosine of an item and its centroid, rises with the logarithm of K and
//! reaches the published 0.7415 at K = 64 on text of the published kind.
//!
//! *Set-up.* For every data set, K and seed: train on all N items, route them, and measure fidelity, bucket
//! variance, Gini coefficient of the list sizes and dead codes; at some K the same with linfa's k-means. The
//! interval is a bootstrap over items, each with its mean over the seeds.
//!
//! *Refuted by* a fidelity that stops rising while codes are still in use, or one that lies below the
//! published figure on generated text too.

use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{LinfaConfig, Trainer, train};
use serde::{Deserialize, Serialize};

use super::chart::series_of;
use super::probing::{interval, route};
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::metrics::Interval;
use crate::output::Table;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point, Reference};
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Measured, Outcome, ResultRow, Scale,
    Setting, TextKind, Verdict,
};

/// Measures how well K centroids stand for the items.
#[derive(Debug, Clone, Copy)]
pub struct CodebookFundamentals;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    ks: Vec<usize>,
    published_k: usize,
    linfa_ks: Vec<usize>,
    linfa_seeds: usize,
    n_items: usize,
    n_seeds: u64,
}

/// Is one line of `codebooks.csv`: one training.
#[derive(Debug, Clone, Serialize)]
struct CodebookRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    trainer: &'static str,
    k: usize,
    seed: u64,
    fidelity: f64,
    bucket_variance: f64,
    gini: f64,
    dead_codes: usize,
    iterations: usize,
}

/// Is one line of `codebooks_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct TimingRow {
    dataset: Dataset,
    n_items: usize,
    trainer: &'static str,
    k: usize,
    seed: u64,
    train_ms: f64,
}

/// Is what one trainer reaches on one data set with K centroids.
#[derive(Debug, Clone)]
struct Measurement {
    dataset: Dataset,
    n_items: usize,
    trainer: &'static str,
    k: usize,
    fidelity: Interval,
    gini: f64,
    dead_share: f64,
}

const OURS: &str = "spherical";
const LINFA: &str = "linfa";

impl Experiment for CodebookFundamentals {
    fn id(&self) -> ExperimentId {
        ExperimentId::H1
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = (p.datasets.len() * p.n_items) as u64;
        let trained: usize = p.ks.iter().sum::<usize>() * p.n_items * p.datasets.len();
        let by_linfa: usize = p.linfa_ks.iter().sum::<usize>() * p.n_items * p.datasets.len();
        // Measured on two cores: our trainer visits some 1e8 pairs of item and centroid a second, five
        // times each; linfa takes two hundred times as long.
        let pairs = 5.0 * (p.n_seeds as f64 * trained as f64);
        let seconds = (pairs + 1000.0 * p.linfa_seeds as f64 * by_linfa as f64) / 1e8;
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: seconds + texts as f64 / 150.0,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let size = CorpusSize {
            n_items: parameters.n_items,
            n_queries: 0,
        };
        let resolved = resolve_for(context, &parameters.datasets, size)?;
        let mut tables = Tables {
            codebooks: context.table("codebooks")?,
            timing: context.timing_table("codebooks")?,
        };
        let seeds: Vec<u64> = (0..parameters.n_seeds)
            .map(|at| context.seed().wrapping_add(at))
            .collect();
        let mut points = Vec::new();
        for corpus in resolved.corpora {
            let corpus = embed(context, corpus)?;
            let label = format!("H1 {}: trainings", corpus.corpus.dataset);
            let steps = (parameters.ks.len() + parameters.linfa_ks.len()) as u64;
            let task = context.progress().task(&label, steps, "codebook sizes");
            let linfa = Trainer::Linfa(LinfaConfig::default());
            let ours = parameters.ks.iter().map(|&k| (OURS, Trainer::default(), k));
            let theirs = parameters
                .linfa_ks
                .iter()
                .map(|&k| (LINFA, linfa.clone(), k));
            for (name, trainer, k) in ours.chain(theirs).filter(|x| x.2 <= corpus.items.len()) {
                let n_seeds = if name == LINFA {
                    parameters.linfa_seeds
                } else {
                    seeds.len()
                };
                let seeds = &seeds[..n_seeds.min(seeds.len())];
                points.push(measure(&corpus, name, &trainer, k, seeds, &mut tables)?);
                task.advance(1);
            }
        }
        tables.codebooks.finish()?;
        tables.timing.finish()?;
        let mut outcome = report(context, &parameters, &points)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

struct Tables {
    codebooks: Table<CodebookRow>,
    timing: Table<TimingRow>,
}

/// Trains once for each seed and averages.
fn measure(
    corpus: &EmbeddedCorpus,
    name: &'static str,
    trainer: &Trainer,
    k: usize,
    seeds: &[u64],
    tables: &mut Tables,
) -> Result<Measurement> {
    let (dataset, n_items) = (corpus.corpus.dataset, corpus.items.len());
    let n_seeds = seeds.len() as f64;
    let mut cosines = vec![0.0; n_items];
    let (mut gini, mut dead) = (0.0, 0.0);
    for &seed in seeds {
        let started = Instant::now();
        let trained = train(&corpus.items, k, trainer, seed)?;
        let train_ms = started.elapsed().as_secs_f64() * 1e3;
        let encodings = trained.codebook.encode_batch(&corpus.items)?;
        let scores = encodings.iter().map(|encoding| f64::from(encoding.score));
        cosines
            .iter_mut()
            .zip(scores)
            .for_each(|(sum, score)| *sum += score / n_seeds);
        let stats = route(corpus, trained.codebook)?.stats();
        gini += stats.gini / n_seeds;
        dead += stats.dead_codes as f64 / stats.k as f64 / n_seeds;
        tables.timing.write(&TimingRow {
            dataset,
            n_items,
            trainer: name,
            k,
            seed,
            train_ms,
        })?;
        tables.codebooks.write(&CodebookRow {
            dataset,
            text_kind: corpus.corpus.kind(),
            n_items,
            trainer: name,
            k,
            seed,
            fidelity: stats.fidelity,
            bucket_variance: stats.variance,
            gini: stats.gini,
            dead_codes: stats.dead_codes,
            iterations: trained.iterations,
        })?;
    }
    let fidelity = interval(cosines.into_iter().map(Some))?;
    Ok(Measurement {
        dataset,
        n_items,
        trainer: name,
        k,
        fidelity,
        gini,
        dead_share: dead,
    })
}

fn report(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<Outcome> {
    let mut outcome = Outcome {
        rows: rows(context, parameters, points)?,
        plots: vec![
            fidelity_plot(context, parameters, points)?,
            balance_plot(context, points)?,
        ],
        ..Outcome::default()
    };
    outcome.notes.answer = answer(parameters, points);
    outcome.notes.settings = vec![
        Setting::new("items", parameters.n_items),
        Setting::new("seeds", parameters.n_seeds),
        Setting::new("trainer", "nested mini-batch spherical k-means, k-means++"),
        Setting::new(
            "reference trainer",
            "linfa-clustering k-means, at most 20 iterations, first seed",
        ),
    ];
    Ok(outcome)
}

/// Says how fidelity grows with K and how far apart the trainers are.
fn answer(parameters: &Parameters, points: &[Measurement]) -> String {
    let ours = |k| points.iter().filter(move |p| p.trainer == OURS && p.k == k);
    let at_published: Vec<String> = ours(parameters.published_k)
        .map(|p| format!("{:.3} on {}", p.fidelity.estimate, p.dataset))
        .collect();
    let steps: Vec<f64> = points
        .windows(2)
        .filter(|w| w[0].dataset == w[1].dataset && w[0].trainer == OURS && w[1].trainer == OURS)
        .map(|w| {
            let doublings = (w[1].k as f64 / w[0].k as f64).log2();
            (w[1].fidelity.estimate - w[0].fidelity.estimate) / doublings
        })
        .collect();
    let (low, high) = steps
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| {
            (l.min(*s), h.max(*s))
        });
    let gaps = points
        .iter()
        .filter(|p| p.trainer == LINFA)
        .filter_map(|linfa| {
            let ours = ours(linfa.k).find(|p| p.dataset == linfa.dataset)?;
            Some(ours.fidelity.estimate - linfa.fidelity.estimate)
        });
    let worst = gaps.fold(f64::INFINITY, f64::min);
    format!(
        "With K = {} centroids the mean cosine of an item and its centroid is {}; every doubling of K adds \
         {low:.3} to {high:.3}. Ours minus linfa's is {worst:+.4} where it is worst.",
        parameters.published_k,
        at_published.join(", "),
    )
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<Vec<ResultRow>> {
    let figure = context.definition().published.figure();
    let mut rows = Vec::new();
    for point in points
        .iter()
        .filter(|p| p.trainer == OURS && p.k == parameters.published_k)
    {
        let row = row(context, "fidelity", point)?.against(figure);
        let why = match row.verdict() {
            Verdict::Below => first_that_passes(points, point, figure.map_or(1.0, |f| f.value)),
            _ => format!(
                "mean over {} seeds, interval over items",
                parameters.n_seeds
            ),
        };
        rows.push(row.because(&why)?);
    }
    let published = figure.map_or(1.0, |figure| figure.value);
    for point in points
        .iter()
        .filter(|p| p.trainer == OURS && p.k == parameters.published_k)
    {
        let Some(passing) = passing(points, point, published) else {
            continue;
        };
        if passing.k != point.k {
            let why = format!(
                "the smallest K measured that reaches the published figure: {} items a list on average",
                passing.n_items / passing.k
            );
            rows.push(row(context, "fidelity", passing)?.because(&why)?);
        }
    }
    for point in points.iter().filter(|p| p.k == parameters.published_k) {
        let why = format!("{} of the codes are dead", percent(point.dead_share));
        let measured = Measured::exact(point.gini)?;
        let metric = format!("gini of list sizes, {}", point.trainer);
        let row = context
            .row(&metric, measured)
            .on(
                point.dataset.name(),
                point.dataset.kind(),
                point.n_items as u64,
            )
            .k(point.k as u64);
        rows.push(row.because(&why)?);
    }
    Ok(rows)
}

fn row(
    context: &Context<'_>,
    metric: &str,
    point: &Measurement,
) -> Result<crate::suite::RowBuilder> {
    let Interval {
        estimate,
        low,
        high,
    } = point.fidelity;
    let row = context.row(metric, Measured::with_interval(estimate, low, high)?);
    let on = row.on(
        point.dataset.name(),
        point.dataset.kind(),
        point.n_items as u64,
    );
    Ok(on.k(point.k as u64))
}

fn passing<'a>(
    points: &'a [Measurement],
    point: &Measurement,
    published: f64,
) -> Option<&'a Measurement> {
    let same = points
        .iter()
        .filter(|p| p.dataset == point.dataset && p.trainer == OURS);
    same.filter(|p| p.fidelity.low >= published)
        .min_by_key(|p| p.k)
}

fn first_that_passes(points: &[Measurement], point: &Measurement, published: f64) -> String {
    match passing(points, point, published) {
        Some(passing) => format!(
            "text of this kind is spread wider than the published suite's: it takes K = {} to reach the figure",
            passing.k
        ),
        None => "text of this kind is spread wider than the published suite's: no K measured here reaches \
                 the figure"
            .to_owned(),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

fn fidelity_plot(
    context: &Context<'_>,
    parameters: &Parameters,
    points: &[Measurement],
) -> Result<PlotFile> {
    let labels: Vec<String> = points.iter().map(label).collect();
    let rows = labels.iter().zip(points).map(|(label, p)| {
        let Interval {
            estimate,
            low,
            high,
        } = p.fidelity;
        (
            label.as_str(),
            Point::new(p.k as f64, estimate).with_interval(low, high),
        )
    });
    let mut chart = LineChart::new(
        "Fidelity over codebook size",
        Axis::new("centroids K", AxisScale::Log2),
        Axis::linear("mean cosine of an item and its centroid"),
    );
    for series in series_of(rows) {
        chart = chart.series(series);
    }
    if let Some(figure) = context.definition().published.figure() {
        let k = parameters.published_k;
        let label = format!("published: {} at K = {k}", figure.value);
        chart = chart.reference(Reference::new(&label, figure.value).at(k as f64));
    }
    let caption = "Fidelity with 95% intervals over items; linfa's k-means beside ours";
    chart
        .save(context.folder(), "fidelity", caption)
        .context("cannot draw the fidelity plot")
}

fn balance_plot(context: &Context<'_>, points: &[Measurement]) -> Result<PlotFile> {
    let labels: Vec<String> = points.iter().map(label).collect();
    let rows = labels.iter().zip(points);
    let rows = rows.map(|(label, p)| (label.as_str(), Point::new(p.k as f64, p.gini)));
    let mut chart = LineChart::new(
        "Balance over codebook size",
        Axis::new("centroids K", AxisScale::Log2),
        Axis::linear("Gini coefficient of list sizes").from_zero(),
    );
    for series in series_of(rows) {
        chart = chart.series(series);
    }
    let caption = "How unevenly lists are filled: 0 where all are equal";
    chart
        .save(context.folder(), "balance", caption)
        .context("cannot draw the balance plot")
}

fn label(point: &Measurement) -> String {
    match point.trainer {
        LINFA => format!("{}, linfa", point.dataset),
        _ => point.dataset.to_string(),
    }
}
