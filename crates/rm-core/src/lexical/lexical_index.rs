//! The inverted index of words.

use std::collections::HashMap;

use super::postings::{Posting, Postings, Slot};
use super::{Analyser, Bm25, LexicalScores};
use crate::{Error, ItemId, Result};

/// Finds items by the words of their texts, scored by [`Bm25`].
///
/// Items come and go one at a time, and every score is what an index built afresh of the items that are there
/// would give, to the last bit. Holds terms, not texts: about 12 bytes for each distinct term of an item.
///
/// ```
/// use rm_core::{Analyser, Bm25, ItemId, LexicalIndex};
///
/// let mut index = LexicalIndex::new(Analyser::default());
/// index.add(ItemId(1), "Caroline went to a pottery class on Friday")?;
/// index.add(ItemId(2), "Melanie hiked with her kids")?;
/// let found = index.query("When did Caroline take pottery classes?", Bm25::default()).top_k(10);
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].item, ItemId(1));
/// # Ok::<(), rm_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct LexicalIndex {
    analyser: Analyser,
    /// Number of each term, its place in `postings`; terms stay when their last text goes.
    terms: HashMap<Box<str>, u32>,
    postings: Vec<Postings>,
    texts: Vec<Option<IndexedText>>,
    places: HashMap<ItemId, Slot>,
    free: Vec<Slot>,
    total_length: u64,
}

/// Is what is kept of one text.
#[derive(Debug, Clone)]
pub(super) struct IndexedText {
    pub(super) item: ItemId,
    /// Number of its terms, repetitions included.
    pub(super) length: u32,
    /// Its distinct terms.
    terms: Box<[u32]>,
}

impl LexicalIndex {
    /// Makes an index without items.
    #[must_use]
    pub fn new(analyser: Analyser) -> Self {
        Self {
            analyser,
            ..Self::default()
        }
    }

    /// Adds an item; one whose text has no terms is kept and never found.
    ///
    /// # Errors
    /// [`Error::DuplicateItem`].
    pub fn add(&mut self, item: ItemId, text: &str) -> Result<()> {
        if self.contains(item) {
            return Err(Error::DuplicateItem(item));
        }
        let mut numbers: Vec<u32> = Vec::new();
        for term in self.analyser.terms(text) {
            numbers.push(self.number_of(term));
        }
        numbers.sort_unstable();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.texts.push(None);
            (self.texts.len() - 1) as Slot
        });
        for run in numbers.chunk_by(|a, b| a == b) {
            let frequency = run.len() as u32;
            self.postings[run[0] as usize].insert(Posting { slot, frequency });
        }
        let length = numbers.len() as u32;
        numbers.dedup();
        self.total_length += u64::from(length);
        self.places.insert(item, slot);
        self.texts[slot as usize] = Some(IndexedText {
            item,
            length,
            terms: numbers.into(),
        });
        Ok(())
    }

    /// Takes an item out; costs a search and a shift in the postings of each of its terms.
    ///
    /// # Errors
    /// [`Error::UnknownItem`].
    pub fn remove(&mut self, item: ItemId) -> Result<()> {
        let slot = self.places.remove(&item).ok_or(Error::UnknownItem(item))?;
        if let Some(text) = self.texts[slot as usize].take() {
            for term in &text.terms {
                self.postings[*term as usize].remove(slot);
            }
            self.total_length -= u64::from(text.length);
        }
        self.free.push(slot);
        Ok(())
    }

    /// Gives an item another text.
    ///
    /// # Errors
    /// [`Error::UnknownItem`].
    pub fn replace(&mut self, item: ItemId, text: &str) -> Result<()> {
        self.remove(item)?;
        self.add(item, text)
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns whether an item is there.
    #[must_use]
    pub fn contains(&self, item: ItemId) -> bool {
        self.places.contains_key(&item)
    }

    /// Scores every item that shares a term with `text`; costs a step for each posting of its terms, and 4
    /// bytes for each item.
    #[must_use]
    pub fn query(&self, text: &str, bm25: Bm25) -> LexicalScores<'_> {
        let mean_length = self.total_length as f64 / self.len().max(1) as f64;
        let mut scores = vec![0.0; self.texts.len()];
        for term in self.analyser.terms(text) {
            let Some(number) = self.terms.get(term.as_str()) else {
                continue;
            };
            let postings = &self.postings[*number as usize];
            let idf = Bm25::idf(self.len(), postings.len());
            for Posting { slot, frequency } in postings.iter() {
                let at = slot as usize;
                let length = self.texts[at].as_ref().map_or(0, |text| text.length);
                scores[at] += idf * bm25.weight(frequency, length, mean_length as f32);
            }
        }
        LexicalScores::new(self, scores)
    }

    fn number_of(&mut self, term: String) -> u32 {
        let next = self.postings.len() as u32;
        let number = *self.terms.entry(term.into_boxed_str()).or_insert(next);
        if number == next {
            self.postings.push(Postings::default());
        }
        number
    }

    pub(super) fn text_at(&self, slot: usize) -> Option<&IndexedText> {
        self.texts.get(slot)?.as_ref()
    }

    pub(super) fn slot_of(&self, item: ItemId) -> Option<usize> {
        self.places.get(&item).map(|slot| *slot as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::LexicalIndex;
    use crate::{Analyser, Bm25, Error, ItemId};

    fn index(texts: &[&str]) -> crate::Result<LexicalIndex> {
        let mut index = LexicalIndex::new(Analyser::default());
        for (id, text) in (0..).zip(texts) {
            index.add(ItemId(id), text)?;
        }
        Ok(index)
    }

    #[test]
    fn the_rarer_word_and_the_shorter_text_win() -> crate::Result<()> {
        let index = index(&["tea tea milk", "tea scones", "tea", ""])?;
        let found = index.query("tea scones", Bm25::default()).top_k(10);
        let items: Vec<u64> = found.iter().map(|hit| hit.item.0).collect();
        assert_eq!(items, [1, 0, 2]);
        let scores = index.query("milk", Bm25::new(1.2, 0.75)?);
        // ln(1 + 3.5 / 1.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 1.5))
        assert!((scores.score(ItemId(0)) - 0.854_432_3).abs() < 1e-5);
        assert_eq!(scores.score(ItemId(3)), 0.0);
        Ok(())
    }

    #[test]
    fn ids_are_unique_and_known() -> crate::Result<()> {
        let mut index = index(&["tea"])?;
        assert_eq!(
            index.add(ItemId(0), "milk"),
            Err(Error::DuplicateItem(ItemId(0)))
        );
        assert_eq!(index.remove(ItemId(1)), Err(Error::UnknownItem(ItemId(1))));
        assert_eq!(
            index.replace(ItemId(1), "x"),
            Err(Error::UnknownItem(ItemId(1)))
        );
        index.replace(ItemId(0), "milk")?;
        assert!(index.query("tea", Bm25::default()).top_k(1).is_empty());
        assert_eq!(index.query("milk", Bm25::default()).top_k(1).len(), 1);
        index.remove(ItemId(0))?;
        assert!(index.is_empty() && index.query("milk", Bm25::default()).top_k(1).is_empty());
        Ok(())
    }
}
