//! A6, bucket imbalance.
//!
//! *Question.* How uneven do buckets become, what does it cost the slowest searches, and does balancing help them?
//!
//! *Hypothesis.* Plain training leaves a Gini coefficient of list sizes near the published 0.3628, and balancing
//! lowers the tail of the scan at equal recall.
//!
//! *Set-up.* Codebooks of the published list length, trained with several seeds in five ways: plain; plain with
//! as many iterations as balanced training takes, so that time spent is not taken for balance; plain with first
//! centroids drawn uniformly instead of by k-means++; plain, then splitting the longest list and merging the
//! shortest in turn; and balanced, where training makes long lists dear. For each, the number of lists that finds
//! a wanted share of the exact top five, and how many items the queries then scan: mean, median, 95th and 99th
//! percentile. The remedy that needs no training stands beside them: to probe lists until a number of items is
//! scanned, instead of a number of lists. Whether balance lasts is asked of codebooks trained on half of the items
//! when the other half has come. The same searches are timed over lists of vectors alone and over lists with codes,
//! which scan the same items for less. Intervals of Gini coefficients are bootstraps over seeds, those of
//! percentiles over queries.
//!
//! *Refuted by* a 99th percentile that is no lower for a balanced codebook at the same recall.

mod measure;
mod plots;
mod report;
mod split;
mod tables;

use std::fmt;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::at_sizes::{DatasetSizes, at_sizes, texts_to_embed};
use super::reach::Depth;
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::metrics::Interval;
use crate::suite::{Context, Definition, Estimate, Experiment, ExperimentId, Outcome, Scale};
use tables::Tables;

/// Measures how uneven lists are and what that costs.
#[derive(Debug, Clone, Copy)]
pub struct BucketImbalance;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    corpora: Vec<DatasetSizes>,
    published_n_items: usize,
    published_k: usize,
    items_per_list: f64,
    top_k: usize,
    target_recalls: Vec<f64>,
    split_from: f64,
    split_rounds: f64,
    n_queries: usize,
    n_seeds: u64,
    n_timed: usize,
    codings: Vec<ListCoding>,
    compare_up_to: usize,
}

/// Says how a codebook came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Method {
    Plain,
    PlainLonger,
    RandomStart,
    SplitAndMerge,
    Balanced,
}

/// Says what a search is told: how many lists, or how many items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Probing {
    Lists,
    Items,
}

impl Method {
    const ALL: [Self; 5] = [
        Self::Plain,
        Self::PlainLonger,
        Self::RandomStart,
        Self::SplitAndMerge,
        Self::Balanced,
    ];
}

impl Method {
    /// Returns whether the method is one of the two that the report compares at length.
    fn is_compared(self) -> bool {
        matches!(self, Self::Plain | Self::Balanced)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::PlainLonger => "plain, trained longer",
            Self::RandomStart => "plain, random start",
            Self::SplitAndMerge => "split and merge",
            Self::Balanced => "balanced training",
        })
    }
}

impl Probing {
    const ALL: [Self; 2] = [Self::Lists, Self::Items];
}

/// Is what one method gives on one data set of one size.
#[derive(Debug, Clone)]
struct Point {
    dataset: Dataset,
    n_items: usize,
    k: usize,
    method: Method,
    gini: Interval,
    dead_share: f64,
    /// Longest list over mean length.
    longest: f64,
    fidelity: f64,
    /// Gini coefficients of a codebook trained on half of the items, before and after the other half came.
    growth: Option<(Interval, Interval)>,
    build_s: f64,
    /// Share of items held by each share of the lists, the shortest first.
    lorenz: Vec<(f64, f64)>,
    tails: Vec<Tail>,
}

/// Is what queries scan at one recall.
#[derive(Debug, Clone)]
struct Tail {
    probing: Probing,
    target_recall: f64,
    depth: f64,
    mean: Interval,
    p50: f64,
    p95: f64,
    p99: Interval,
    /// The 99th percentile over that of the plain codebook with a fixed number of lists.
    p99_to_plain: Interval,
    /// How long these searches take, one for each coding, where they were timed.
    times: Vec<TailTime>,
}

/// Is how long the searches of a [`Tail`] take over lists of one coding, one at a time on one core.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TailTime {
    coding: ListCoding,
    /// R@k vs dense of all queries.
    recall: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
}

impl Point {
    /// Returns whether the report shows a tail: probing by items only where the method is compared at length.
    fn reports(&self, tail: &Tail) -> bool {
        tail.probing == Probing::Lists || self.method.is_compared()
    }
}

impl Experiment for BucketImbalance {
    fn id(&self) -> ExperimentId {
        ExperimentId::A6
    }

    fn estimate(&self, definition: &Definition, scale: Scale) -> Result<Estimate> {
        let p: Parameters = definition.parameters(scale)?;
        let texts = texts_to_embed(&p.corpora, p.n_queries);
        let sizes = p.corpora.iter().flat_map(|sized| sized.sizes());
        // Measured on two cores: some 250 texts embedded a second, 1e8 pairs of item and centroid visited a second,
        // a dozen times each by plain training and some hundred times by all five ways together.
        let pairs = sizes.map(|&n_items| {
            let visits = if n_items <= p.compare_up_to { 100 } else { 12 };
            (visits * n_items * p.k(n_items)) as f64 * p.n_seeds as f64
        });
        Ok(Estimate {
            texts_to_embed: texts,
            seconds: texts as f64 / 250.0 + pairs.sum::<f64>() / 1e8,
        })
    }

    fn run(&self, context: &Context<'_>) -> Result<Outcome> {
        let parameters: Parameters = context.parameters()?;
        let mut tables = Tables::create(context)?;
        let mut points = Vec::new();
        let missing = at_sizes(
            context,
            &parameters.corpora,
            parameters.n_queries,
            |corpus| {
                points.extend(measure::corpus(context, &parameters, corpus, &mut tables)?);
                Ok(())
            },
        )?;
        tables.finish()?;
        let mut outcome = report::outcome(context, &parameters, &points)?;
        outcome.notes.remarks.extend(missing.remarks);
        outcome.failures = missing.failures;
        Ok(outcome)
    }
}

impl Parameters {
    /// Returns the number of centroids that gives lists of the wanted length.
    fn k(&self, n_items: usize) -> usize {
        (n_items as f64 / self.items_per_list).round().max(2.0) as usize
    }

    /// Returns the ways of training that are measured at one size.
    fn methods(&self, n_items: usize) -> &'static [Method] {
        if n_items <= self.compare_up_to {
            &Method::ALL
        } else {
            &Method::ALL[..1]
        }
    }
}

/// Returns the number that a search is told.
fn told(depth: Depth) -> f64 {
    match depth {
        Depth::Lists(lists) => lists,
        Depth::Items(items) => f64::from(items),
    }
}
