//! Multi-probe retrieval: route, scan, rerank.

use rayon::prelude::*;

use crate::allowed::Everything;
use crate::coded_scan::CodedScan;
use crate::exact_scan::ExactScan;
use crate::filter::{Score, lowest_kept};
use crate::lag::Lag;
use crate::list_scan::{ListScan, Scanned};
use crate::ranking::{FIRST_SORTED, Ranking};
use crate::recall_calibration::RecallCalibration;
use crate::route::{Probe, Signals};
use crate::vectors::check_unit;
use crate::{CentroidId, Error, Index, ItemId, Result, Vectors};

/// Lists probed where nothing is said (`n_probes`, routing-memory 0.1.0).
pub const DEFAULT_N_PROBES: usize = 3;

/// Results returned where nothing is said (`top_k`, routing-memory 0.1.0).
pub const DEFAULT_TOP_K: usize = 5;

/// Score below which a result is dropped where nothing is said (`score_threshold`, routing-memory 0.1.0).
pub const DEFAULT_SCORE_THRESHOLD: f32 = 0.3;

/// Standard errors that an estimate from a code is given where nothing is said.
///
/// Were errors normal, the k-th nearest item would be missed once in 160 searches of its list, and those before it less
/// often. Over 100,000 Reddit titles with K = 316, 1,000 questions and all lists scanned, 0.04% of the nearest five are
/// missed with 2.5, 0.2% with 2, 0.7% with 1.5, none with 3; exact scores are computed of 216, 133, 81 and 343 items. Codes of
/// 3 bits or more miss no more, and leave 10 items or fewer ([`Coding`](crate::Coding)).
pub const DEFAULT_RERANK_ERRORS: f32 = 2.5;

/// Is one item found by a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The item.
    pub item: ItemId,
    /// Its dot product with the query, in [-1, 1].
    pub score: f32,
    /// The centroid in whose list it was found.
    pub centroid: CentroidId,
}

impl Score for Hit {
    fn score(&self) -> f32 {
        self.score
    }
}

/// Is the answer to one query.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieval {
    /// What was found, best first; of equal scores the smaller [`ItemId`] comes first.
    pub hits: Vec<Hit>,
    /// How far the answer can be trusted.
    pub signals: Signals,
    /// The centroids whose lists were scanned, nearest first.
    pub probed: Vec<CentroidId>,
    /// Items that were compared with the query, exactly or by their codes: all in the lists that were scanned, twice where
    /// an item's second list was among them as well.
    pub candidates: usize,
    /// Items whose exact score was computed; in lists without codes all candidates.
    pub reranked: usize,
}

/// Searches an [`Index`]: scans the lists of the `n_probes` nearest centroids that have items, and keeps
/// the `top_k` best by exact dot product among those that reach the threshold.
///
/// Costs `K * dim` multiplications to route and `dim` for each candidate.
///
/// ```
/// use rm_core::{Codebook, Index, Retriever};
///
/// let index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
/// let retriever = Retriever::default().n_probes(4).top_k(10).score_threshold(0.3);
/// assert!(retriever.query(&index, &[1.0, 0.0])?.hits.is_empty());
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retriever {
    n_probes: usize,
    pub(crate) top_k: usize,
    pub(crate) score_threshold: f32,
    pub(crate) min_candidates: usize,
    pub(crate) max_probes: Option<usize>,
    recall_target: Option<RecallTarget>,
    pub(crate) rerank_errors: f32,
}

/// Is a wanted recall and what it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct RecallTarget {
    target: f64,
    top_k: usize,
    max_lag: f32,
}

impl Default for Retriever {
    /// Probes 3 lists for 5 results that score at least 0.3, as the original does.
    fn default() -> Self {
        Self {
            n_probes: DEFAULT_N_PROBES,
            top_k: DEFAULT_TOP_K,
            score_threshold: DEFAULT_SCORE_THRESHOLD,
            min_candidates: 0,
            max_probes: None,
            recall_target: None,
            rerank_errors: DEFAULT_RERANK_ERRORS,
        }
    }
}

impl Retriever {
    /// Sets how many lists are scanned; more than there are means all of them.
    #[must_use]
    pub fn n_probes(mut self, n_probes: usize) -> Self {
        self.n_probes = n_probes;
        self
    }

