//! Ways of searching side by side: exact search, the original's setting, and each query's own n for a wanted recall.

use anyhow::Result;
use serde::Serialize;

use super::{Measured, Parameters};
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::experiments::latency::LatencyRow;
use crate::experiments::recall::{RecallRow, percent};
use crate::experiments::resident::ResidentBytes;
use crate::experiments::targeted::TargetRow;
use crate::output::text::grouped;
use crate::suite::{Context, Measured as Figure, ResultRow, TextKind};

/// Names a way of searching.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// Every item is compared.
    Exact,
    /// The original's K, n and lists.
    Original,
    /// Each query chooses its n for this recall.
    Target(f64),
}

/// Is one way at one size.
#[derive(Debug, Clone)]
pub(super) struct WayAt {
    pub(super) way: Way,
    pub(super) row: WayRow,
}

/// Is one line of `ways_timing.csv`: what a way of searching finds and costs at one size.
#[derive(Debug, Clone, Serialize)]
pub(super) struct WayRow {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) way: String,
    pub(super) k_rule: String,
    pub(super) coding: ListCoding,
    pub(super) k: usize,
    pub(super) recall_vs_dense: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
    pub(super) share_scanned: f64,
    pub(super) mean_reranked: f64,
    pub(super) n_timed: usize,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) bytes_per_item: f64,
    pub(super) bytes_per_item_without_vectors: f64,
}

impl WayAt {
    /// Names the way and what its lists hold.
    pub(super) fn label(&self) -> String {
        match self.way {
            Way::Exact => self.row.way.clone(),
            Way::Original | Way::Target(_) => {
                format!("{}, {}", self.row.way, self.row.coding.in_words())
            }
        }
    }

    /// Says what it finds and costs, on one line.
    fn in_words(&self, top_k: usize) -> String {
        let row = &self.row;
        format!(
            "R@{top_k} {:.3} [{:.3}, {:.3}]; p95 {:.3} ms, p99 {:.3} ms on one core, {} queries; {} of the items scanned and \
             {} exact scores computed on average; {:.0} bytes an item, {:.0} of them beside the vectors",
            row.recall_vs_dense,
            row.ci_low,
            row.ci_high,
            row.p95_ms,
            row.p99_ms,
            row.n_timed,
            percent(row.share_scanned),
            grouped(row.mean_reranked.round() as u64),
            row.bytes_per_item,
            row.bytes_per_item_without_vectors,
        )
    }

    /// Gives the row of its time with all that belongs to it.
    pub(super) fn result(&self, context: &Context<'_>, top_k: usize) -> Result<ResultRow> {
        let row = &self.row;
        let metric = format!("p50_ms side by side: {}", self.label());
        let p50 = context.row(&metric, Figure::exact(row.p50_ms)?).timing();
        let on = p50.on(row.dataset.name(), row.text_kind, row.n_items as u64);
        let on = match self.way {
            Way::Exact => on,
            Way::Original | Way::Target(_) => on.k(row.k as u64),
        };
        on.because(&self.in_words(top_k))
    }
}

/// Returns all ways at all sizes, in the order in which sizes were measured.
pub(super) fn all(parameters: &Parameters, measured: &Measured) -> Vec<WayAt> {
    let mut ways = exact(measured);
    ways.extend(original(parameters, measured));
    ways.extend(targets(measured));
    ways
}

fn bytes_of<'a>(
    measured: &'a Measured,
    (dataset, n_items): (Dataset, usize),
    k_rule: &str,
    coding: ListCoding,
) -> Option<&'a ResidentBytes> {
    let of = measured.bytes.iter().find(|(index, _)| {
        (index.dataset, index.n_items) == (dataset, n_items)
            && index.k_rule == k_rule
            && index.coding == coding
    });
    of.map(|(_, bytes)| bytes)
}

