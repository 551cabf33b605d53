//! What every encoder's vectors keep of exact search.

use anyhow::Result;
use rm_core::{ExactSearch, Index, KRule, Retriever};
use serde::Serialize;

use super::Parameters;
use super::blocks::Encoded;
use super::geometry::Geometry;
use super::spread::Shares;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::experiments::probing::{build, every_score};
use crate::metrics::{gold_recall, recall_vs_dense};
use crate::suite::{Context, TextKind};

/// Says when a search stops scanning lists.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Probing {
    /// After so many lists.
    Lists(usize),
    /// As soon as this share of all items was scanned.
    Share(f64),
}

/// Holds what one encoder reaches on one data set.
#[derive(Debug, Clone)]
pub(super) struct Measurement {
    pub(super) encoder: String,
    pub(super) geometry: Geometry,
    pub(super) unknown_texts: usize,
    /// Mean cosine of an item and its centroid.
    pub(super) fidelity: f64,
    /// Mean cosine of a query and the centroid nearest to it.
    pub(super) query_fidelity: f64,
    /// Gini coefficient of the list sizes.
    pub(super) gini: f64,
    /// Gold recall of exact search, by query.
    pub(super) dense_gold: Vec<f64>,
    /// One for each setting, in their order.
    pub(super) reached: Vec<Reached>,
}

/// Holds what one setting reaches, by query and averaged over the seeds.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    pub(super) recall_vs_dense: Vec<f64>,
    pub(super) gold_recall: Vec<f64>,
    /// Share of all items that were scanned, mean over queries.
    pub(super) share_scanned: f64,
}

/// Holds what all encoders reach on one data set.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) n_queries: usize,
    pub(super) k: usize,
    pub(super) probings: Vec<Probing>,
    pub(super) encoders: Vec<Measurement>,
}

/// Is one line of `geometry.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GeometryRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) encoder: String,
    pub(super) dim: usize,
    pub(super) mean_pairwise_cosine: f64,
    pub(super) participation_ratio: f64,
    pub(super) k: usize,
    pub(super) fidelity: f64,
    pub(super) query_fidelity: f64,
    pub(super) gini: f64,
    pub(super) unknown_texts: usize,
}

impl Measured {
    /// Measures every encoder on its vectors of one corpus.
    pub(super) fn of(
        context: &Context<'_>,
        parameters: &Parameters,
        encoded: &[Encoded],
    ) -> Result<Option<Self>> {
        let Some(first) = encoded.first().map(|encoded| &encoded.corpus) else {
            return Ok(None);
        };
        let dataset = first.corpus.dataset;
        let label = format!("H6 {dataset}: codebooks and searches");
        let steps = encoded.len() as u64;
        let task = context.progress().task(&label, steps, "encoders");
        let rule: KRule = parameters.published_k_rule.parse()?;
        let k = rule.k(first.items.len());
        // As many lists as there are, or more, are exact search.
        let fewer = parameters.n_probes.iter().filter(|&&n| n < k);
        let lists = fewer.map(|&n| Probing::Lists(n));
        let shares = parameters
            .budgets
            .iter()
            .map(|&share| Probing::Share(share));
        let mut measured = Self {
            dataset,
            text_kind: first.corpus.kind(),
            n_items: first.items.len(),
            n_queries: first.queries.len(),
            k,
            probings: lists.chain(shares).collect(),
            encoders: Vec::new(),
        };
        for encoded in encoded {
            let seeds = (0..parameters.n_seeds).map(|at| context.seed().wrapping_add(at));
            let seeds: Vec<u64> = seeds.collect();
            measured.encoders.push(measure(
                parameters,
                encoded,
                &measured.probings,
                &seeds,
                rule,
            )?);
            task.advance(1);
        }
        Ok(Some(measured))
    }

    /// Returns what there was to be found and what was, for each encoder, in gold recall.
    pub(super) fn gold(&self, setting: usize) -> Vec<Shares> {
        let of = |encoder: &Measurement| Shares {
            found: encoder.reached[setting].gold_recall.clone(),
            exact: encoder.dense_gold.clone(),
        };
        self.encoders.iter().map(of).collect()
    }

    /// Returns the same in R@k vs dense, of which exact search finds everything.
    pub(super) fn recall(&self, setting: usize) -> Vec<Shares> {
        let of = |encoder: &Measurement| Shares {
            found: encoder.reached[setting].recall_vs_dense.clone(),
            exact: vec![1.0; self.n_queries],
        };
        self.encoders.iter().map(of).collect()
    }

    /// Returns the place of a setting.
    pub(super) fn setting(&self, probing: Probing) -> Option<usize> {
        self.probings.iter().position(|known| *known == probing)
    }

    /// Returns the share of items scanned with a setting, mean over encoders.
    pub(super) fn share_scanned(&self, setting: usize) -> f64 {
        let shares = self
            .encoders
            .iter()
            .map(|e| e.reached[setting].share_scanned);
        shares.sum::<f64>() / self.encoders.len().max(1) as f64
    }

