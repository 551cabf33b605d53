//! What one way of storing gains over plain text.

use serde::Serialize;

use super::search::Storage;
use crate::metrics::Interval;
use crate::suite::TextKind;

/// Ranks that are looked at.
pub(super) const DEPTH: usize = 10;

/// Says what the enriched texts stand among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Among {
    /// Plain texts that answer nothing.
    PlainTexts,
    /// Each other: everything that is stored has the form.
    EachOther,
    /// Texts of the same memory that have no such form.
    OtherTexts,
}

impl Among {
    /// Returns the words that rows and plots show.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PlainTexts => "among plain texts",
            Self::EachOther => "everything enriched",
            Self::OtherTexts => "wherever there are any",
        }
    }
}

/// Says which questions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum About {
    /// All of them.
    Everything,
    /// Those with a gold item that has the form.
    EnrichedItems,
    /// Those none of whose gold items has it: what enrichment of others costs them.
    OtherItems,
}

/// Names what is measured for each question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Metric {
    /// Share of the gold items among the first so many.
    GoldRecall(usize),
    /// 1 over the rank of the first gold item, 0 beyond the tenth.
    ReciprocalRank,
    /// Share of the exact first so many that routing finds.
    RecallVsDense(usize),
}

impl Metric {
    /// Returns the name that rows and tables show.
    pub(super) fn name(self) -> String {
        match self {
            Self::GoldRecall(k) => format!("gold R@{k}"),
            Self::ReciprocalRank => format!("MRR@{DEPTH}"),
            Self::RecallVsDense(k) => format!("R@{k} vs dense"),
        }
    }
}

/// Says how it was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum System {
    /// Through routing.
    Rm,
    /// Exactly.
    Dense,
    /// What routing gains more than exact search does.
    RmOverDense,
}

/// Holds what one way of storing gains in one metric.
#[derive(Debug, Clone)]
pub(super) struct Gain {
    pub(super) set: &'static str,
    pub(super) kind: TextKind,
    pub(super) among: Among,
    pub(super) about: About,
    pub(super) storage: Storage,
    pub(super) storage_name: String,
    pub(super) n_probes: usize,
    pub(super) system: System,
    pub(super) metric: Metric,
    pub(super) n_memories: usize,
    pub(super) n_items: usize,
    pub(super) vectors_per_item: f64,
    /// Number of centroids where there is one memory.
    pub(super) k: Option<usize>,
    pub(super) n_queries: usize,
    pub(super) plain: f64,
    pub(super) enriched: f64,
    pub(super) gain: Interval,
}

/// Is one line of `gains.csv`.
#[derive(Debug, Serialize)]
pub(super) struct GainRow {
    dataset: &'static str,
    text_kind: TextKind,
    among: Among,
    about: About,
    storage: String,
    system: System,
    metric: String,
    n_memories: usize,
    n_items: usize,
    vectors_per_item: f64,
    k: Option<usize>,
    n_probes: Option<usize>,
    n_queries: usize,
    plain: f64,
    enriched: f64,
    gain: f64,
    ci_low: f64,
    ci_high: f64,
}

impl Gain {
    /// Returns the line of the table.
    pub(super) fn row(&self) -> GainRow {
        let n_probes = (self.system != System::Dense).then_some(self.n_probes);
        GainRow {
            dataset: self.set,
            text_kind: self.kind,
            among: self.among,
            about: self.about,
            storage: self.storage_name.clone(),
            system: self.system,
            metric: self.metric.name(),
            n_memories: self.n_memories,
            n_items: self.n_items,
            vectors_per_item: self.vectors_per_item,
            k: n_probes.and(self.k),
            n_probes,
            n_queries: self.n_queries,
            plain: self.plain,
            enriched: self.enriched,
            gain: self.gain.estimate,
            ci_low: self.gain.low,
            ci_high: self.gain.high,
        }
    }
}
