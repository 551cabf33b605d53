//! Trains codebooks in every way and measures their lists and searches.

use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{
    BalancedConfig, Encoding, Index, Init, Retriever, SphericalConfig, Trainer, gini, train,
};

use super::super::latency;
use super::super::probing::{Found, every_score, interval, route};
use super::super::reach::{Depth, Reach, exact_answers};
use super::split::split_and_merge;
use super::tables::{GrowthRow, SearchTimeRow, Tables};
use super::{Method, Parameters, Point, Probing, Tail, TailTime, told};
use crate::ListCoding;
use crate::corpora::EmbeddedCorpus;
use crate::metrics::{Bootstrap, Interval, Percentiles, percentile};
use crate::suite::Context;

/// Points of a Lorenz curve beside its origin.
const LORENZ_POINTS: usize = 20;

/// Is what all seeds of one method gave.
struct Trained {
    method: Method,
    ginis: Vec<f64>,
    dead_share: f64,
    longest: f64,
    fidelity: f64,
    /// For each seed, the Gini coefficient before and after growth.
    growth: Vec<(f64, f64)>,
    build_s: f64,
    lorenz: Vec<(f64, f64)>,
    searches: Vec<Searches>,
}

/// Is what every seed's queries scan at one recall.
struct Searches {
    probing: Probing,
    target_recall: f64,
    depth: f64,
    /// For each seed, the items that every query scans; empty where the recall cannot be had.
    scanned: Vec<Vec<f64>>,
    times: Vec<TailTime>,
}

/// Measures one data set of one size.
pub(super) fn corpus(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    tables: &mut Tables,
) -> Result<Vec<Point>> {
    let n_items = corpus.items.len();
    let methods = parameters.methods(n_items);
    let label = format!("A6 {}, {n_items} items", corpus.corpus.dataset);
    let steps = methods.len() as u64 * parameters.n_seeds;
    let task = context.progress().task(&label, steps, "codebooks");
    let answers = exact_answers(&corpus.items, &corpus.queries, parameters.top_k)?;
    let mut all = Vec::new();
    for &method in methods {
        let mut trained = Trained::new(parameters, method);
        for seed in (0..parameters.n_seeds).map(|at| context.seed().wrapping_add(at)) {
            let started = Instant::now();
            let index = build(parameters, corpus, method, seed)?;
            let build_s = started.elapsed().as_secs_f64();
            let stats = index.stats();
            trained.take(parameters, corpus, (index, seed), &answers, build_s, tables)?;
            if methods.len() > 1 && method.is_compared() {
                trained
                    .growth
                    .push(grow(parameters, corpus, method, seed, tables)?);
            }
            tables.write_training(corpus, method, seed, &stats, build_s)?;
            task.advance(1);
        }
        all.push(trained);
    }
    let plain = all.first().context("plain training is always measured")?;
    let points = all
        .iter()
        .map(|trained| point(parameters, corpus, trained, plain));
    let points: Vec<Point> = points.collect::<Result<_>>()?;
    for point in &points {
        tables.write(corpus, point)?;
    }
    Ok(points)
}

/// Makes an index in one of the ways.
fn build(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    method: Method,
    seed: u64,
) -> Result<Index> {
    let k = parameters.k(corpus.items.len());
    let trained = train(&corpus.items, k, &trainer(method), seed)?;
    let index = route(corpus, trained.codebook)?;
    if method != Method::SplitAndMerge {
        return Ok(index);
    }
    let rounds = (parameters.split_rounds * k as f64).ceil() as usize;
    route(
        corpus,
        split_and_merge(index, parameters.split_from, rounds, seed)?,
    )
}

fn trainer(method: Method) -> Trainer {
    match method {
        Method::Plain | Method::SplitAndMerge => Trainer::default(),
        Method::PlainLonger => as_long_as_balanced(),
        Method::RandomStart => Trainer::Spherical(SphericalConfig {
            init: Init::Random,
            ..SphericalConfig::default()
        }),
        Method::Balanced => Trainer::Balanced(BalancedConfig::default()),
    }
}

