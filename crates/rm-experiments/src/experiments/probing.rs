//! Recall and cost of a search over n lists: what H2, A4 and others measure.

use anyhow::{Context as _, Result};
use rm_core::{
    ExactSearch, Index, ItemId, KRule, Retriever, SphericalConfig, Trainer, Vectors, train,
};

use crate::ListCoding;
use crate::corpora::EmbeddedCorpus;
use crate::metrics::{Bootstrap, Interval, gold_recall, recall_vs_dense};

/// Depth at which gold recall is measured, the ten results that an agent reads.
pub(super) const GOLD_DEPTH: usize = 10;

/// Holds the exact answers to all queries of a corpus, each as positions of items, best first.
#[derive(Debug, Clone)]
pub(super) struct DenseAnswers {
    answers: Vec<Vec<usize>>,
}

impl DenseAnswers {
    /// Searches exactly for the `k` best items of every query.
    pub(super) fn of(corpus: &EmbeddedCorpus, k: usize) -> Result<Self> {
        let found = ExactSearch::new(&corpus.items).top_k_batch(&corpus.queries, k)?;
        let answers = found
            .into_iter()
            .map(|hits| hits.iter().map(|hit| hit.row).collect());
        Ok(Self {
            answers: answers.collect(),
        })
    }

    /// Returns the answers, one list of positions a query.
    pub(super) fn answers(&self) -> &[Vec<usize>] {
        &self.answers
    }

    /// Returns the first `k` exact answers to one query.
    pub(super) fn first(&self, query: usize, k: usize) -> &[usize] {
        let answers = &self.answers[query];
        &answers[..k.min(answers.len())]
    }

    /// Returns the mean share of gold items among the first `k` exact answers.
    pub(super) fn gold_recall(&self, corpus: &EmbeddedCorpus, k: usize) -> Result<Interval> {
        interval(self.gold_recalls(corpus, k).into_iter())
    }

    /// Returns the share of gold items among the first `k` exact answers for every query.
    pub(super) fn gold_recalls(&self, corpus: &EmbeddedCorpus, k: usize) -> Vec<Option<f64>> {
        gold_recalls(&self.answers, corpus, k)
    }
}

/// Trains a codebook with the seed and routes all items of a corpus.
pub(super) fn build(corpus: &EmbeddedCorpus, rule: KRule, seed: u64) -> Result<Index> {
    let k = rule.k(corpus.items.len());
    let trainer = Trainer::Spherical(SphericalConfig::default());
    let trained = train(&corpus.items, k, &trainer, seed)?;
    route(corpus, trained.codebook)
}

/// Routes all items of a corpus; the item at position `p` gets the id `p`.
pub(super) fn route(corpus: &EmbeddedCorpus, codebook: rm_core::Codebook) -> Result<Index> {
    let ids: Vec<ItemId> = (0..corpus.items.len() as u64).map(ItemId).collect();
    Ok(Index::build(codebook, &ids, &corpus.items)?)
}

/// Returns the retriever that scans exactly `n_probes` lists and drops no score.
pub(super) fn every_score(n_probes: usize, top_k: usize) -> Retriever {
    Retriever::default()
        .n_probes(n_probes)
        .top_k(top_k)
        .score_threshold(-1.0)
}

/// Holds what one setting reaches on a corpus.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    /// R@k vs dense, one interval for each of the wanted `k`.
    pub(super) recall: Vec<Interval>,
    /// Share of gold items among the first [`GOLD_DEPTH`].
    pub(super) gold_recall_at_10: Interval,
    /// The same of exact search minus that of this setting, paired by query.
    pub(super) gold_recall_lost: Interval,
    /// Items compared with the query, exactly or by their codes, over all items.
    pub(super) share_scanned: Interval,
    /// Items whose exact score was computed.
    pub(super) reranked: Interval,
    /// Vectors compared, centroids included; a code counts as the share of a vector's bytes that it takes.
    pub(super) vectors_compared: Interval,
}

impl Reached {
    /// Compares what was found with the exact answers and with gold.
    pub(super) fn of(
        found: &Found,
        corpus: &EmbeddedCorpus,
        dense: &DenseAnswers,
        top_ks: &[usize],
    ) -> Result<Self> {
        let recall = top_ks
            .iter()
            .map(|&k| interval(found.recalls(dense, k).into_iter()));
        let gold = found.gold_recalls(corpus, GOLD_DEPTH);
        let exact = dense.gold_recalls(corpus, GOLD_DEPTH);
        let lost = exact.iter().zip(&gold).map(|(e, g)| Some((*e)? - (*g)?));
        Ok(Self {
            recall: recall.collect::<Result<_>>()?,
            gold_recall_lost: interval(lost)?,
            gold_recall_at_10: interval(gold.into_iter())?,
            share_scanned: interval(found.shares_scanned().map(Some))?,
            reranked: interval(found.reranked.iter().map(|&n| Some(n as f64)))?,
            vectors_compared: interval(found.vectors_compared().map(Some))?,
        })
    }
}

