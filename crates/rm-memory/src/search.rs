//! Searching.

use rm_core::{DriftEvent, Index, ItemId, Signals, check_unit};
use rm_store::StoredItem;

use crate::candidates::Candidates;
use crate::confined::Confined;
use crate::observer::Observation;
use crate::query::Subject;
use crate::rank_found::Scene;
use crate::respond::Response;
use crate::{Error, Found, Query, Result, RoutingMemory, SearchResult};

/// How often a search begins again because items were deleted beneath it, or turned out to be past their time.
const ATTEMPTS: usize = 8;

impl RoutingMemory {
    /// Returns the items that answer a query best, best first.
    ///
    /// A text is searched by its meaning and by its words, which finds more of what answers than either (experiments A1 and A2);
    /// see [`Query::hybrid`].
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
        let span = tracing::debug_span!("search", namespace = self.name(), top_k = query.wanted());
        let _entered = span.enter();
        // No model is asked for a query that is refused.
        self.retriever(&query).check()?;
        self.ranking(&query).check()?;
        self.make_sure_of_recall(&query)?;
        let vector = self.query_vector(&query.subject)?;
        let Some((found, results, observation)) = self.answer(&query, &vector)? else {
            return Ok(SearchResult::default());
        };
        let response = observation.due.map(|due| self.respond(due));
        let Response { adaptation, refit } = response.unwrap_or_default();
        tracing::debug!(
            found = results.len(),
            probed = found.probed.len(),
            compared = found.compared,
            confidence = found.signals.confidence,
            "answered"
        );
        Ok(SearchResult {
            results,
            signals: Some(found.signals),
            probed: found.probed,
            candidates: found.compared,
            by_words: found.by_words,
            drift: observation.event,
            adaptation,
            refit,
        })
    }

    /// Searches what there is now; `None` while that is nothing.
    ///
    /// Begins again where an item was deleted between the look at the index and that at its vector, and where items are past their
    /// time: then they are left out from the start.
    fn answer(
        &self,
        query: &Query,
        vector: &[f32],
    ) -> Result<Option<(Candidates, Vec<Found>, Observation)>> {
        let mut confined = self.confined(query)?;
        for attempt in 1.. {
            self.refresh()?;
            let slot = self.read_index();
            let Some(index) = slot.as_ref() else {
                return Ok(None);
            };
            let found = match self.find(index, query, vector, &confined) {
                Err(Error::Core(error)) if is_outrun(&error) && attempt < ATTEMPTS => continue,
                other => other?,
            };
            let stored = self.read_texts(&found)?;
            self.check_none_lost(&found, &stored)?;
            let now_ms = self.config().clock.now_ms();
            let expired = expired(&stored, now_ms);
            if !expired.is_empty() && attempt < ATTEMPTS {
                confined.leave_out(expired);
                continue;
            }
            let scene = Scene {
                index,
                vector,
                confined: &confined,
                now_ms,
            };
            let results = match self.rank_found(query, scene, &found, stored) {
                Err(Error::Core(error)) if is_outrun(&error) && attempt < ATTEMPTS => continue,
                other => other?,
            };
            let observation = self.observe(index, vector, &found.signals)?;
            self.note_search(&found, &observation);
            return Ok(Some((found, results, observation)));
        }
        Ok(None)
    }

    fn find(
        &self,
        index: &Index,
        query: &Query,
        vector: &[f32],
        confined: &Confined,
    ) -> Result<Candidates> {
        let allowed = confined.among(index);
        let allowed = allowed.as_deref();
        match self.words_of(query, index.len()) {
            None => self.candidates(index, query, vector, None, allowed, self.depth(query)),
            Some(text) => {
                let words = self.space.words.up_to_date(self.store())?;
                let words = words.get().map(|words| (words, text));
                self.candidates(index, query, vector, words, allowed, self.depth(query))
            }
        }
    }

    /// Returns the items that pass the query's filter, where it has one.
    fn confined(&self, query: &Query) -> Result<Confined> {
        let Some(filter) = &query.filter else {
            return Ok(Confined::default());
        };
        Ok(Confined::To(self.passing(filter)?))
    }

    pub(crate) fn query_vector(&self, subject: &Subject) -> Result<Vec<f32>> {
        let vector = match subject {
            Subject::Text(text) if text.trim().is_empty() => {
                return Err(Error::EmptyText { what: "a query" });
            }
            Subject::Text(text) => return self.question_vector(text),
            Subject::Vector(vector) => vector,
        };
        Ok(check_unit(self.embedder().dim(), vector)?.into_owned())
    }

    /// Returns the vector of a question, which is embedded unless it was asked not long ago.
    fn question_vector(&self, text: &str) -> Result<Vec<f32>> {
        if let Some(vector) = self.family.questions.get(text) {
            self.counting().cache_hits.add(1);
            return Ok(vector.to_vec());
        }
        let vector = self.embedder().embed(text)?;
        let vector = check_unit(self.embedder().dim(), &vector)?.into_owned();
        self.family.questions.put(text, &vector);
        Ok(vector)
    }

    /// Reads the texts of what was found; of what another process has deleted meanwhile there is none.
    fn read_texts(&self, found: &Candidates) -> Result<Vec<Option<StoredItem>>> {
        let keys: Vec<ItemId> = found.hits.iter().map(|hit| hit.item).collect();
        Ok(self.store().get_texts(&keys)?)
    }

    /// Refuses an answer from which texts are missing that nobody has deleted: since the index was taken over nothing has changed.
    fn check_none_lost(&self, found: &Candidates, stored: &[Option<StoredItem>]) -> Result<()> {
        let mut pairs = found.hits.iter().zip(stored);
        match pairs.find(|(_, stored)| stored.is_none()) {
            Some((hit, _)) if self.store().revision()? == self.seen() => {
                Err(Error::LostText { key: hit.item })
            }
            _ => Ok(()),
        }
    }

    fn note_search(&self, found: &Candidates, observation: &Observation) {
        let counting = self.counting();
        counting.searches.add(1);
        counting.probes.add(found.probed.len());
        counting.candidates.add(found.compared);
        counting.reranked.add(found.reranked);
        let is_alarm = matches!(observation.event, Some(DriftEvent::Alarm(_)));
        counting.alarms.add(is_alarm.into());
    }

    fn observe(&self, index: &Index, x: &[f32], signals: &Signals) -> Result<Observation> {
        let now_ms = self.config().clock.now_ms();
        self.lock_observer()
            .record(index, x, signals, &self.config().adaptation, now_ms)
    }
}

/// Returns whether an item was deleted, or came, after the index was looked at and before it was read.
fn is_outrun(error: &rm_core::Error) -> bool {
    match error {
        rm_core::Error::UnknownItem(_) => true,
        rm_core::Error::VectorSource(source) => matches!(
            source.inner().downcast_ref::<rm_store::Error>(),
            Some(rm_store::Error::UnknownItem { .. })
        ),
        _ => false,
    }
}

fn expired(stored: &[Option<StoredItem>], now_ms: i64) -> Vec<ItemId> {
    let there = stored.iter().flatten();
    let expired = there.filter(|stored| stored.item.is_expired(now_ms));
    expired.map(|stored| stored.key).collect()
}
