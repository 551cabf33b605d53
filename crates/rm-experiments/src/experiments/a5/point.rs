//! One setting of one method, and the tables that settings are written to.

use serde::Serialize;

use super::frontier::not_beaten;
use crate::ListCoding;
use crate::corpora::{Dataset, EmbeddedCorpus};
use crate::metrics::{Interval, Percentiles};
use crate::suite::TextKind;

/// Names a method with its setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Method {
    /// Compares with every vector.
    Exact,
    /// Routes to lists.
    Routing {
        k_rule: String,
        k: usize,
        n_probes: usize,
        /// What lists hold beside the vectors.
        coding: ListCoding,
    },
    /// Follows the links of a graph.
    Graph {
        /// Candidates kept.
        ef: usize,
    },
}

impl Method {
    /// Returns the name without the setting.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Routing { .. } => "routing",
            Self::Graph { .. } => "graph",
        }
    }

    /// Returns what the lists of routing hold.
    pub(super) fn coding(&self) -> Option<ListCoding> {
        match self {
            Self::Routing { coding, .. } => Some(*coding),
            Self::Exact | Self::Graph { .. } => None,
        }
    }

    /// Returns the setting as people read it.
    pub(super) fn setting(&self) -> String {
        match self {
            Self::Exact => "exact search".to_owned(),
            Self::Routing {
                k,
                n_probes,
                coding,
                ..
            } => format!(
                "routing over {} with K = {k}, n = {n_probes}",
                coding.in_words()
            ),
            Self::Graph { ef } => format!("HNSW with ef = {ef}"),
        }
    }
}

/// Holds what one setting costs and reaches on one data set.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) dataset: Dataset,
    pub(super) text_kind: TextKind,
    pub(super) n_items: usize,
    pub(super) n_queries: usize,
    pub(super) method: Method,
    pub(super) recall: Interval,
    pub(super) gold: Interval,
    /// Vectors compared a query, centroids included; a code counts as the share of a vector's bytes that it takes.
    pub(super) compared: Interval,
    pub(super) bytes_per_item: f64,
    /// Of one search, in milliseconds.
    pub(super) latency: Percentiles,
}

impl Point {
    /// Starts a point with nothing measured.
    pub(super) fn of(corpus: &EmbeddedCorpus, method: Method) -> Self {
        let nothing = Interval {
            estimate: 0.0,
            low: 0.0,
            high: 0.0,
        };
        Self {
            dataset: corpus.corpus.dataset,
            text_kind: corpus.corpus.kind(),
            n_items: corpus.items.len(),
            n_queries: corpus.queries.len(),
            method,
            recall: nothing,
            gold: nothing,
            compared: nothing,
            bytes_per_item: 0.0,
            latency: Percentiles {
                p50: 0.0,
                p95: 0.0,
                p99: 0.0,
            },
        }
    }

    /// Returns recall, as what is missed, and the vectors compared.
    pub(super) fn work(&self) -> [f64; 2] {
        [1.0 - self.recall.estimate, self.compared.estimate]
    }

    /// Returns recall, as what is missed, and the median time.
    pub(super) fn time(&self) -> [f64; 2] {
        [1.0 - self.recall.estimate, self.latency.p50]
    }

    /// Returns recall, as what is missed, the median time and the bytes.
    pub(super) fn time_and_bytes(&self) -> [f64; 3] {
        let [missed, p50] = self.time();
        [missed, p50, self.bytes_per_item]
    }
}

/// Is one line of `recall.csv`.
pub(super) type RecallRow = (Place, Setting, RecallColumns);

/// Is one line of `latency_timing.csv`.
pub(super) type LatencyRow = (Place, Setting, LatencyColumns);

/// Holds the columns that say what was searched.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    dataset: Dataset,
    text_kind: TextKind,
    n_items: usize,
    n_queries: usize,
}

impl Place {
    fn of(point: &Point) -> Self {
        Self {
            dataset: point.dataset,
            text_kind: point.text_kind,
            n_items: point.n_items,
            n_queries: point.n_queries,
        }
    }
}

/// Holds the columns that name a method; those of the other methods are empty.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Setting {
    method: &'static str,
    k_rule: Option<String>,
    coding: Option<ListCoding>,
    k: Option<usize>,
    n_probes: Option<usize>,
    ef: Option<usize>,
}

impl Setting {
    fn of(method: &Method) -> Self {
        let mut columns = Self {
            method: method.name(),
            k_rule: None,
            coding: None,
            k: None,
            n_probes: None,
            ef: None,
        };
        match method {
            Method::Exact => {}
            Method::Routing {
                k_rule,
                k,
                n_probes,
                coding,
            } => {
                columns.k_rule = Some(k_rule.clone());
                columns.k = Some(*k);
                columns.n_probes = Some(*n_probes);
                columns.coding = Some(*coding);
            }
            Method::Graph { ef } => columns.ef = Some(*ef),
        }
        columns
    }
}

/// Holds the columns of figures that are the same in every run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecallColumns {
    top_k: usize,
    recall_vs_dense: f64,
    ci_low: f64,
    ci_high: f64,
    gold_recall_at_10: f64,
    gold_ci_low: f64,
    gold_ci_high: f64,
    vectors_compared: f64,
    compared_ci_low: f64,
    compared_ci_high: f64,
    bytes_per_item: f64,
    not_beaten_in_recall_and_compared: bool,
}

/// Holds the columns of times.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LatencyColumns {
    recall_vs_dense: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    bytes_per_item: f64,
    not_beaten_in_recall_and_p50: bool,
    not_beaten_in_recall_p50_and_bytes: bool,
}

/// Makes the lines of all points of one data set and marks those that no other beats.
pub(super) fn rows_of(points: &[Point], top_k: usize) -> (Vec<RecallRow>, Vec<LatencyRow>) {
    let marks = |cost: fn(&Point) -> [f64; 2]| -> Vec<bool> {
        not_beaten(&points.iter().map(cost).collect::<Vec<_>>())
    };
    let (by_work, by_time) = (marks(Point::work), marks(Point::time));
    let costs: Vec<[f64; 3]> = points.iter().map(Point::time_and_bytes).collect();
    let by_time_and_bytes = not_beaten(&costs);
    let row = |at: usize| {
        let point = &points[at];
        let (place, setting) = (Place::of(point), Setting::of(&point.method));
        let recall = RecallColumns {
            top_k,
            recall_vs_dense: point.recall.estimate,
            ci_low: point.recall.low,
            ci_high: point.recall.high,
            gold_recall_at_10: point.gold.estimate,
            gold_ci_low: point.gold.low,
            gold_ci_high: point.gold.high,
            vectors_compared: point.compared.estimate,
            compared_ci_low: point.compared.low,
            compared_ci_high: point.compared.high,
            bytes_per_item: point.bytes_per_item,
            not_beaten_in_recall_and_compared: by_work[at],
        };
        let latency = LatencyColumns {
            recall_vs_dense: point.recall.estimate,
            p50_ms: point.latency.p50,
            p95_ms: point.latency.p95,
            p99_ms: point.latency.p99,
            bytes_per_item: point.bytes_per_item,
            not_beaten_in_recall_and_p50: by_time[at],
            not_beaten_in_recall_p50_and_bytes: by_time_and_bytes[at],
        };
        (
            (place.clone(), setting.clone(), recall),
            (place, setting, latency),
        )
    };
    (0..points.len()).map(row).unzip()
}
