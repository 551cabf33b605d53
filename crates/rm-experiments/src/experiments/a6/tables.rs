//! The CSV tables of A6.

use anyhow::Result;
use rm_core::CodebookStats;
use serde::Serialize;

use super::{Method, Point, Probing};
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::output::Table;
use crate::suite::{Context, TextKind};

/// Is one line of `codebooks.csv`: one training.
#[derive(Debug, Clone, Serialize)]
struct CodebookRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    k: usize,
    method: Method,
    seed: u64,
    gini: f64,
    dead_codes: usize,
    shortest_list: usize,
    longest_list: usize,
    fidelity: f64,
}

/// Is one line of `growth.csv`: a codebook trained on half of the items, before and after the other half came.
#[derive(Debug, Clone, Serialize)]
pub(super) struct GrowthRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_trained: usize,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) method: Method,
    pub(super) seed: u64,
    pub(super) gini_of_trained: f64,
    pub(super) gini_of_all: f64,
}

/// Is one line of `lorenz.csv`: the share of the items that the shortest lists hold, mean over the seeds.
#[derive(Debug, Clone, Serialize)]
struct LorenzRow {
    dataset: Dataset,
    n_items: usize,
    k: usize,
    method: Method,
    share_of_lists: f64,
    share_of_items: f64,
}

/// Is one line of `tails.csv`: what queries scan at a recall, means over the seeds.
#[derive(Debug, Clone, Serialize)]
struct TailRow {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
    k: usize,
    method: Method,
    probing: Probing,
    target_recall: f64,
    /// Lists or items that the search is told.
    depth: f64,
    mean_items: f64,
    mean_ci_low: f64,
    mean_ci_high: f64,
    p50_items: f64,
    p95_items: f64,
    p99_items: f64,
    p99_ci_low: f64,
    p99_ci_high: f64,
    p99_to_plain: f64,
    p99_to_plain_ci_low: f64,
    p99_to_plain_ci_high: f64,
}

/// Is one line of `searches_timing.csv`: searches at the first target recall, one at a time on one core.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SearchTimeRow {
    pub(super) dataset: Dataset,
    pub(super) n_items: usize,
    pub(super) k: usize,
    pub(super) method: Method,
    pub(super) probing: Probing,
    pub(super) target_recall: f64,
    pub(super) depth: usize,
    pub(super) coding: ListCoding,
    pub(super) recall_vs_dense: f64,
    pub(super) n_timed: usize,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p99_over_p50: f64,
}

/// Is one line of `build_timing.csv`.
#[derive(Debug, Clone, Serialize)]
struct BuildRow {
    dataset: Dataset,
    n_items: usize,
    k: usize,
    method: Method,
    seed: u64,
    build_s: f64,
}

/// Holds the tables while they are written.
pub(super) struct Tables {
    codebooks: Table<CodebookRow>,
    pub(super) growth: Table<GrowthRow>,
    lorenz: Table<LorenzRow>,
    tails: Table<TailRow>,
    pub(super) searches: Table<SearchTimeRow>,
    build: Table<BuildRow>,
}

impl Tables {
    /// Starts all tables.
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            codebooks: context.table("codebooks")?,
            growth: context.table("growth")?,
            lorenz: context.table("lorenz")?,
            tails: context.table("tails")?,
            searches: context.timing_table("searches")?,
            build: context.timing_table("build")?,
        })
    }

    /// Writes what one training came to.
    pub(super) fn write_training(
        &mut self,
        corpus: &EmbeddedCorpus,
        method: Method,
        seed: u64,
        stats: &CodebookStats,
        build_s: f64,
    ) -> Result<()> {
        let dataset = corpus.corpus.dataset;
        self.codebooks.write(&CodebookRow {
            dataset,
            text_kind: corpus.corpus.kind(),
            n_items: stats.items,
            k: stats.k,
            method,
            seed,
            gini: stats.gini,
            dead_codes: stats.dead_codes,
            shortest_list: stats.sizes.iter().copied().min().unwrap_or(0),
            longest_list: stats.sizes.iter().copied().max().unwrap_or(0),
            fidelity: stats.fidelity,
        })?;
        self.build.write(&BuildRow {
            dataset,
            n_items: stats.items,
            k: stats.k,
            method,
            seed,
            build_s,
        })
    }

    /// Writes what one method gives on one data set of one size.
    pub(super) fn write(&mut self, corpus: &EmbeddedCorpus, point: &Point) -> Result<()> {
        let Point {
            dataset,
            n_items,
            k,
            method,
            ..
        } = *point;
        for &(share_of_lists, share_of_items) in &point.lorenz {
            self.lorenz.write(&LorenzRow {
                dataset,
                n_items,
                k,
                method,
                share_of_lists,
                share_of_items,
            })?;
        }
        for tail in &point.tails {
            self.tails.write(&TailRow {
                dataset,
                text_kind: corpus.corpus.kind(),
                n_items,
                n_queries: corpus.queries.len(),
                k,
                method,
                probing: tail.probing,
                target_recall: tail.target_recall,
                depth: tail.depth,
                mean_items: tail.mean.estimate,
                mean_ci_low: tail.mean.low,
                mean_ci_high: tail.mean.high,
                p50_items: tail.p50,
                p95_items: tail.p95,
                p99_items: tail.p99.estimate,
                p99_ci_low: tail.p99.low,
                p99_ci_high: tail.p99.high,
                p99_to_plain: tail.p99_to_plain.estimate,
                p99_to_plain_ci_low: tail.p99_to_plain.low,
                p99_to_plain_ci_high: tail.p99_to_plain.high,
            })?;
        }
        Ok(())
    }

    /// Ends all tables.
    pub(super) fn finish(self) -> Result<()> {
        self.codebooks.finish()?;
        self.growth.finish()?;
        self.lorenz.finish()?;
        self.tails.finish()?;
        self.searches.finish()?;
        self.build.finish()
    }
}