/// Trains on half of the items, as many centroids as all would get, and returns the Gini coefficients of that half
/// and of all items.
fn grow(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    method: Method,
    seed: u64,
    tables: &mut Tables,
) -> Result<(f64, f64)> {
    let n_items = corpus.items.len();
    let half = corpus.items.prefix(n_items / 2);
    let trained = train(&half, parameters.k(n_items), &trainer(method), seed)?;
    let centroids = trained.codebook.encode_batch(&corpus.items)?;
    let mut sizes = vec![0; trained.codebook.k()];
    let mut add = |encodings: &[Encoding]| {
        encodings
            .iter()
            .for_each(|encoding| sizes[encoding.centroid.index()] += 1);
        gini(&sizes)
    };
    let (first, rest) = centroids.split_at(half.len());
    let ginis = (add(first), add(rest));
    tables.growth.write(&GrowthRow {
        dataset: corpus.corpus.dataset,
        text_kind: corpus.corpus.kind(),
        n_trained: half.len(),
        n_items,
        k: sizes.len(),
        method,
        seed,
        gini_of_trained: ginis.0,
        gini_of_all: ginis.1,
    })?;
    Ok(ginis)
}

/// Returns plain training that sees as many vectors, as often, as balanced training does, and never stops early.
fn as_long_as_balanced() -> Trainer {
    let balanced = BalancedConfig::default();
    Trainer::Spherical(SphericalConfig {
        full_iterations: balanced.rounds + balanced.settling_rounds + balanced.fitting_rounds,
        tolerance: 0.0,
        ..balanced.start
    })
}

impl Trained {
    fn new(parameters: &Parameters, method: Method) -> Self {
        let searches = parameters.target_recalls.iter().flat_map(|&target_recall| {
            Probing::ALL.map(|probing| Searches {
                probing,
                target_recall,
                depth: 0.0,
                scanned: Vec::new(),
                times: Vec::new(),
            })
        });
        let lorenz = (0..=LORENZ_POINTS).map(|at| (at as f64 / LORENZ_POINTS as f64, 0.0));
        Self {
            method,
            ginis: Vec::new(),
            dead_share: 0.0,
            longest: 0.0,
            fidelity: 0.0,
            growth: Vec::new(),
            build_s: 0.0,
            lorenz: lorenz.collect(),
            searches: searches.collect(),
        }
    }

    /// Adds what one seed's codebook gives.
    fn take(
        &mut self,
        parameters: &Parameters,
        corpus: &EmbeddedCorpus,
        (mut index, seed): (Index, u64),
        answers: &[Vec<usize>],
        build_s: f64,
        tables: &mut Tables,
    ) -> Result<()> {
        let share = 1.0 / parameters.n_seeds as f64;
        let stats = index.stats();
        let longest = stats.sizes.iter().copied().max().unwrap_or(0);
        self.dead_share += share * stats.dead_codes as f64 / stats.k as f64;
        self.longest += share * longest as f64 * stats.k as f64 / stats.items.max(1) as f64;
        self.fidelity += share * stats.fidelity;
        self.build_s += share * build_s;
        for (lists, items) in &mut self.lorenz {
            *items += share * share_of_items(&stats.sizes, *lists);
        }
        let reach = Reach::of(&index, &corpus.queries, answers)?;
        let is_first = self.ginis.is_empty();
        self.ginis.push(stats.gini);
        let first_target = parameters.target_recalls.first();
        let mut timed = Vec::new();
        for (at, searches) in self.searches.iter_mut().enumerate() {
            let depth = match searches.probing {
                Probing::Lists => reach.at_recall(searches.target_recall),
                Probing::Items => reach.at_recall_by_items(searches.target_recall),
            };
            let Some(depth) = depth else { continue };
            searches.depth += share * told(depth);
            searches.scanned.push(reach.scanned(depth));
            if is_first && first_target == Some(&searches.target_recall) {
                timed.push((at, depth));
            }
        }
        for coding in parameters.codings.iter().filter(|_| !timed.is_empty()) {
            index = index.with_coding(coding.drawn_by(seed));
            for &(at, depth) in &timed {
                let searches = &mut self.searches[at];
                let answers = (answers, depth);
                searches.time(parameters, corpus, &index, self.method, answers, tables)?;
            }
        }
        Ok(())
    }
}

