//! Items and queries of one data set.

use anyhow::{Result, ensure};

use super::Dataset;
use crate::suite::TextKind;

/// Holds the texts that an experiment stores and asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    /// Where they come from.
    pub dataset: Dataset,
    /// The texts to store.
    pub items: Vec<String>,
    /// The questions to ask; none where the data set has none.
    pub queries: Vec<CorpusQuery>,
}

/// Holds a question and what answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusQuery {
    /// The question.
    pub text: String,
    /// Positions of the items that answer it; at least one.
    pub gold: Vec<usize>,
}

/// Says how much of a data set is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorpusSize {
    /// Number of items; a smaller data set gives all it has.
    pub n_items: usize,
    /// Number of queries at most.
    pub n_queries: usize,
}

impl Corpus {
    /// Returns whether the texts were written by people or by the generator.
    #[must_use]
    pub fn kind(&self) -> TextKind {
        self.dataset.kind()
    }

    /// Keeps the first `n_items` items, and the queries whose gold is among them.
    #[must_use]
    pub fn prefix(&self, n_items: usize) -> Self {
        let n_items = n_items.min(self.items.len());
        let answered = |query: &&CorpusQuery| query.gold.iter().all(|&gold| gold < n_items);
        Self {
            dataset: self.dataset,
            items: self.items[..n_items].to_vec(),
            queries: self.queries.iter().filter(answered).cloned().collect(),
        }
    }

    /// Checks that nothing is empty and gold exists; every source ends with this.
    pub(super) fn checked(self) -> Result<Self> {
        let Self {
            dataset,
            items,
            queries,
        } = &self;
        ensure!(!items.is_empty(), "{dataset} gave no items");
        let n_items = items.len();
        let is_known = |query: &CorpusQuery| {
            !query.gold.is_empty() && query.gold.iter().all(|&gold| gold < n_items)
        };
        ensure!(
            queries.iter().all(is_known),
            "{dataset} gave a query whose gold is no item"
        );
        Ok(self)
    }
}
