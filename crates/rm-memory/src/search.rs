//! Searching.

use std::borrow::Cow;

use rm_core::{
    AdaptationReport, CentroidId, Coding, DriftEvent, Index, ItemId, Retrieval, Retriever, Score,
    Signals, check_unit,
};
use serde_json::{Map, Value};

use crate::config::{DEFAULT_MIN_CANDIDATES, DEFAULT_MIN_CANDIDATES_CODED};
use crate::observer::{Due, Observation};
use crate::query::Subject;
use crate::{Error, MemoryItem, Query, RefitReport, Result, RoutingMemory};

/// Is one item found by a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its cosine with the query, in [-1, 1].
    pub score: f32,
    /// The centroid in whose list it was found.
    pub centroid: CentroidId,
    /// What was said about it.
    pub metadata: Map<String, Value>,
    /// When it was first added, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at_ms: i64,
}

impl Score for Found {
    fn score(&self) -> f32 {
        self.score
    }
}

/// Is the answer to one query with everything that routing tells about it.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// What was found, best first.
    pub results: Vec<Found>,
    /// How far the answer can be trusted; `None` while the memory is empty.
    pub signals: Option<Signals>,
    /// The centroids whose lists were scanned, nearest first.
    pub probed: Vec<CentroidId>,
    /// Items whose exact score was computed.
    pub candidates: usize,
    /// What the drift monitor noticed.
    pub drift: Option<DriftEvent>,
    /// What the codebook did about it, or because it was time.
    pub adaptation: Option<AdaptationReport>,
    /// The training that a drift alarm led to, where [`DriftResponse::Refit`](crate::DriftResponse) asks for
    /// one; `None` also where the store would not take the new codebook, and the old one is still in use.
    pub refit: Option<RefitReport>,
}

impl RoutingMemory {
    /// Returns the items that answer a query best, best first.
    ///
    /// # Errors
    /// For an empty text, a vector without direction or of another dimension, an option out of range, and
    /// when the text cannot be embedded or the store not be read.
    pub fn search(&self, query: impl Into<Query>) -> Result<Vec<Found>> {
        self.search_with_signals(query).map(|answer| answer.results)
    }

    /// Does as [`search`](Self::search) and tells what routing saw and did.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_with_signals(&self, query: impl Into<Query>) -> Result<SearchResult> {
        let query = query.into();
        let retriever = self.retriever(&query);
        let vector = self.query_vector(&query.subject)?;
        let Some((retrieval, results, observation)) = self.answer(&query, retriever, &vector)?
        else {
            return Ok(SearchResult::nothing());
        };
        let (mut adaptation, mut refit) = (None, None);
        // The answer is there; a full disk must not take it away.
        match observation.due {
            Some(Due::Cycle { alarmed }) => {
                adaptation = self.adapt_after_query(alarmed).unwrap_or(None);
            }
            Some(Due::Refit) => refit = self.refit_after_alarm().unwrap_or(None),
            None => {}
        }
        Ok(SearchResult {
            results,
            signals: Some(retrieval.signals),
            probed: retrieval.probed,
            candidates: retrieval.candidates,
            drift: observation.event,
            adaptation,
            refit,
        })
    }

    /// Searches what there is now; `None` while that is nothing.
    fn answer(
        &self,
        query: &Query,
        retriever: Retriever,
        vector: &[f32],
    ) -> Result<Option<(Retrieval, Vec<Found>, Observation)>> {
        let mut attempts = 0;
        loop {
            self.refresh()?;
            let index = self.read_index();
            let Some(index) = index.as_ref() else {
                retriever.check()?;
                return Ok(None);
            };
            let least = self.min_candidates(index, query);
            let retrieval = match retriever.clone().min_candidates(least).query(index, vector) {
                Err(error) if is_outrun(&error) && attempts < ATTEMPTS => {
                    attempts += 1;
                    continue;
                }
                other => other?,
            };
            let results = self.read_results(&retrieval)?;
            let observation = self.observe(index, vector, &retrieval.signals)?;
            self.count(&retrieval, &observation);
            return Ok(Some((retrieval, results, observation)));
        }
    }

    fn retriever(&self, query: &Query) -> Retriever {
        let config = self.config();
        Retriever::default()
            .top_k(query.top_k)
            .n_probes(query.n_probes.unwrap_or(config.n_probes))
            .score_threshold(query.threshold.unwrap_or(config.score_threshold))
    }

    /// Returns how many items a query compares at least.
    fn min_candidates(&self, index: &Index, query: &Query) -> usize {
        if let Some(least) = query.min_candidates {
            return least;
        }
        let by_lists = match index.coding() {
            Coding::Exact => DEFAULT_MIN_CANDIDATES,
            _ => DEFAULT_MIN_CANDIDATES_CODED,
        };
        // A probe for `top_k` results must meet as many items, whatever the lists hold; unless the
        // query asks for exactly its probes.
        let least = self.config().min_candidates.unwrap_or(by_lists);
        least.max(query.top_k)
    }

    fn query_vector(&self, subject: &Subject) -> Result<Vec<f32>> {
        let vector = match subject {
            Subject::Text(text) if text.trim().is_empty() => {
                return Err(Error::EmptyText { what: "a query" });
            }
            Subject::Text(text) => Cow::Owned(self.embedder().embed(text)?),
            Subject::Vector(vector) => Cow::Borrowed(vector.as_slice()),
        };
        Ok(check_unit(self.embedder().dim(), &vector)?.into_owned())
    }

    /// Reads the texts of what was found.
    fn read_results(&self, retrieval: &Retrieval) -> Result<Vec<Found>> {
        let keys: Vec<ItemId> = retrieval.hits.iter().map(|hit| hit.item).collect();
        let stored = self.store().get_many(&keys)?;
        let found = retrieval
            .hits
            .iter()
            .zip(stored)
            .filter_map(|(hit, stored)| {
                // Another process may have deleted the item; then it is not found.
                let item = MemoryItem::from(stored?);
                Some(Found {
                    id: item.id,
                    text: item.text,
                    score: hit.score,
                    centroid: hit.centroid,
                    metadata: item.metadata,
                    created_at_ms: item.created_at_ms,
                    updated_at_ms: item.updated_at_ms,
                })
            });
        Ok(found.collect())
    }

    fn count(&self, retrieval: &Retrieval, observation: &Observation) {
        let counting = self.counting();
        counting.searches.add(1);
        counting.probes.add(retrieval.probed.len());
        counting.candidates.add(retrieval.candidates);
        counting.reranked.add(retrieval.reranked);
        let is_alarm = matches!(observation.event, Some(DriftEvent::Alarm(_)));
        counting.alarms.add(is_alarm.into());
    }

    fn observe(&self, index: &Index, x: &[f32], signals: &Signals) -> Result<Observation> {
        let now_ms = self.config().clock.now_ms();
        self.lock_observer()
            .record(index, x, signals, &self.config().adaptation, now_ms)
    }
}

/// How often a search begins again because items were deleted beneath it.
const ATTEMPTS: usize = 5;

/// Returns whether an item was deleted after the index was looked at and before its vector was read.
fn is_outrun(error: &rm_core::Error) -> bool {
    let rm_core::Error::VectorSource(source) = error else {
        return false;
    };
    let inner = source.inner().downcast_ref::<rm_store::Error>();
    matches!(inner, Some(rm_store::Error::UnknownItem { .. }))
}

impl SearchResult {
    fn nothing() -> Self {
        Self {
            results: Vec::new(),
            signals: None,
            probed: Vec::new(),
            candidates: 0,
            drift: None,
            adaptation: None,
            refit: None,
        }
    }
}
