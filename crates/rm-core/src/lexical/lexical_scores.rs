//! What a search by words found.

use super::LexicalIndex;
use crate::allowed::{Admits, Everything, Only};
use crate::top_k::TopK;
use crate::{Allowed, ItemId};

/// Is one item found by its words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LexicalHit {
    /// The item.
    pub item: ItemId,
    /// Its BM25 score, above 0 and without an upper limit.
    pub score: f32,
}

/// Holds the BM25 scores of all items for one query.
#[derive(Debug, Clone)]
pub struct LexicalScores<'a> {
    index: &'a LexicalIndex,
    /// One for each slot of the index; 0 where no term is shared.
    scores: Vec<f32>,
}

impl<'a> LexicalScores<'a> {
    pub(super) fn new(index: &'a LexicalIndex, scores: Vec<f32>) -> Self {
        Self { index, scores }
    }

    /// Returns the score of an item: 0 where it shares no term with the query or is not in the index.
    #[must_use]
    pub fn score(&self, item: ItemId) -> f32 {
        let slot = self.index.slot_of(item);
        slot.and_then(|slot| self.scores.get(slot).copied())
            .unwrap_or(0.0)
    }

    /// Returns the `k` best of the items that share a term with the query, best first; of equal scores the
    /// smaller [`ItemId`] comes first.
    #[must_use]
    pub fn top_k(&self, k: usize) -> Vec<LexicalHit> {
        self.best(k, Everything)
    }

    /// Does as [`top_k`](Self::top_k) among the items that are allowed; scores are those that an item has among all.
    #[must_use]
    pub fn top_k_among<A: Allowed + ?Sized>(&self, k: usize, allowed: &A) -> Vec<LexicalHit> {
        self.best(k, Only(allowed))
    }

    fn best(&self, k: usize, admits: impl Admits) -> Vec<LexicalHit> {
        let mut best = TopK::new(k);
        let mut floor = 0.0;
        for (slot, &score) in self.scores.iter().enumerate() {
            if score > 0.0
                && score >= floor
                && let Some(text) = self.index.text_at(slot)
                && admits.admits(text.item)
            {
                best.push(score, text.item);
                floor = best.floor().unwrap_or(0.0);
            }
        }
        let kept = best.into_sorted().into_iter();
        kept.map(|kept| LexicalHit {
            item: kept.id,
            score: kept.score,
        })
        .collect()
    }
}