impl Searches {
    /// Times searches of this depth, one at a time; a fraction of a list is a whole one.
    fn time(
        &mut self,
        parameters: &Parameters,
        corpus: &EmbeddedCorpus,
        index: &Index,
        method: Method,
        (answers, depth): (&[Vec<usize>], Depth),
        tables: &mut Tables,
    ) -> Result<()> {
        let depth = told(depth).ceil() as usize;
        let retriever: Retriever = match self.probing {
            Probing::Lists => every_score(depth, parameters.top_k),
            Probing::Items => every_score(1, parameters.top_k).min_candidates(depth),
        };
        let Percentiles { p50, p95, p99 } =
            latency::of_retriever(&retriever, index, &corpus.queries, parameters.n_timed)?;
        let found = Found::by(&retriever, index, &corpus.queries)?;
        let recalls = found.recalls_of(answers, parameters.top_k);
        let time = TailTime {
            coding: ListCoding::of(index),
            recall: interval(recalls.into_iter())?.estimate,
            p50_ms: p50,
            p95_ms: p95,
            p99_ms: p99,
        };
        self.times.push(time);
        tables.searches.write(&SearchTimeRow {
            dataset: corpus.corpus.dataset,
            n_items: index.len(),
            k: index.k(),
            method,
            probing: self.probing,
            target_recall: self.target_recall,
            depth,
            coding: time.coding,
            recall_vs_dense: time.recall,
            n_timed: parameters.n_timed.min(corpus.queries.len()),
            p50_ms: p50,
            p95_ms: p95,
            p99_ms: p99,
            p99_over_p50: p99 / p50,
        })
    }
}

/// Returns the share of all items that the shortest `share` of the lists hold, interpolated between lists.
fn share_of_items(sizes: &[usize], share: f64) -> f64 {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let total: usize = sorted.iter().sum();
    let lists = share * sorted.len() as f64;
    let whole = (lists.floor() as usize).min(sorted.len());
    let held: usize = sorted[..whole].iter().sum();
    let part = sorted
        .get(whole)
        .map_or(0.0, |&size| lists.fract() * size as f64);
    (held as f64 + part) / total.max(1) as f64
}

fn point(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    trained: &Trained,
    plain: &Trained,
) -> Result<Point> {
    let n_seeds = parameters.n_seeds as usize;
    let mut tails = Vec::new();
    for searches in &trained.searches {
        let plain = plain.searches.iter().find(|other| {
            other.probing == Probing::Lists && other.target_recall == searches.target_recall
        });
        let Some(plain) = plain.filter(|plain| plain.scanned.len() == n_seeds) else {
            continue;
        };
        if searches.scanned.len() == n_seeds {
            tails.push(tail(searches, plain)?);
        }
    }
    let grown = |end: fn(&(f64, f64)) -> f64| {
        let ginis: Vec<f64> = trained.growth.iter().map(end).collect();
        (!ginis.is_empty())
            .then(|| Bootstrap::default().mean(&ginis))
            .transpose()
    };
    Ok(Point {
        dataset: corpus.corpus.dataset,
        n_items: corpus.items.len(),
        k: parameters.k(corpus.items.len()),
        method: trained.method,
        gini: Bootstrap::default().mean(&trained.ginis)?,
        dead_share: trained.dead_share,
        longest: trained.longest,
        fidelity: trained.fidelity,
        growth: grown(|g| g.0)?.zip(grown(|g| g.1)?),
        build_s: trained.build_s,
        lorenz: trained.lorenz.clone(),
        tails,
    })
}

