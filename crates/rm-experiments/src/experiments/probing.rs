//! Recall and cost of a search over n lists: what H2, A4 and others measure.

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, ItemId, KRule, Retriever, SphericalConfig, Trainer, train};

use crate::corpora::EmbeddedCorpus;
use crate::metrics::{Bootstrap, Interval, gold_recall, recall_vs_dense};

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

    /// Returns the mean share of gold items among the first `k` exact answers.
    pub(super) fn gold_recall(&self, corpus: &EmbeddedCorpus, k: usize) -> Result<Interval> {
        let gold = corpus.corpus.queries.iter().map(|query| &query.gold);
        let recalls = self
            .answers
            .iter()
            .zip(gold)
            .map(|(found, gold)| gold_recall(found, gold, k));
        interval(recalls)
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
    /// Share of gold items among the first ten.
    pub(super) gold_recall_at_10: Interval,
    /// Share of all items whose exact score was computed, mean over queries.
    pub(super) share_scanned: f64,
}

/// Searches for all queries with `n_probes` lists and compares with the exact answers.
pub(super) fn probe(
    index: &Index,
    corpus: &EmbeddedCorpus,
    dense: &DenseAnswers,
    n_probes: usize,
    top_ks: &[usize],
) -> Result<Reached> {
    let most = top_ks.iter().copied().max().unwrap_or(0).max(10);
    let retriever = every_score(n_probes, most);
    let retrievals = retriever.query_batch(index, &corpus.queries)?;
    let found: Vec<Vec<usize>> = retrievals
        .iter()
        .map(|retrieval| {
            retrieval
                .hits
                .iter()
                .map(|hit| hit.item.0 as usize)
                .collect()
        })
        .collect();
    let recall = top_ks.iter().map(|&k| {
        interval(
            found
                .iter()
                .zip(&dense.answers)
                .map(|(f, exact)| recall_vs_dense(f, exact, k)),
        )
    });
    let gold = corpus.corpus.queries.iter().map(|query| &query.gold);
    let scanned: usize = retrievals
        .iter()
        .map(|retrieval| retrieval.candidates)
        .sum();
    Ok(Reached {
        recall: recall.collect::<Result<_>>()?,
        gold_recall_at_10: interval(found.iter().zip(gold).map(|(f, g)| gold_recall(f, g, 10)))?,
        share_scanned: scanned as f64 / (retrievals.len().max(1) * index.len().max(1)) as f64,
    })
}

/// Returns the mean of one value a query with its 95% interval; queries without a value are left out.
pub(super) fn interval(values: impl Iterator<Item = Option<f64>>) -> Result<Interval> {
    let values: Vec<f64> = values.flatten().collect();
    Bootstrap::default()
        .mean(&values)
        .context("cannot average over queries")
}
