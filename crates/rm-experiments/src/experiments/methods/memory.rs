//! One memory, indexed for every method.

use anyhow::Result;
use rayon::prelude::*;
use rm_core::{Analyser, Bm25, ExactSearch, HybridRetriever, Index, ItemId, KRule, LexicalIndex};

use super::Method;
use super::fts5::Fts5;
use crate::corpora::EmbeddedCorpus;
use crate::experiments::probing::{build, every_score};

/// The customary parameters, which FTS5 fixes and plain BM25 is measured with.
const CUSTOMARY: (f32, f32) = (1.2, 0.75);

/// Holds the texts of one memory and the indices over them; item ids are positions.
#[derive(Debug)]
pub(in crate::experiments) struct SearchedMemory<'a> {
    pub(in crate::experiments) corpus: &'a EmbeddedCorpus,
    pub(in crate::experiments) index: Index,
    pub(in crate::experiments) words: LexicalIndex,
    plain_words: LexicalIndex,
    fts5: Fts5,
}

/// Is what one method found for all queries of one or more memories.
#[derive(Debug, Clone, Default)]
pub(in crate::experiments) struct Found {
    /// Positions of items, best first, for each query.
    pub(in crate::experiments) rankings: Vec<Vec<usize>>,
    /// Items whose exact score was computed, for each query; 0 where only words were compared.
    pub(in crate::experiments) scanned: Vec<usize>,
}

impl Found {
    /// Appends what was found in another memory.
    pub(in crate::experiments) fn extend(&mut self, other: Self) {
        self.rankings.extend(other.rankings);
        self.scanned.extend(other.scanned);
    }
}

impl<'a> SearchedMemory<'a> {
    /// Trains, routes and indexes.
    pub(in crate::experiments) fn of(
        corpus: &'a EmbeddedCorpus,
        rule: KRule,
        seed: u64,
    ) -> Result<Self> {
        let index = build(corpus, rule, seed)?;
        let plain = Analyser::default().stemming(false).stop_words(true);
        Ok(Self {
            words: lexical(corpus, Analyser::default())?,
            plain_words: lexical(corpus, plain)?,
            fts5: Fts5::of(&corpus.corpus.items)?,
            corpus,
            index,
        })
    }

    /// Searches for all queries.
    pub(in crate::experiments) fn search(&self, method: Method, top_k: usize) -> Result<Found> {
        let queries = &self.corpus.corpus.queries;
        match method {
            Method::Dense => {
                let found = ExactSearch::new(&self.corpus.items)
                    .top_k_batch(&self.corpus.queries, top_k)?;
                let rows = found
                    .iter()
                    .map(|hits| hits.iter().map(|hit| hit.row).collect());
                Ok(Found {
                    rankings: rows.collect(),
                    scanned: vec![self.corpus.items.len(); queries.len()],
                })
            }
            Method::Routed { n_probes } => {
                let retriever = every_score(n_probes, top_k);
                let found = retriever.query_batch(&self.index, &self.corpus.queries)?;
                Ok(Found {
                    rankings: found
                        .iter()
                        .map(|found| found.hits.iter().map(|hit| position(hit.item)).collect())
                        .collect(),
                    scanned: found.iter().map(|found| found.candidates).collect(),
                })
            }
            Method::PlainBm25 => {
                let bm25 = Bm25::new(CUSTOMARY.0, CUSTOMARY.1)?;
                Ok(self.by_words(&self.plain_words, bm25, top_k))
            }
            Method::Bm25 => Ok(self.by_words(&self.words, Bm25::default(), top_k)),
            Method::Fts5 => {
                let rankings = queries
                    .iter()
                    .map(|query| self.fts5.search(&query.text, top_k));
                Ok(Found {
                    rankings: rankings.collect::<Result<_>>()?,
                    scanned: vec![0; queries.len()],
                })
            }
            Method::Hybrid { n_probes, fusion } => {
                let n_probes = n_probes.unwrap_or(self.index.k());
                let search = HybridRetriever::default().n_probes(n_probes).fusion(fusion);
                self.hybrid(&search.top_k(top_k))
            }
        }
    }

    /// Searches for all queries with a hybrid retriever of the caller's.
    pub(in crate::experiments) fn hybrid(&self, search: &HybridRetriever) -> Result<Found> {
        let texts: Vec<&str> = self
            .corpus
            .corpus
            .queries
            .iter()
            .map(|query| query.text.as_str())
            .collect();
        let found = search.query_batch(&self.index, &self.words, &self.corpus.queries, &texts)?;
        Ok(Found {
            rankings: found
                .iter()
                .map(|found| found.hits.iter().map(|hit| position(hit.item)).collect())
                .collect(),
            scanned: found.iter().map(|found| found.candidates).collect(),
        })
    }

    fn by_words(&self, words: &LexicalIndex, bm25: Bm25, top_k: usize) -> Found {
        let queries = self.corpus.corpus.queries.par_iter();
        let rankings: Vec<Vec<usize>> = queries
            .map(|query| {
                let found = words.query(&query.text, bm25).top_k(top_k);
                found.iter().map(|hit| position(hit.item)).collect()
            })
            .collect();
        Found {
            scanned: vec![0; rankings.len()],
            rankings,
        }
    }

    /// Searches once with the query at a position; what latency is measured of.
    pub(in crate::experiments) fn search_one(
        &self,
        method: Method,
        at: usize,
        top_k: usize,
    ) -> Result<usize> {
        let text = self
            .corpus
            .corpus
            .queries
            .get(at)
            .map_or("", |query| &query.text);
        let Some(x) = self.corpus.queries.get(at) else {
            return Ok(0);
        };
        Ok(match method {
            Method::Dense => ExactSearch::new(&self.corpus.items).top_k(x, top_k)?.len(),
            Method::Routed { n_probes } => every_score(n_probes, top_k)
                .query(&self.index, x)?
                .hits
                .len(),
            Method::PlainBm25 => {
                let bm25 = Bm25::new(CUSTOMARY.0, CUSTOMARY.1)?;
                self.plain_words.query(text, bm25).top_k(top_k).len()
            }
            Method::Bm25 => self.words.query(text, Bm25::default()).top_k(top_k).len(),
            Method::Fts5 => self.fts5.search(text, top_k)?.len(),
            Method::Hybrid { n_probes, fusion } => {
                let n_probes = n_probes.unwrap_or(self.index.k());
                let search = HybridRetriever::default().n_probes(n_probes).fusion(fusion);
                let search = search.top_k(top_k);
                search.query(&self.index, &self.words, x, text)?.hits.len()
            }
        })
    }
}

fn lexical(corpus: &EmbeddedCorpus, analyser: Analyser) -> Result<LexicalIndex> {
    let mut words = LexicalIndex::new(analyser);
    for (at, text) in (0..).zip(&corpus.corpus.items) {
        words.add(ItemId(at), text)?;
    }
    Ok(words)
}

fn position(item: ItemId) -> usize {
    item.0 as usize
}
