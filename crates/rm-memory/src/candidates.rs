//! Finding what may answer a query: by vector, by words, among what is allowed.

use rm_core::{
    Allowed, CentroidId, Coding, FusedHit, HYBRID_DEPTH, HybridRetriever, Index, LexicalIndex,
    Retriever, Signals,
};

use crate::config::{DEFAULT_MIN_CANDIDATES, DEFAULT_MIN_CANDIDATES_CODED};
use crate::query::Subject;
use crate::{Query, Result, RoutingMemory};

/// Number of items up to which a text is searched by its words, too, where nothing is said: the index of words of so many is
/// made in about a second when it is first asked for.
pub const HYBRID_UP_TO: usize = 100_000;

/// Is what was found, best first, before texts are read.
#[derive(Debug)]
pub(crate) struct Candidates {
    pub(crate) hits: Vec<FusedHit>,
    pub(crate) signals: Signals,
    pub(crate) probed: Vec<CentroidId>,
    pub(crate) compared: usize,
    pub(crate) reranked: usize,
    pub(crate) by_words: bool,
}

impl RoutingMemory {
    pub(crate) fn retriever(&self, query: &Query) -> Retriever {
        let config = self.config();
        Retriever::default()
            .top_k(query.wanted())
            .n_probes(query.n_probes.unwrap_or(config.n_probes))
            .score_threshold(self.threshold(query))
    }

    pub(crate) fn threshold(&self, query: &Query) -> f32 {
        query.threshold.unwrap_or(self.config().score_threshold)
    }

    /// Returns the text whose words are to take part, if they are.
    pub(crate) fn words_of<'q>(&self, query: &'q Query, items: usize) -> Option<&'q str> {
        let wanted = query.hybrid.or(self.config().hybrid);
        match &query.subject {
            Subject::Text(text) if wanted.unwrap_or(items <= HYBRID_UP_TO) => Some(text),
            _ => None,
        }
    }

    /// Returns how many items a query compares at least.
    fn min_candidates(&self, index: &Index, query: &Query) -> usize {
        if let Some(least) = query.min_candidates {
            return least;
        }
        let by_lists = match index.coding() {
            Coding::Exact => DEFAULT_MIN_CANDIDATES,
            _ => DEFAULT_MIN_CANDIDATES_CODED,
        };
        // A probe for `top_k` results must meet as many items, whatever the lists hold; unless the
        // query asks for exactly its probes.
        let least = self.config().min_candidates.unwrap_or(by_lists);
        least.max(query.wanted())
    }

    /// Finds the best `depth` candidates that reach the threshold.
    pub(crate) fn candidates(
        &self,
        index: &Index,
        query: &Query,
        vector: &[f32],
        words: Option<(&LexicalIndex, &str)>,
        allowed: Option<&dyn Allowed>,
        depth: usize,
    ) -> Result<Candidates> {
        let retriever = self.retriever(query).top_k(depth);
        let retriever = match self.calibration(query, index) {
            Some((target, calibration)) => retriever
                .min_candidates(query.min_candidates.unwrap_or(query.wanted()))
                .recall_target(target, &calibration),
            None => retriever.min_candidates(self.min_candidates(index, query)),
        };
        let Some((words, text)) = words else {
            let found = match allowed {
                None => retriever.query(index, vector)?,
                Some(allowed) => retriever.query_among(index, vector, allowed)?,
            };
            let hits = found.hits.iter().map(|hit| FusedHit {
                item: hit.item,
                score: hit.score,
                cosine: hit.score,
                lexical: 0.0,
            });
            return Ok(Candidates {
                hits: hits.collect(),
                signals: found.signals,
                probed: found.probed,
                compared: found.candidates,
                reranked: found.reranked,
                by_words: false,
            });
        };
        retriever.check()?;
        let side = depth.max(HYBRID_DEPTH).min(index.len());
        // All that either side hands in: which of them reach the threshold is asked of the cosine alone.
        let hybrid = HybridRetriever::default()
            .retriever(retriever)
            .depth(side)
            .top_k(2 * side);
        let found = match allowed {
            None => hybrid.query(index, words, vector, text)?,
            Some(allowed) => hybrid.query_among(index, words, vector, text, allowed)?,
        };
        let threshold = self.threshold(query);
        let reaches = |hit: &FusedHit| threshold <= -1.0 || hit.cosine >= threshold;
        let mut hits = found.hits;
        hits.retain(reaches);
        hits.truncate(depth);
        Ok(Candidates {
            hits,
            signals: found.signals,
            probed: found.probed,
            compared: found.candidates,
            reranked: found.candidates,
            by_words: true,
        })
    }
}