/// Averages percentiles over the seeds; the same queries are drawn again for both sides of the ratio.
fn tail(searches: &Searches, plain: &Searches) -> Result<Tail> {
    let all: Vec<usize> = (0..searches.scanned[0].len()).collect();
    let mean = |at: &[usize]| {
        over_seeds(&searches.scanned, at, |items| {
            items.iter().sum::<f64>() / items.len().max(1) as f64
        })
    };
    let percent =
        |percent: f64| move |items: &[f64]| percentile(items, percent).unwrap_or_default();
    let p99 = |at: &[usize]| over_seeds(&searches.scanned, at, percent(99.0));
    let plain_p99 = |at: &[usize]| over_seeds(&plain.scanned, at, percent(99.0));
    let resampled = Bootstrap::default().resample(all.len(), |at| {
        let (p99, plain) = (p99(at), plain_p99(at));
        [mean(at), p99, p99 / plain]
    })?;
    let interval = |estimate: f64, at: usize| {
        let values: Vec<f64> = resampled.iter().map(|values| values[at]).collect();
        let end = |percent| percentile(&values, percent).context("no resample");
        Ok::<Interval, anyhow::Error>(Interval {
            estimate,
            low: end(2.5)?,
            high: end(97.5)?,
        })
    };
    Ok(Tail {
        probing: searches.probing,
        target_recall: searches.target_recall,
        depth: searches.depth,
        mean: interval(mean(&all), 0)?,
        p50: over_seeds(&searches.scanned, &all, percent(50.0)),
        p95: over_seeds(&searches.scanned, &all, percent(95.0)),
        p99: interval(p99(&all), 1)?,
        p99_to_plain: interval(p99(&all) / plain_p99(&all), 2)?,
        times: searches.times.clone(),
    })
}

/// Returns the mean over the seeds of what `statistic` makes of the queries `at`.
fn over_seeds(scanned: &[Vec<f64>], at: &[usize], statistic: impl Fn(&[f64]) -> f64) -> f64 {
    let values = scanned.iter().map(|scanned| {
        let drawn: Vec<f64> = at.iter().map(|&at| scanned[at]).collect();
        statistic(&drawn)
    });
    values.sum::<f64>() / scanned.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_lists_hold_the_least() {
        // Sorted 1 2 3 4 of 10: half of the lists hold 3, three eighths of them 1 + half of 2.
        let sizes = [4, 1, 3, 2];
        for (lists, items) in [(0.0, 0.0), (0.375, 0.2), (0.5, 0.3), (1.0, 1.0)] {
            assert!(
                (share_of_items(&sizes, lists) - items).abs() < 1e-12,
                "{lists}"
            );
        }
    }

    #[test]
    fn percentiles_are_averaged_over_seeds_of_the_drawn_queries() {
        let scanned = vec![vec![1.0, 5.0, 9.0], vec![3.0, 7.0, 0.0]];
        let greatest = |items: &[f64]| percentile(items, 100.0).unwrap_or_default();
        assert_eq!(over_seeds(&scanned, &[0, 1], greatest), 6.0);
        assert_eq!(over_seeds(&scanned, &[2, 2, 0], greatest), 6.0);
    }

    #[test]
    fn a_tail_is_compared_with_that_of_the_plain_codebook() -> Result<()> {
        let searches = |scanned: Vec<f64>| Searches {
            probing: Probing::Lists,
            target_recall: 0.95,
            depth: 3.0,
            scanned: vec![scanned],
            times: Vec::new(),
        };
        let plain = searches(vec![10.0, 20.0, 40.0]);
        let halved = searches(vec![5.0, 10.0, 20.0]);
        let tail = tail(&halved, &plain)?;
        let ratio = tail.p99_to_plain;
        assert_eq!((ratio.low, ratio.estimate, ratio.high), (0.5, 0.5, 0.5));
        assert_eq!((tail.p50, tail.mean.estimate), (10.0, 35.0 / 3.0));
        Ok(())
    }
}
