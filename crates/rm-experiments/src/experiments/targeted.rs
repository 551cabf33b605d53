//! Recall-targeted probing beside a fixed number of probes, for H2, A1 and A4.
//!
//! Every other query calibrates ([`RecallCalibration`]), the others show what comes of it: the recall that was
//! asked for, and the items scanned beside those that a fixed n scans for the same recall on the same queries.
//!
//! What a fixed n finds follows from the lists that the exact answers stand in; the few that codes pass over are not
//! taken off it. Lists must hold each item once.

mod fixed;
mod report;

use anyhow::{Context as _, Result};
use rm_core::{Index, ItemId, RecallCalibration, Retriever, Vectors};
use serde::Serialize;

use self::fixed::FixedProbes;
pub(super) use self::report::add_to;
use super::latency::of_retriever;
use super::probing::{DenseAnswers, Found, every_score, interval};
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::metrics::{Bootstrap, mean, percentile};
use crate::suite::{Context, TextKind};

/// Is one line of `recall_target.csv`: what a target gives on the queries that did not calibrate.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TargetRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) top_k: usize,
    pub(super) target: f64,
    pub(super) n_calibration_queries: usize,
    pub(super) n_held_out_queries: usize,
    pub(super) held_out_recall: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
    pub(super) mean_probes: f64,
    pub(super) mean_probes_ci_low: f64,
    pub(super) mean_probes_ci_high: f64,
    pub(super) p95_probes: f64,
    pub(super) share_scanned: f64,
    pub(super) share_scanned_ci_low: f64,
    pub(super) share_scanned_ci_high: f64,
    /// Items whose exact score was computed, mean over the queries.
    pub(super) mean_reranked: f64,
    /// The fixed n with the same recall, between two whole ones.
    pub(super) equal_fixed_probes: f64,
    pub(super) equal_fixed_share_scanned: f64,
    /// The next whole fixed n.
    pub(super) fixed_probes: usize,
    pub(super) fixed_recall: f64,
    pub(super) fixed_share_scanned: f64,
    /// Share of the items scanned at equal recall that need not be scanned.
    pub(super) saving: f64,
    pub(super) saving_ci_low: f64,
    pub(super) saving_ci_high: f64,
}

/// Is one line of `recall_target_timing.csv`: one search at a time on one core.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TargetTimingRow {
    pub(super) dataset: Dataset,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) target: f64,
    pub(super) n_timed: usize,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) fixed_probes: usize,
    pub(super) fixed_p50_ms: f64,
    pub(super) fixed_p95_ms: f64,
    pub(super) fixed_p99_ms: f64,
}

/// Is one line of `recall_target_fixed.csv`: a fixed n on the same held-out queries.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FixedRow {
    pub(super) dataset: Dataset,
    pub(super) n_items: usize,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) top_k: usize,
    pub(super) n_probes: usize,
    pub(super) held_out_recall: f64,
    pub(super) share_scanned: f64,
}

/// Holds what was measured of all data sets.
#[derive(Debug, Clone, Default)]
pub(super) struct TargetedProbing {
    pub(super) rows: Vec<TargetRow>,
    pub(super) timing: Vec<TargetTimingRow>,
    pub(super) fixed: Vec<FixedRow>,
}

/// Says what is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Items whose recall is wanted.
    pub(super) top_k: usize,
    /// Recalls to ask for.
    pub(super) targets: &'a [f64],
    /// Held-out queries that are timed; 0 times none.
    pub(super) n_timed: usize,
}

impl TargetedProbing {
    /// Measures all targets on one index; `k_rule` names it in the tables, and `dense` is at least `top_k` deep.
    pub(super) fn measure(
        &mut self,
        index: &Index,
        corpus: &EmbeddedCorpus,
        dense: &DenseAnswers,
        k_rule: &str,
        wanted: Wanted<'_>,
    ) -> Result<()> {
        let halves = Halves::of(corpus, dense, wanted.top_k);
        let exact: Vec<Vec<ItemId>> = halves.calibration.exact_ids();
        let calibration = RecallCalibration::fit(index, &halves.calibration.queries, &exact)?;
        let held_out = &halves.held_out;
        let fixed = FixedProbes::of(index, held_out)?;
        let at = Place {
            corpus,
            index,
            k_rule,
            top_k: wanted.top_k,
        };
        self.fixed.extend(at.fixed_rows(&fixed));
        for &target in wanted.targets {
            let retriever = every_score(1, wanted.top_k).recall_target(target, &calibration);
            let row = at.row(&retriever, target, &calibration, held_out, &fixed)?;
            if wanted.n_timed > 0 {
                let timing = at.timing(&retriever, &row, held_out, wanted.n_timed)?;
                self.timing.push(timing);
            }
            self.rows.push(row);
        }
        Ok(())
    }

    /// Writes the three tables.
    pub(super) fn write(&self, context: &Context<'_>) -> Result<()> {
        context.table("recall_target")?.finish_with(&self.rows)?;
        context
            .table("recall_target_fixed")?
            .finish_with(&self.fixed)?;
        context
            .timing_table("recall_target")?
            .finish_with(&self.timing)
    }
}

/// Holds some of the queries and their exact answers, as positions of items.
#[derive(Debug)]
struct Half {
    queries: Vectors,
    exact: Vec<Vec<usize>>,
}

impl Half {
    fn exact_ids(&self) -> Vec<Vec<ItemId>> {
        let ids = |answers: &Vec<usize>| answers.iter().map(|&at| ItemId(at as u64)).collect();
        self.exact.iter().map(ids).collect()
    }
}

/// Holds the queries that calibrate and those that show what comes of it: every other one each.
struct Halves {
    calibration: Half,
    held_out: Half,
}