    /// Returns the lines of `geometry.csv`.
    pub(super) fn geometry_rows(&self) -> impl Iterator<Item = GeometryRow> {
        self.encoders.iter().map(|encoder| GeometryRow {
            dataset: self.dataset,
            text_kind: self.text_kind,
            n_items: self.n_items,
            encoder: encoder.encoder.clone(),
            dim: encoder.geometry.dim,
            mean_pairwise_cosine: encoder.geometry.mean_pairwise_cosine,
            participation_ratio: encoder.geometry.participation_ratio,
            k: self.k,
            fidelity: encoder.fidelity,
            query_fidelity: encoder.query_fidelity,
            gini: encoder.gini,
            unknown_texts: encoder.unknown_texts,
        })
    }
}

fn measure(
    parameters: &Parameters,
    encoded: &Encoded,
    probings: &[Probing],
    seeds: &[u64],
    rule: KRule,
) -> Result<Measurement> {
    let corpus = &encoded.corpus;
    let deepest = parameters.top_k.max(parameters.gold_top_k);
    let exact = ExactSearch::new(&corpus.items).top_k_batch(&corpus.queries, deepest)?;
    let exact: Vec<Vec<usize>> = exact
        .iter()
        .map(|hits| hits.iter().map(|hit| hit.row).collect())
        .collect();
    let share = 1.0 / seeds.len().max(1) as f64;
    let n_queries = corpus.queries.len();
    let mut measurement = Measurement {
        encoder: encoded.name.clone(),
        geometry: Geometry::of(&corpus.items)?,
        unknown_texts: encoded.unknown_texts,
        fidelity: 0.0,
        query_fidelity: 0.0,
        gini: 0.0,
        dense_gold: gold(corpus, &exact, parameters.gold_top_k),
        reached: vec![
            Reached {
                recall_vs_dense: vec![0.0; n_queries],
                gold_recall: vec![0.0; n_queries],
                share_scanned: 0.0,
            };
            probings.len()
        ],
    };
    for &seed in seeds {
        let index = build(corpus, rule, seed)?;
        let stats = index.stats();
        measurement.fidelity += share * stats.fidelity;
        measurement.gini += share * stats.gini;
        let nearest = index.codebook().encode_batch(&corpus.queries)?;
        let cosines = nearest.iter().map(|encoding| f64::from(encoding.score));
        measurement.query_fidelity += share * cosines.sum::<f64>() / n_queries.max(1) as f64;
        for (probing, reached) in probings.iter().zip(&mut measurement.reached) {
            let retriever = retriever(*probing, corpus.items.len(), deepest);
            reached.add(parameters, corpus, &index, &retriever, &exact, share)?;
        }
    }
    Ok(measurement)
}

fn retriever(probing: Probing, n_items: usize, top_k: usize) -> Retriever {
    match probing {
        Probing::Lists(n_probes) => every_score(n_probes, top_k),
        Probing::Share(share) => {
            let least = (share * n_items as f64).ceil() as usize;
            every_score(1, top_k).min_candidates(least)
        }
    }
}

impl Reached {
    /// Searches once more and adds what was found, weighed by `share`.
    fn add(
        &mut self,
        parameters: &Parameters,
        corpus: &EmbeddedCorpus,
        index: &Index,
        retriever: &Retriever,
        exact: &[Vec<usize>],
        share: f64,
    ) -> Result<()> {
        let retrievals = retriever.query_batch(index, &corpus.queries)?;
        let found: Vec<Vec<usize>> = retrievals
            .iter()
            .map(|found| found.hits.iter().map(|hit| hit.item.0 as usize).collect())
            .collect();
        let recalls = found
            .iter()
            .zip(exact)
            .map(|(found, exact)| recall_vs_dense(found, exact, parameters.top_k));
        for (sum, recall) in self.recall_vs_dense.iter_mut().zip(recalls) {
            *sum += share * recall.unwrap_or(0.0);
        }
        let golds = gold(corpus, &found, parameters.gold_top_k);
        for (sum, recall) in self.gold_recall.iter_mut().zip(golds) {
            *sum += share * recall;
        }
        let candidates: usize = retrievals.iter().map(|found| found.candidates).sum();
        let all = retrievals.len().max(1) * corpus.items.len();
        self.share_scanned += share * candidates as f64 / all as f64;
        Ok(())
    }
}

/// Returns the gold recall of every query; each has gold, which the corpus checks.
fn gold(corpus: &EmbeddedCorpus, found: &[Vec<usize>], k: usize) -> Vec<f64> {
    let gold = corpus.corpus.queries.iter().map(|query| &query.gold);
    let recalls = found
        .iter()
        .zip(gold)
        .map(|(found, gold)| gold_recall(found, gold, k));
    recalls.map(|recall| recall.unwrap_or(0.0)).collect()
}
