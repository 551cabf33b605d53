//! Search by meaning and by words at once.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::vectors::check_unit;
use crate::{
    Allowed, Bm25, Candidate, CentroidId, Error, FusedHit, Fusion, Index, ItemId, LexicalHit,
    LexicalIndex, LexicalScores, Result, Retrieval, Retriever, Signals, Vectors, dot,
};

/// Candidates that either side of a hybrid search hands in, where nothing is said (experiment A2: more change
/// nothing).
pub const HYBRID_DEPTH: usize = 100;

/// Is the answer to one hybrid query.
#[derive(Debug, Clone, PartialEq)]
pub struct HybridRetrieval {
    /// What was found, best first; of equal scores the smaller [`ItemId`] comes first.
    pub hits: Vec<FusedHit>,
    /// How far the routing can be trusted.
    pub signals: Signals,
    /// The centroids whose lists were scanned, nearest first.
    pub probed: Vec<CentroidId>,
    /// Items whose exact score was computed: those of the scanned lists and those found by words alone.
    pub candidates: usize,
}

/// Searches an [`Index`] by vector and a [`LexicalIndex`] of the same items by words, and joins what both found.
///
/// The best [`depth`](Self::depth) of each side are candidates, each gets both of its scores, exactly, and a
/// [`Fusion`] orders them. What words find is found however few lists are probed.
///
/// ```
/// use rm_core::{Analyser, Codebook, HybridRetriever, Index, ItemId, LexicalIndex};
///
/// let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
/// let mut words = LexicalIndex::new(Analyser::default());
/// for (id, vector, text) in [(1, [0.9, 0.1], "a cat"), (2, [0.1, 0.9], "invoice 4711")] {
///     index.add(ItemId(id), &vector)?;
///     words.add(ItemId(id), text)?;
/// }
/// let search = HybridRetriever::default().n_probes(1).top_k(2);
/// let found = search.query(&index, &words, &[1.0, 0.0], "which was invoice 4711?")?;
/// assert_eq!(found.hits.len(), 2);
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HybridRetriever {
    retriever: Retriever,
    top_k: usize,
    depth: usize,
    bm25: Bm25,
    fusion: Fusion,
}

impl Default for HybridRetriever {
    /// Probes and returns as many as [`Retriever`] does, with the default [`Bm25`] and [`Fusion`].
    fn default() -> Self {
        Self {
            retriever: Retriever::default(),
            top_k: crate::DEFAULT_TOP_K,
            depth: HYBRID_DEPTH,
            bm25: Bm25::default(),
            fusion: Fusion::default(),
        }
    }
}

impl HybridRetriever {
    /// Sets how many lists are scanned; more than there are means all of them.
    #[must_use]
    pub fn n_probes(mut self, n_probes: usize) -> Self {
        self.retriever = self.retriever.n_probes(n_probes);
        self
    }

    /// Sets how lists are chosen, in place of [`n_probes`](Self::n_probes): by a recall target, with a least number
    /// of candidates. The retriever's own `top_k` and threshold have no effect here.
    #[must_use]
    pub fn retriever(mut self, retriever: Retriever) -> Self {
        self.retriever = retriever;
        self
    }

    /// Sets how many results are returned at most.
    #[must_use]
    pub fn top_k(mut self, top_k: usize) -> Self {
        self.top_k = top_k;
        self
    }

    /// Sets how many candidates either side hands in; `top_k` of them where it is less.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// Sets how words are scored.
    #[must_use]
    pub fn bm25(mut self, bm25: Bm25) -> Self {
        self.bm25 = bm25;
        self
    }

    /// Sets how the two scores become one.
    #[must_use]
    pub fn fusion(mut self, fusion: Fusion) -> Self {
        self.fusion = fusion;
        self
    }

