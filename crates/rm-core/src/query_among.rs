//! Retrieval among some of the items.

use crate::allowed::{Allowed, Only};
use crate::coded_scan::CodedScan;
use crate::exact_scan_among::ExactScanAmong;
use crate::filter::lowest_kept;
use crate::retriever::Pace;
use crate::top_k::TopK;
use crate::vectors::check_unit;
use crate::{Error, Hit, Index, ItemId, Result, Retrieval, Retriever, dot};

/// Items of a list that are asked for in the time in which the exact score of one item is computed whose vector lies
/// anywhere in memory: 150 ns for it, 10 for each of them.
const VECTOR_COST: usize = 16;

/// The same for an item whose vector lies beside others that are compared.
const LIST_VECTOR_COST: usize = 4;

/// The same for an item whose vector is read from elsewhere: some 4 us with SQLite.
const READ_COST: usize = 400;

/// Items whose exact score a scan of coded lists computes, as a rule.
const RERANKED: usize = 200;

/// Vectors that are read at once.
const READ_AT_ONCE: usize = 256;

impl Retriever {
    /// Searches for one vector among the items that are allowed.
    ///
    /// The others are as if they were not there: they are no results, raise no bar and count for no
    /// [`min_candidates`](Self::min_candidates), so lists are scanned until enough allowed items were compared, and all lists
    /// where no more than that are allowed. A narrow filter is exhaustive by that, as far as
    /// [`max_probes`](Self::max_probes) lets it.
    ///
    /// Costs a look-up for each item of the scanned lists. Where so few items are allowed that it is cheaper to compute their
    /// scores than to look for them, this does what [`query_items`](Self::query_items) does, which is to find all.
    ///
    /// ```
    /// use std::collections::HashSet;
    ///
    /// use rm_core::{Codebook, Index, ItemId, Retriever};
    ///
    /// let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
    /// index.add(ItemId(1), &[0.9, 0.1])?;
    /// index.add(ItemId(2), &[0.6, 0.8])?;
    /// let allowed = HashSet::from([ItemId(2)]);
    /// let found = Retriever::default().query_among(&index, &[1.0, 0.0], &allowed)?;
    /// assert_eq!(found.hits.len(), 1);
    /// assert_eq!(found.hits[0].item, ItemId(2));
    /// # Ok::<(), rm_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn query_among<A: Allowed + ?Sized>(
        &self,
        index: &Index,
        x: &[f32],
        allowed: &A,
    ) -> Result<Retrieval> {
        if self.prefers_items(index, allowed) {
            return self.query_items(index, x, &allowed.items());
        }
        self.check()?;
        let x = check_unit(index.dim(), x)?;
        let ranking = index.codebook.rank(&x);
        let pace = Pace::new(self, &ranking);
        let (keep, threshold) = pace.keep(self);
        let admits = Only(allowed);
        // An item may be met twice, so fewer than this may have been met by the time that as many were counted.
        let all_wanted = allowed.count() <= self.min_candidates;
        let search = if all_wanted {
            &self.clone().min_candidates(usize::MAX)
        } else {
            self
        };
        match index.lists.codec() {
            None => {
                let scan = ExactScanAmong::new(&index.lists, &x, keep, threshold, admits);
                search.scan(index, ranking, pace, scan)
            }
            Some(codec) => {
                let errors = self.rerank_errors;
                let scan = CodedScan::new(index, codec, &x, keep, threshold, errors, admits);
                search.scan(index, ranking, pace, scan)
            }
        }
    }

    /// Compares one vector with some items, whatever lists they are in, exactly; no list is scanned, so
    /// [`probed`](Retrieval::probed) is empty.
    ///
    /// Items that the index does not hold are passed over, and one that is named twice counts once. Costs `K * dim`
    /// multiplications to route, and a look-up and `dim` multiplications for each item.
    ///
    /// ```
    /// use rm_core::{Codebook, Index, ItemId, Retriever};
    ///
    /// let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
    /// index.add(ItemId(1), &[0.9, 0.1])?;
    /// index.add(ItemId(2), &[0.6, 0.8])?;
    /// let found = Retriever::default().query_items(&index, &[1.0, 0.0], &[ItemId(2), ItemId(3)])?;
    /// assert_eq!(found.hits[0].item, ItemId(2));
    /// assert_eq!(found.candidates, 1);
    /// # Ok::<(), rm_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn query_items(&self, index: &Index, x: &[f32], items: &[ItemId]) -> Result<Retrieval> {
        self.check()?;
        let x = check_unit(index.dim(), x)?;
        let mut items = items.to_vec();
        items.sort_unstable();
        items.dedup();
        let threshold = lowest_kept(self.score_threshold);
        let mut best = TopK::new(self.top_k);
        let candidates = index.for_each_product(&x, &items, |item, product| {
            if product >= threshold {
                best.push(product, item);
            }
        })?;
        let kept = best.into_sorted().into_iter();
        let hits = kept.map(|kept| {
            Ok(Hit {
                item: kept.id,
                score: kept.score,
                centroid: index.centroid_of(kept.id)?,
            })
        });
        Ok(Retrieval {
            hits: hits.collect::<Result<_>>()?,
            signals: index.codebook.rank(&x).signals(),
            probed: Vec::new(),
            candidates,
            reranked: candidates,
        })
    }

    /// Returns whether it is cheaper to compute the scores of all that are allowed than to scan for them; never so where
    /// nothing is left out.
    pub(crate) fn prefers_items<A: Allowed + ?Sized>(&self, index: &Index, allowed: &A) -> bool {
        let (n, allowed) = (index.len(), allowed.count());
        if allowed >= n {
            return false;
        }
        let cost = match index.has_vectors_elsewhere() {
            true => READ_COST,
            false => VECTOR_COST,
        };
        let share = |part: usize, whole: usize| part.min(whole) as f64 / whole.max(1) as f64;
        let probed = share(self.expected_probes(), index.k());
        let wanted = share(self.min_candidates, allowed);
        let limit = share(self.max_probes.unwrap_or(usize::MAX), index.k());
        let scanned = probed.max(wanted).min(limit);
        let met = scanned * allowed as f64;
        let scores = match index.lists.codec() {
            None => met * LIST_VECTOR_COST as f64,
            Some(_) => met.min(RERANKED as f64) * cost as f64,
        };
        (allowed * cost) as f64 <= scanned * n as f64 + scores
    }
}

impl Index {
    /// Hands each item that is there and its product with a unit vector to `see`, and returns how many there are.
    fn for_each_product(
        &self,
        x: &[f32],
        items: &[ItemId],
        mut see: impl FnMut(ItemId, f32),
    ) -> Result<usize> {
        let mut n = 0;
        if !self.has_vectors_elsewhere() {
            for item in items {
                match self.lists.vector(*item) {
                    Ok(vector) => see(*item, dot(x, vector)),
                    Err(Error::UnknownItem(_)) => continue,
                    Err(error) => return Err(error),
                }
                n += 1;
            }
            return Ok(n);
        }
        let mut rows = Vec::new();
        for items in items.chunks(READ_AT_ONCE) {
            let there = items.iter().filter(|item| self.contains(**item));
            let there: Vec<ItemId> = there.copied().collect();
            rows.clear();
            self.read_into(&there, &mut rows)?;
            for (item, vector) in there.iter().zip(rows.chunks_exact(x.len())) {
                see(*item, dot(x, vector));
            }
            n += there.len();
        }
        Ok(n)
    }
}