    /// Sets how many results are returned at most; 0 returns signals alone.
    #[must_use]
    pub fn top_k(mut self, top_k: usize) -> Self {
        self.top_k = top_k;
        self
    }

    /// Sets the score a result must reach; -1 keeps everything. An item equal to the query scores 1 only up to
    /// rounding, so ask for 0.99999 where equals are wanted.
    #[must_use]
    pub fn score_threshold(mut self, score_threshold: f32) -> Self {
        self.score_threshold = score_threshold;
        self
    }

    /// Scans further lists, nearest first, until at least this many items were compared (0 by default).
    ///
    /// Comparing a thousand items costs less than routing does, and makes a small memory exact; `top_k` here
    /// makes sure that a search ends with `top_k` candidates where there are as many items.
    #[must_use]
    pub fn min_candidates(mut self, min_candidates: usize) -> Self {
        self.min_candidates = min_candidates;
        self
    }

    /// Sets how many lists are scanned at most, whatever `n_probes`, `min_candidates` or a recall target ask for;
    /// no limit by default.
    ///
    /// It bounds the time of a search, and with it what a recall target can promise.
    #[must_use]
    pub fn max_probes(mut self, max_probes: usize) -> Self {
        self.max_probes = Some(max_probes);
        self
    }

    /// Lets each query choose its own number of lists, in place of `n_probes`, so that on average it finds the
    /// `target` share of its nearest [`RecallCalibration::top_k`] items; 1 scans all lists. Off by default.
    ///
    /// At an equal R@5 of 0.95 it scanned 18% fewer items than a fixed number of probes (10% to 29% on four data
    /// sets). It costs one comparison an item and a sum over the centroid scores.
    ///
    /// The promise is about items, before the score threshold; `min_candidates` may add lists and `max_probes`
    /// take some away.
    #[must_use]
    pub fn recall_target(mut self, target: f64, calibration: &RecallCalibration) -> Self {
        self.recall_target = Some(RecallTarget {
            target,
            top_k: calibration.top_k(),
            // A bad target is refused by every search.
            max_lag: calibration.max_lag(target).unwrap_or(f32::INFINITY),
        });
        self
    }

    /// Sets how many standard errors the estimate of a code may be off before its item is passed over; default
    /// [`DEFAULT_RERANK_ERRORS`]. Infinity computes the exact score of every item. Lists without codes ignore it.
    ///
    /// Were errors normal, an item would be missed at most as often as one exceeds that many standard errors. Where codes have
    /// more than one bit there are two estimates, and that by the first bit alone is given 1.2 times as many.
    #[must_use]
    pub fn rerank_errors(mut self, rerank_errors: f32) -> Self {
        self.rerank_errors = rerank_errors;
        self
    }

    /// Searches for one vector.
    ///
    /// # Errors
    /// As [`check_unit`], what [`check`](Self::check) refuses, and [`Error::VectorSource`] where vectors are
    /// [elsewhere](Index::with_vectors_in) and cannot be read.
    pub fn query(&self, index: &Index, x: &[f32]) -> Result<Retrieval> {
        self.check()?;
        let x = check_unit(index.dim(), x)?;
        self.query_unit(index, &x)
    }