fn exact(measured: &Measured) -> Vec<WayAt> {
    let timed = measured.latency.iter().filter(|row| row.n_probes == 0);
    let way = |timed: &LatencyRow| {
        let (index, bytes) = measured
            .bytes
            .iter()
            .find(|(index, _)| (index.dataset, index.n_items) == (timed.dataset, timed.n_items))?;
        // Vectors and ids are what exact search needs of an index.
        let per_item = |bytes: usize| bytes as f64 / timed.n_items as f64;
        let row = WayRow {
            dataset: timed.dataset,
            text_kind: index.text_kind,
            n_items: timed.n_items,
            way: "exact search".to_owned(),
            k_rule: timed.k_rule.clone(),
            coding: timed.coding,
            k: timed.k,
            recall_vs_dense: 1.0,
            ci_low: 1.0,
            ci_high: 1.0,
            share_scanned: 1.0,
            mean_reranked: timed.n_items as f64,
            n_timed: timed.n_timed,
            p50_ms: timed.p50_ms,
            p95_ms: timed.p95_ms,
            p99_ms: timed.p99_ms,
            bytes_per_item: per_item(bytes.vector_bytes + bytes.id_bytes),
            bytes_per_item_without_vectors: per_item(bytes.id_bytes),
        };
        let way = Way::Exact;
        Some(WayAt { way, row })
    };
    timed.filter_map(way).collect()
}

fn original(parameters: &Parameters, measured: &Measured) -> Vec<WayAt> {
    let rows = measured.recall.iter();
    let rows = rows.filter(|row| parameters.is_published(row));
    let way = |recall: &RecallRow| {
        let timed = measured.latency.iter().find(|timed| timed.is_of(recall))?;
        let place = (recall.dataset, recall.n_items);
        let bytes = bytes_of(measured, place, &recall.k_rule, recall.coding)?;
        let row = WayRow {
            dataset: recall.dataset,
            text_kind: recall.text_kind,
            n_items: recall.n_items,
            way: format!("the original's K and n = {}", recall.n_probes),
            k_rule: recall.k_rule.clone(),
            coding: recall.coding,
            k: recall.k,
            recall_vs_dense: recall.recall_vs_dense,
            ci_low: recall.ci_low,
            ci_high: recall.ci_high,
            share_scanned: recall.share_scanned,
            mean_reranked: recall.mean_reranked,
            n_timed: timed.n_timed,
            p50_ms: timed.p50_ms,
            p95_ms: timed.p95_ms,
            p99_ms: timed.p99_ms,
            bytes_per_item: bytes.resident_bytes_per_item,
            bytes_per_item_without_vectors: bytes.bytes_per_item_without_vectors,
        };
        let way = Way::Original;
        Some(WayAt { way, row })
    };
    rows.filter_map(way).collect()
}

fn targets(measured: &Measured) -> Vec<WayAt> {
    let targeted = &measured.targeted;
    let way = |target: &TargetRow| {
        let timed = targeted.timing.iter().find(|timed| timed.is_of(target))?;
        let place = (target.dataset, target.n_items);
        let bytes = bytes_of(measured, place, &target.k_rule, target.coding)?;
        let row = WayRow {
            dataset: target.dataset,
            text_kind: target.text_kind,
            n_items: target.n_items,
            way: format!("R@{} target {}", target.top_k, target.target),
            k_rule: target.k_rule.clone(),
            coding: target.coding,
            k: target.k,
            recall_vs_dense: target.held_out_recall,
            ci_low: target.ci_low,
            ci_high: target.ci_high,
            share_scanned: target.share_scanned,
            mean_reranked: target.mean_reranked,
            n_timed: timed.n_timed,
            p50_ms: timed.p50_ms,
            p95_ms: timed.p95_ms,
            p99_ms: timed.p99_ms,
            bytes_per_item: bytes.resident_bytes_per_item,
            bytes_per_item_without_vectors: bytes.bytes_per_item_without_vectors,
        };
        let way = Way::Target(target.target);
        Some(WayAt { way, row })
    };
    targeted.rows.iter().filter_map(way).collect()
}