    /// Searches for a vector and the text that it stands for.
    ///
    /// # Errors
    /// As [`Retriever::query`] and [`Fusion::check`], and [`Error::UnknownItem`] where the words of an item are
    /// indexed and its vector is not.
    pub fn query(
        &self,
        index: &Index,
        words: &LexicalIndex,
        x: &[f32],
        text: &str,
    ) -> Result<HybridRetrieval> {
        let x = check_unit(index.dim(), x)?;
        let (depth, routed) = self.routed();
        let found = routed.query(index, &x)?;
        let scores = words.query(text, self.bm25);
        let by_words = scores.top_k(depth);
        self.join(index, &x, found, &scores, &by_words)
    }

    /// Does as [`query`](Self::query) among the items that are allowed, as [`Retriever::query_among`] does.
    ///
    /// Words are scored as among all items: how rare one is, and how long a text, is not asked of the allowed ones alone.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub fn query_among<A: Allowed + ?Sized>(
        &self,
        index: &Index,
        words: &LexicalIndex,
        x: &[f32],
        text: &str,
        allowed: &A,
    ) -> Result<HybridRetrieval> {
        let x = check_unit(index.dim(), x)?;
        let (depth, routed) = self.routed();
        let found = routed.query_among(index, &x, allowed)?;
        let scores = words.query(text, self.bm25);
        let by_words = scores.top_k_among(depth, allowed);
        self.join(index, &x, found, &scores, &by_words)
    }

    /// Returns how many candidates either side hands in, and what finds those of the vector.
    fn routed(&self) -> (usize, Retriever) {
        let depth = self.depth.max(self.top_k);
        let retriever = self.retriever.clone();
        (depth, retriever.top_k(depth).score_threshold(-1.0))
    }

    /// Joins what was found by vector with what was found by words, best first.
    fn join(
        &self,
        index: &Index,
        x: &[f32],
        found: Retrieval,
        scores: &LexicalScores<'_>,
        by_words: &[LexicalHit],
    ) -> Result<HybridRetrieval> {
        let depth = self.depth.max(self.top_k).min(index.len());
        // A search that scans no list has compared everything that it may find.
        let all_compared = found.probed.is_empty();
        let mut known: HashSet<ItemId> = HashSet::with_capacity(2 * depth);
        let mut candidates: Vec<Candidate> = Vec::with_capacity(2 * depth);
        for hit in &found.hits {
            known.insert(hit.item);
            candidates.push(Candidate {
                item: hit.item,
                cosine: hit.score,
                lexical: scores.score(hit.item),
            });
        }
        let mut by_words_alone = 0;
        for hit in by_words {
            if known.insert(hit.item) {
                let vector = index.vector(hit.item)?;
                candidates.push(Candidate {
                    item: hit.item,
                    cosine: dot(x, &vector),
                    lexical: hit.score,
                });
                let list = index.centroid_of(hit.item)?;
                by_words_alone += usize::from(!all_compared && !found.probed.contains(&list));
            }
        }
        Ok(HybridRetrieval {
            hits: self.fusion.top_k(&candidates, self.top_k)?,
            signals: found.signals,
            probed: found.probed,
            candidates: found.candidates + by_words_alone,
        })
    }

    /// Searches for many vectors and their texts on all cores; gives what [`query`](Self::query) gives for each.
    ///
    /// # Errors
    /// As [`query`](Self::query), and [`Error::LengthMismatch`] where there is not one text for each vector.
    pub fn query_batch<T: AsRef<str> + Sync>(
        &self,
        index: &Index,
        words: &LexicalIndex,
        queries: &Vectors,
        texts: &[T],
    ) -> Result<Vec<HybridRetrieval>> {
        if queries.len() != texts.len() {
            return Err(Error::LengthMismatch {
                what: "query text",
                expected: queries.len(),
                got: texts.len(),
            });
        }
        let rows: Vec<&[f32]> = queries.iter().collect();
        let pairs = rows.into_par_iter().zip(texts.par_iter());
        pairs
            .map(|(x, text)| self.query(index, words, x, text.as_ref()))
            .collect()
    }
}
