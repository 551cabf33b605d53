//! Multi-probe retrieval: route, scan, rerank.

use rayon::prelude::*;

use crate::dot::dots_into;
use crate::filter::{Score, lowest_kept};
use crate::route::{Probe, Signals};
use crate::top_k::TopK;
use crate::vectors::check_unit;
use crate::{CentroidId, Error, Index, ItemId, Result, Vectors};

/// Lists probed where nothing is said (`n_probes`, routing-memory 0.1.0).
pub const DEFAULT_N_PROBES: usize = 3;

/// Results returned where nothing is said (`top_k`, routing-memory 0.1.0).
pub const DEFAULT_TOP_K: usize = 5;

/// Score below which a result is dropped where nothing is said (`score_threshold`, routing-memory 0.1.0).
pub const DEFAULT_SCORE_THRESHOLD: f32 = 0.3;

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
    /// Items whose exact score was computed.
    pub candidates: usize,
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
    top_k: usize,
    score_threshold: f32,
    min_candidates: usize,
}

impl Default for Retriever {
    /// Probes 3 lists for 5 results that score at least 0.3, as the original does.
    fn default() -> Self {
        Self {
            n_probes: DEFAULT_N_PROBES,
            top_k: DEFAULT_TOP_K,
            score_threshold: DEFAULT_SCORE_THRESHOLD,
            min_candidates: 0,
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

    /// Searches for one vector.
    ///
    /// # Errors
    /// As [`check_unit`], and [`Error::InvalidParameter`] for 0 probes or a threshold that is no number.
    pub fn query(&self, index: &Index, x: &[f32]) -> Result<Retrieval> {
        self.check()?;
        let x = check_unit(index.dim(), x)?;
        Ok(self.query_unit(index, &x))
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
        Ok(rows.map(|x| self.query_unit(index, x)).collect())
    }

    /// Refuses options that every search would refuse.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for 0 probes or a threshold that is no number.
    pub fn check(&self) -> Result<()> {
        if self.n_probes == 0 {
            return Err(Error::parameter("n_probes", "at least 1", 0));
        }
        if self.score_threshold.is_nan() {
            return Err(Error::parameter("score_threshold", "a number", "NaN"));
        }
        Ok(())
    }

    fn query_unit(&self, index: &Index, x: &[f32]) -> Retrieval {
        let ranked = index.codebook.rank(x);
        let signals = ranked.signals();
        let has_items = |probe: &Probe| !index.lists.list(probe.centroid).is_empty();
        let mut scan = Scan::new(x, self.top_k, lowest_kept(self.score_threshold));
        for probe in ranked.best_first(self.n_probes, has_items) {
            let probed_enough = scan.probed.len() >= self.n_probes;
            if probed_enough && scan.candidates >= self.min_candidates {
                break;
            }
            scan.visit(index, probe.centroid);
        }
        scan.finish(signals)
    }
}

/// Is the state of one query on its way through the lists.
struct Scan<'a> {
    x: &'a [f32],
    threshold: f32,
    best: TopK<(ItemId, CentroidId)>,
    scores: Vec<f32>,
    probed: Vec<CentroidId>,
    candidates: usize,
}

impl<'a> Scan<'a> {
    fn new(x: &'a [f32], top_k: usize, threshold: f32) -> Self {
        let best = TopK::new(top_k);
        Self {
            x,
            threshold,
            best,
            scores: Vec::new(),
            probed: Vec::new(),
            candidates: 0,
        }
    }

    /// Scores every item of one list and keeps the best.
    fn visit(&mut self, index: &Index, centroid: CentroidId) {
        let list = index.lists.list(centroid);
        self.scores.clear();
        dots_into(self.x, list.vectors(), &mut self.scores);
        let mut floor = self
            .best
            .floor()
            .map_or(self.threshold, |f| f.max(self.threshold));
        for (item, score) in list.ids().iter().zip(&self.scores) {
            if *score >= floor {
                self.best.push(*score, (*item, centroid));
                floor = self
                    .best
                    .floor()
                    .map_or(self.threshold, |f| f.max(self.threshold));
            }
        }
        self.probed.push(centroid);
        self.candidates += list.len();
    }

    fn finish(self, signals: Signals) -> Retrieval {
        let hits = self.best.into_sorted().into_iter();
        let hits = hits.map(|kept| Hit {
            item: kept.id.0,
            score: kept.score,
            centroid: kept.id.1,
        });
        Retrieval {
            hits: hits.collect(),
            signals,
            probed: self.probed,
            candidates: self.candidates,
        }
    }
}
