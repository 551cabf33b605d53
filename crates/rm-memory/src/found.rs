//! What a search answers.

use rm_core::{AdaptationReport, CentroidId, DriftEvent, Score, Signals};
use rm_store::StoredItem;
use serde_json::{Map, Value};

use crate::{Explanation, MemoryItem, RefitReport};

/// Is one item found by a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its cosine with the query, in [-1, 1].
    pub score: f32,
    /// What results are ordered by, and how it came about; the cosine again where words and weights take no part.
    pub explanation: Explanation,
    /// The centroid in whose list it is.
    pub centroid: CentroidId,
    /// What was said about it.
    pub metadata: Map<String, Value>,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at_ms: i64,
    /// When it is forgotten, in milliseconds since 1970; `None` never.
    pub expires_at_ms: Option<i64>,
    /// How much it matters, from 0 to 1.
    pub importance: f32,
    /// Whether it is kept from being forgotten.
    pub pinned: bool,
}

impl Found {
    pub(crate) fn new(stored: StoredItem, centroid: CentroidId, explanation: Explanation) -> Self {
        let item = stored.item;
        Self {
            id: item.id,
            text: item.text,
            score: explanation.cosine,
            explanation,
            centroid,
            metadata: item.metadata,
            created_at_ms: item.created_at_ms,
            updated_at_ms: item.updated_at_ms,
            expires_at_ms: item.expires_at_ms,
            importance: item.importance,
            pinned: item.pinned,
        }
    }
}

impl From<Found> for MemoryItem {
    fn from(found: Found) -> Self {
        Self {
            id: found.id,
            text: found.text,
            metadata: found.metadata,
            created_at_ms: found.created_at_ms,
            updated_at_ms: found.updated_at_ms,
            expires_at_ms: found.expires_at_ms,
            importance: found.importance,
            pinned: found.pinned,
        }
    }
}

impl Score for Found {
    fn score(&self) -> f32 {
        self.score
    }
}

/// Is the answer to one query with everything that routing tells about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchResult {
    /// What was found, best first, and behind it what stands beside it in time, where that was asked for.
    pub results: Vec<Found>,
    /// How far the answer can be trusted; `None` while the memory is empty.
    pub signals: Option<Signals>,
    /// The centroids whose lists were scanned, nearest first.
    pub probed: Vec<CentroidId>,
    /// Items that were compared with the query, exactly or by their codes.
    pub candidates: usize,
    /// Whether the words of the query took part.
    pub by_words: bool,
    /// What the drift monitor noticed.
    pub drift: Option<DriftEvent>,
    /// What the codebook did about it, or because it was time.
    pub adaptation: Option<AdaptationReport>,
    /// The training that a drift alarm led to, where [`DriftResponse::Refit`](crate::DriftResponse) asks for
    /// one; `None` also where the store would not take the new codebook, and the old one is still in use.
    pub refit: Option<RefitReport>,
}