impl Halves {
    fn of(corpus: &EmbeddedCorpus, dense: &DenseAnswers, top_k: usize) -> Self {
        let half = |first: usize| {
            let rows: Vec<usize> = (first..corpus.queries.len()).step_by(2).collect();
            Half {
                queries: corpus.queries.gather(&rows),
                exact: rows
                    .iter()
                    .map(|&at| dense.first(at, top_k).to_vec())
                    .collect(),
            }
        };
        Self {
            calibration: half(0),
            held_out: half(1),
        }
    }
}

/// Says what was measured on what.
struct Place<'a> {
    corpus: &'a EmbeddedCorpus,
    index: &'a Index,
    k_rule: &'a str,
    top_k: usize,
}

impl Place<'_> {
    fn row(
        &self,
        retriever: &Retriever,
        target: f64,
        calibration: &RecallCalibration,
        held_out: &Half,
        fixed: &FixedProbes,
    ) -> Result<TargetRow> {
        let found = Found::by(retriever, self.index, &held_out.queries)?;
        let recalls = found.recalls_of(&held_out.exact, self.top_k);
        let recalls: Vec<f64> = recalls.into_iter().flatten().collect();
        let candidates: Vec<f64> = found.candidates.iter().map(|&n| n as f64).collect();
        let reranked: Vec<f64> = found.reranked.iter().map(|&n| n as f64).collect();
        let n_probes: Vec<f64> = found.n_probes.iter().map(|&n| n as f64).collect();
        let recall = interval(recalls.iter().copied().map(Some))?;
        let probes = interval(n_probes.iter().copied().map(Some))?;
        let scanned = interval(found.shares_scanned().map(Some))?;

        let everyone: Vec<usize> = (0..recalls.len()).collect();
        let equal_probes = fixed.probes_for(&everyone, recall.estimate);
        let saving_of = |queries: &[usize]| {
            let mean_of = |values: &[f64]| {
                queries.iter().map(|&at| values[at]).sum::<f64>() / queries.len() as f64
            };
            let n_probes = fixed.probes_for(queries, mean_of(&recalls));
            1.0 - mean_of(&candidates) / fixed.candidates(queries, n_probes)
        };
        let savings = Bootstrap::default().resample(recalls.len(), saving_of)?;
        let end = |percent| percentile(&savings, percent).context("no resample of the saving");
        let whole = equal_probes.ceil();
        let n_items = self.index.len() as f64;
        Ok(TargetRow {
            dataset: self.corpus.corpus.dataset,
            text_kind: self.corpus.corpus.kind(),
            n_items: self.index.len(),
            k_rule: self.k_rule.to_owned(),
            coding: ListCoding::of(self.index),
            k: self.index.k(),
            top_k: self.top_k,
            target,
            n_calibration_queries: calibration.n_queries(),
            n_held_out_queries: recalls.len(),
            held_out_recall: recall.estimate,
            ci_low: recall.low,
            ci_high: recall.high,
            mean_probes: probes.estimate,
            mean_probes_ci_low: probes.low,
            mean_probes_ci_high: probes.high,
            p95_probes: percentile(&n_probes, 95.0).context("no query to probe for")?,
            share_scanned: scanned.estimate,
            share_scanned_ci_low: scanned.low,
            share_scanned_ci_high: scanned.high,
            mean_reranked: mean(&reranked).context("no query to search for")?,
            equal_fixed_probes: equal_probes,
            equal_fixed_share_scanned: fixed.candidates(&everyone, equal_probes) / n_items,
            fixed_probes: whole as usize,
            fixed_recall: fixed.recall(&everyone, whole as usize),
            fixed_share_scanned: fixed.candidates(&everyone, whole) / n_items,
            saving: saving_of(&everyone),
            saving_ci_low: end(2.5)?,
            saving_ci_high: end(97.5)?,
        })
    }

    /// Times a target and the next whole fixed n with the same recall.
    fn timing(
        &self,
        retriever: &Retriever,
        row: &TargetRow,
        held_out: &Half,
        n_timed: usize,
    ) -> Result<TargetTimingRow> {
        let fixed = every_score(row.fixed_probes, self.top_k);
        let fixed = of_retriever(&fixed, self.index, &held_out.queries, n_timed)?;
        let targeted = of_retriever(retriever, self.index, &held_out.queries, n_timed)?;
        Ok(TargetTimingRow {
            dataset: row.dataset,
            n_items: row.n_items,
            k_rule: row.k_rule.clone(),
            coding: row.coding,
            k: row.k,
            target: row.target,
            n_timed: n_timed.min(held_out.queries.len()),
            p50_ms: targeted.p50,
            p95_ms: targeted.p95,
            p99_ms: targeted.p99,
            fixed_probes: row.fixed_probes,
            fixed_p50_ms: fixed.p50,
            fixed_p95_ms: fixed.p95,
            fixed_p99_ms: fixed.p99,
        })
    }

    /// Gives the curve of fixed n, at numbers of probes that grow by about a fifth.
    fn fixed_rows(&self, fixed: &FixedProbes) -> Vec<FixedRow> {
        let everyone: Vec<usize> = (0..fixed.n_queries()).collect();
        let next =
            |n: &usize| Some((n + n.div_ceil(5)).min(self.index.k())).filter(|next| next > n);
        let row = |n_probes: usize| FixedRow {
            dataset: self.corpus.corpus.dataset,
            n_items: self.index.len(),
            k_rule: self.k_rule.to_owned(),
            coding: ListCoding::of(self.index),
            k: self.index.k(),
            top_k: self.top_k,
            n_probes,
            held_out_recall: fixed.recall(&everyone, n_probes),
            share_scanned: fixed.candidates(&everyone, n_probes as f64) / self.index.len() as f64,
        };
        std::iter::successors(Some(1), next).map(row).collect()
    }
}