/// Holds what a retriever found for every query of a corpus.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Positions of items, best first.
    pub(super) answers: Vec<Vec<usize>>,
    /// Lists scanned.
    pub(super) n_probes: Vec<usize>,
    /// Items compared, exactly or by their codes; twice where an item's second list was scanned as well.
    pub(super) candidates: Vec<usize>,
    /// Items whose exact score was computed.
    pub(super) reranked: Vec<usize>,
    n_items: usize,
    k: usize,
    /// Bytes of a code over those of a vector; 0 where lists hold no codes.
    code_share: f64,
}

impl Found {
    /// Searches for all queries.
    pub(super) fn by(retriever: &Retriever, index: &Index, queries: &Vectors) -> Result<Self> {
        let retrievals = retriever.query_batch(index, queries)?;
        let hits = retrievals.iter().map(|retrieval| &retrieval.hits);
        let answers = hits.map(|hits| hits.iter().map(|hit| hit.item.0 as usize).collect());
        Ok(Self {
            answers: answers.collect(),
            n_probes: retrievals.iter().map(|r| r.probed.len()).collect(),
            candidates: retrievals.iter().map(|r| r.candidates).collect(),
            reranked: retrievals.iter().map(|r| r.reranked).collect(),
            n_items: index.len(),
            k: index.k(),
            code_share: code_share(index),
        })
    }

    /// Returns R@k vs dense of every query.
    pub(super) fn recalls(&self, dense: &DenseAnswers, k: usize) -> Vec<Option<f64>> {
        self.recalls_of(&dense.answers, k)
    }

    /// Returns the share of the first `k` of `exact` among the first `k` found for every query.
    pub(super) fn recalls_of(&self, exact: &[Vec<usize>], k: usize) -> Vec<Option<f64>> {
        let pairs = self.answers.iter().zip(exact);
        pairs
            .map(|(found, exact)| recall_vs_dense(found, exact, k))
            .collect()
    }

    /// Returns the share of gold items among the first `k` for every query.
    pub(super) fn gold_recalls(&self, corpus: &EmbeddedCorpus, k: usize) -> Vec<Option<f64>> {
        gold_recalls(&self.answers, corpus, k)
    }

    /// Returns the vectors that each query was compared with, as [`Reached::vectors_compared`] counts them.
    fn vectors_compared(&self) -> impl Iterator<Item = f64> {
        let counts = self.candidates.iter().zip(&self.reranked);
        counts.map(|(&candidates, &reranked)| {
            (self.k + reranked) as f64 + self.code_share * candidates as f64
        })
    }

    /// Returns the share of all items that each query was compared with.
    pub(super) fn shares_scanned(&self) -> impl Iterator<Item = f64> {
        let n_items = self.n_items.max(1) as f64;
        self.candidates.iter().map(move |&n| n as f64 / n_items)
    }
}

/// Searches for all queries with `n_probes` lists and compares with the exact answers.
pub(super) fn probe(
    index: &Index,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
    n_probes: usize,
    top_ks: &[usize],
) -> Result<Reached> {
    let most = top_ks.iter().copied().max().unwrap_or(0).max(GOLD_DEPTH);
    let found = Found::by(&every_score(n_probes, most), index, &corpus.queries)?;
    Reached::of(&found, corpus, dense, top_ks)
}

/// Returns the bytes of a code over those of a vector; 0 where lists hold no codes.
fn code_share(index: &Index) -> f64 {
    let bytes = index.bytes();
    let n_codes = ListCoding::of(index).lists_of_an_item() * index.len();
    let code = bytes.codes as f64 / n_codes.max(1) as f64;
    code / (index.dim() * size_of::<f32>()) as f64
}

fn gold_recalls(answers: &[Vec<usize>], corpus: &EmbeddedCorpus, k: usize) -> Vec<Option<f64>> {
    let gold = corpus.corpus.queries.iter().map(|query| &query.gold);
    let pairs = answers.iter().zip(gold);
    pairs
        .map(|(found, gold)| gold_recall(found, gold, k))
        .collect()
}

/// Returns the mean of one value a query with its 95% interval; queries without a value are left out.
pub(super) fn interval(values: impl Iterator<Item = Option<f64>>) -> Result<Interval> {
    let values: Vec<f64> = values.flatten().collect();
    Bootstrap::default()
        .mean(&values)
        .context("cannot average over queries")
}