    /// Searches for many vectors on all cores; gives what [`query`](Self::query) gives for each.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn query_batch(&self, index: &Index, queries: &Vectors) -> Result<Vec<Retrieval>> {
        self.check()?;
        if queries.dim() != index.dim() {
            return Err(Error::WrongDimension {
                expected: index.dim(),
                got: queries.dim(),
            });
        }
        let rows = queries.as_slice().par_chunks_exact(queries.dim());
        rows.map(|x| self.query_unit(index, x)).collect()
    }

    /// Refuses options that every search would refuse.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for 0 probes, a threshold that is no number, negative `rerank_errors`, or a recall target that is not above
    /// 0 and at most 1.
    pub fn check(&self) -> Result<()> {
        if self.n_probes == 0 {
            return Err(Error::parameter("n_probes", "at least 1", 0));
        }
        if self.score_threshold.is_nan() {
            return Err(Error::parameter("score_threshold", "a number", "NaN"));
        }
        if self.rerank_errors.is_nan() || self.rerank_errors < 0.0 {
            let got = self.rerank_errors;
            return Err(Error::parameter("rerank_errors", "at least 0", got));
        }
        if self.max_probes == Some(0) {
            return Err(Error::parameter("max_probes", "at least 1", 0));
        }
        self.recall_target.map_or(Ok(()), |wanted| {
            RecallCalibration::check_target(wanted.target)
        })
    }

    /// Returns how many lists a search is expected to scan, before more candidates are asked for.
    pub(crate) fn expected_probes(&self) -> usize {
        self.recall_target.map_or(self.n_probes, |_| FIRST_SORTED)
    }

    fn query_unit(&self, index: &Index, x: &[f32]) -> Result<Retrieval> {
        let ranking = index.codebook.rank(x);
        let pace = Pace::new(self, &ranking);
        let (keep, threshold) = pace.keep(self);
        match index.lists.codec() {
            None => {
                let scan = ExactScan::new(&index.lists, x, keep, threshold);
                self.scan(index, ranking, pace, scan)
            }
            Some(codec) => {
                let errors = self.rerank_errors;
                let scan = CodedScan::new(index, codec, x, keep, threshold, errors, Everything);
                self.scan(index, ranking, pace, scan)
            }
        }
    }

    /// Takes one query through the lists.
    pub(crate) fn scan<S: ListScan>(
        &self,
        index: &Index,
        ranking: Ranking<'_>,
        mut pace: Pace,
        mut scan: S,
    ) -> Result<Retrieval> {
        let signals = ranking.signals();
        let (mut probed, mut candidates) = (Vec::new(), 0);
        let max_probes = self.max_probes.unwrap_or(usize::MAX);
        pace.see(&mut scan);
        let lists = index.filled_lists(ranking, pace.expected_probes());
        for probe in lists.take(max_probes) {
            if pace.has_reached(probed.len(), &probe) && candidates >= self.min_candidates {
                break;
            }
            candidates += scan.visit(&probe);
            pace.see(&mut scan);
            probed.push(probe.centroid);
        }
        let Scanned { best, reranked } = scan.finish()?;
        let lowest = lowest_kept(self.score_threshold);
        let kept = best.into_iter().take(self.top_k);
        let hits = kept
            .take_while(|kept| kept.score >= lowest)
            .map(|kept| Hit {
                item: kept.id.0,
                score: kept.score,
                centroid: kept.id.1,
            });
        Ok(Retrieval {
            hits: hits.collect(),
            signals,
            probed,
            candidates,
            reranked,
        })
    }
}

/// Says how far a query goes.
pub(crate) enum Pace {
    /// As many lists for every query.
    Fixed { n_probes: usize },
    /// As long as the next list does not lag too far behind.
    Recall {
        lag: Lag,
        max_lag: f32,
        /// Nearest items that the recall is about.
        top_k: usize,
    },
}

impl Pace {
    pub(crate) fn new(retriever: &Retriever, ranking: &Ranking<'_>) -> Self {
        match retriever.recall_target {
            None => Self::Fixed {
                n_probes: retriever.n_probes,
            },
            Some(RecallTarget { top_k, max_lag, .. }) => Self::Recall {
                lag: Lag::new(ranking, top_k),
                max_lag,
                top_k,
            },
        }
    }

    fn expected_probes(&self) -> usize {
        match self {
            Self::Fixed { n_probes } => *n_probes,
            Self::Recall { .. } => FIRST_SORTED,
        }
    }

    /// Returns how many products a scan keeps, and from which on: a recall target is about the nearest items, however many
    /// of them are returned.
    pub(crate) fn keep(&self, retriever: &Retriever) -> (usize, f32) {
        match self {
            Self::Fixed { .. } => (retriever.top_k, lowest_kept(retriever.score_threshold)),
            Self::Recall { top_k, .. } => (retriever.top_k.max(*top_k), f32::NEG_INFINITY),
        }
    }

    /// Returns whether the `probed` lists before `next` are enough.
    fn has_reached(&self, probed: usize, next: &Probe) -> bool {
        match self {
            Self::Fixed { n_probes } => probed >= *n_probes,
            Self::Recall { lag, max_lag, .. } => lag.of(next.score) > *max_lag,
        }
    }

    /// Takes in the products that came of the last list.
    fn see(&mut self, scan: &mut impl ListScan) {
        if let Self::Recall { lag, .. } = self {
            lag.see(scan.products());
        }
    }
}
