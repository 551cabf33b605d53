//! H1, codebook fundamentals.
//!
//! *Question.* How well do K centroids stand for the items of a memory?
//!
//! *Hypothesis.* Fidelity, the mean cosine of an item and its centroid, rises with the logarithm of K and
//! reaches the published 0.7415 at K = 64 on text of the published kind.
//!
//! *Set-up.* For every data set, K and seed: train on all N items, route them, and measure fidelity, bucket
//! variance, Gini coefficient of the list sizes and dead codes; at some K the same with linfa's k-means. The
//! interval of fidelity is a bootstrap over items, each with its mean over the seeds; that of the Gini coefficient is
//! one over seeds. Where no K reaches the published figure, larger ones are tried until one does.
//!
//! *Refuted by* a fidelity that stops rising while codes are still in use, or one that lies below the
//! published figure on generated text too.

mod report;

use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{LinfaConfig, Trainer, train};
use serde::{Deserialize, Serialize};

use super::probing::{interval, route};
use super::resident::ResidentBytes;
use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::metrics::{Interval, percentile};
use crate::output::Table;
use crate::suite::{
    Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale, TextKind,
};

/// Measures how well K centroids stand for the items.
#[derive(Debug, Clone, Copy)]
pub struct CodebookFundamentals;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    datasets: Vec<Dataset>,
    ks: Vec<usize>,
    further_ks: Vec<usize>,
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
    n_seeds: usize,
    /// Over items, each with its mean over the seeds.
    fidelity: Interval,
    /// Over seeds.
    gini: Interval,
    /// Over seeds.
    dead_share: Interval,
    /// Median over seeds.
    train_ms: f64,
    /// Bytes of the centroids over all that is resident.
    centroid_byte_share: f64,
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
        let ks =
            p.ks.iter()
                .chain(&p.further_ks)
                .filter(|&&k| k <= p.n_items);
        let trained: usize = ks.sum::<usize>() * p.n_items * p.datasets.len();
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
            points.extend(measure_all(
                context,
                &parameters,
                &corpus,
                &seeds,
                &mut tables,
            )?);
        }
        tables.codebooks.finish()?;
        tables.timing.finish()?;
        let mut outcome = report::outcome(context, &parameters, &points)?;
        outcome.notes.remarks.extend(resolved.remarks);
        outcome.failures = resolved.failures;
        Ok(outcome)
    }
}

struct Tables {
    codebooks: Table<CodebookRow>,
    timing: Table<TimingRow>,
}

/// Trains with every K and trainer on one data set.
fn measure_all(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    seeds: &[u64],
    tables: &mut Tables,
) -> Result<Vec<Measurement>> {
    let label = format!("H1 {}: trainings", corpus.corpus.dataset);
    let steps = (parameters.ks.len() + parameters.linfa_ks.len()) as u64;
    let task = context.progress().task(&label, steps, "codebook sizes");
    let fits = |k: &&usize| **k <= corpus.items.len();
    let mut points = Vec::new();
    for &k in parameters.ks.iter().filter(fits) {
        let trainer = Trainer::default();
        points.push(measure(corpus, OURS, &trainer, k, seeds, tables)?);
        task.advance(1);
    }
    // Where no K reaches the published figure, larger ones are tried until one does, with the first seed alone.
    let first_seed = &seeds[..seeds.len().min(1)];
    let published = published(context);
    for &k in parameters.further_ks.iter().filter(fits) {
        let last = points.iter().max_by_key(|point| point.k);
        if last.is_some_and(|point| point.fidelity.low >= published) {
            break;
        }
        let trainer = Trainer::default();
        points.push(measure(corpus, OURS, &trainer, k, first_seed, tables)?);
    }
    for &k in parameters.linfa_ks.iter().filter(fits) {
        let trainer = Trainer::Linfa(LinfaConfig::default());
        let seeds = &seeds[..parameters.linfa_seeds.min(seeds.len())];
        points.push(measure(corpus, LINFA, &trainer, k, seeds, tables)?);
        task.advance(1);
    }
    Ok(points)
}

/// Returns the published fidelity.
fn published(context: &Context<'_>) -> f64 {
    let figure = context.definition().published.figure();
    figure.map_or(1.0, |figure| figure.value)
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
    let (mut gini, mut dead, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let mut centroid_byte_share = 0.0;
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
        let index = route(corpus, trained.codebook)?;
        let bytes = ResidentBytes::of(&index);
        // K decides it, whatever the seed.
        centroid_byte_share = bytes.centroid_bytes as f64 / bytes.resident_bytes as f64;
        let stats = index.stats();
        gini.push(stats.gini);
        dead.push(stats.dead_codes as f64 / stats.k as f64);
        times.push(train_ms);
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
        n_seeds: seeds.len(),
        fidelity,
        gini: interval(gini.into_iter().map(Some))?,
        dead_share: interval(dead.into_iter().map(Some))?,
        train_ms: percentile(&times, 50.0).context("no seed to train with")?,
        centroid_byte_share,
    })
}
