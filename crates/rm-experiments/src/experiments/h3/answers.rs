//! What searches return, with what each result costs and is worth.

use anyhow::Result;
use rm_core::{ExactSearch, Index, Vectors};
use serde::Serialize;

use super::super::probing::every_score;
use super::filter::Filter;

/// Says what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Asked {
    /// The data set's questions.
    Questions,
    /// The gold item's fact, restated by the generator in one sentence: a near-duplicate.
    Restatements,
    /// The gold item's own text.
    Items,
}

impl Asked {
    /// Returns the word that tables and plots show.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Restatements => "restatements",
            Self::Items => "items themselves",
        }
    }
}

/// Holds queries of one kind with their gold items.
#[derive(Debug, Clone)]
pub(super) struct QuerySet {
    pub(super) asked: Asked,
    pub(super) vectors: Vectors,
    pub(super) gold: Vec<Vec<usize>>,
}

/// Holds the results of one query, best first, and what exact search returns.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    scores: Vec<f32>,
    tokens: Vec<f64>,
    is_gold: Vec<bool>,
    /// Place of each result among the exact ones.
    exact_place: Vec<Option<usize>>,
    exact_scores: Vec<f32>,
    n_gold: usize,
    best_without_gold: Option<f32>,
}

/// Searches for all queries with `n_probes` lists and exactly; `tokens` are the items' lengths.
pub(super) fn search(
    index: &Index,
    items: &Vectors,
    queries: &QuerySet,
    tokens: &[usize],
    n_probes: usize,
    top_k: usize,
) -> Result<Vec<Answer>> {
    let most_gold = queries.gold.iter().map(Vec::len).max().unwrap_or(0);
    // Further results stand in for the gold ones where these are taken away.
    let retriever = every_score(n_probes, top_k + most_gold);
    let found = retriever.query_batch(index, &queries.vectors)?;
    let exact = ExactSearch::new(items).top_k_batch(&queries.vectors, top_k)?;
    let answers = found
        .iter()
        .zip(&exact)
        .zip(&queries.gold)
        .map(|((found, exact), gold)| {
            let hits = || {
                found
                    .hits
                    .iter()
                    .map(|hit| (hit.item.0 as usize, hit.score))
            };
            let rows: Vec<usize> = exact.iter().map(|hit| hit.row).collect();
            let mut answer = Answer {
                exact_scores: exact.iter().map(|hit| hit.score).collect(),
                n_gold: gold.len(),
                best_without_gold: hits()
                    .find(|(item, _)| !gold.contains(item))
                    .map(|(_, score)| score),
                ..Answer::default()
            };
            for (item, score) in hits().take(top_k) {
                answer.scores.push(score);
                answer
                    .tokens
                    .push(tokens.get(item).copied().unwrap_or(0) as f64);
                answer.is_gold.push(gold.contains(&item));
                answer
                    .exact_place
                    .push(rows.iter().position(|&row| row == item));
            }
            answer
        });
    Ok(answers.collect())
}

impl Answer {
    /// Returns the scores of the first `top_k` results.
    pub(super) fn scores(&self, top_k: usize) -> &[f32] {
        &self.scores[..top_k.min(self.scores.len())]
    }

    /// Returns how many of the first `top_k` results a filter keeps.
    pub(super) fn kept(&self, filter: &Filter, top_k: usize) -> usize {
        filter.kept(self.scores(top_k))
    }

    /// Returns the tokens of the first `kept` results.
    pub(super) fn tokens(&self, kept: usize) -> f64 {
        self.tokens.iter().take(kept).sum()
    }

    /// Returns the tokens of the result at `position`.
    pub(super) fn tokens_at(&self, position: usize) -> f64 {
        self.tokens.get(position).copied().unwrap_or(0.0)
    }

    /// Returns the share of the gold items among the first `kept` results.
    pub(super) fn gold_recall(&self, kept: usize) -> f64 {
        let found = self.is_gold.iter().take(kept).filter(|&&gold| gold).count();
        found as f64 / self.n_gold.max(1) as f64
    }

    /// Returns what the result at `position` adds to gold recall.
    pub(super) fn gold_at(&self, position: usize) -> f64 {
        let is_gold = self.is_gold.get(position).copied().unwrap_or(false);
        f64::from(u8::from(is_gold)) / self.n_gold.max(1) as f64
    }

    /// Returns the share of the exact `wanted` best among the first `kept` results; `None` of nothing.
    pub(super) fn exact_recall(&self, kept: usize, wanted: usize) -> Option<f64> {
        let wanted = wanted.min(self.exact_scores.len());
        let places = self.exact_place.iter().take(kept).flatten();
        let found = places.filter(|&&place| place < wanted).count();
        (wanted > 0).then(|| found as f64 / wanted as f64)
    }

    /// Returns how many of the exact `top_k` best a filter keeps.
    pub(super) fn exact_kept(&self, filter: &Filter, top_k: usize) -> usize {
        filter.kept(&self.exact_scores[..top_k.min(self.exact_scores.len())])
    }

    /// Returns the score of the best result.
    pub(super) fn best(&self) -> Option<f32> {
        self.scores.first().copied()
    }

    /// Returns the scores of the gold items among the results.
    pub(super) fn gold_scores(&self) -> impl Iterator<Item = f32> {
        let scores = self.scores.iter().zip(&self.is_gold);
        scores.filter(|(_, gold)| **gold).map(|(score, _)| *score)
    }

    /// Returns the score of the best result that there would be if the gold items were not stored.
    pub(super) fn best_without_gold(&self) -> Option<f32> {
        self.best_without_gold
    }

    /// Makes an answer of results given as score, tokens and whether they are gold; exact search agrees.
    #[cfg(test)]
    pub(super) fn of(results: &[(f32, f64, bool)], n_gold: usize) -> Self {
        let scores: Vec<f32> = results.iter().map(|result| result.0).collect();
        let first_other = results.iter().find(|result| !result.2);
        Self {
            tokens: results.iter().map(|result| result.1).collect(),
            is_gold: results.iter().map(|result| result.2).collect(),
            exact_place: (0..results.len()).map(Some).collect(),
            exact_scores: scores.clone(),
            scores,
            n_gold,
            best_without_gold: first_other.map(|result| result.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rm_core::{Codebook, ItemId};

    #[test]
    fn results_know_their_price_and_their_worth() -> Result<()> {
        // Two lists; the query lies in the first, its second gold item in the other.
        let items = Vectors::from_rows(2, vec![1.0, 0.0, 0.8, 0.6, 0.6, 0.8, 0.0, 1.0])?;
        let codebook = Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?;
        let ids: Vec<ItemId> = (0..4).map(ItemId).collect();
        let index = Index::build(codebook, &ids, &items)?;
        let queries = QuerySet {
            asked: Asked::Questions,
            vectors: Vectors::from_rows(2, vec![1.0, 0.0])?,
            gold: vec![vec![0, 3]],
        };
        let answers = search(&index, &items, &queries, &[10, 20, 30, 40], 1, 3)?;
        let [answer] = &answers[..] else {
            anyhow::bail!("expected one answer, got {}", answers.len());
        };
        assert_eq!(answer.scores(3), [1.0, 0.8]);
        assert_eq!((answer.tokens(1), answer.tokens(9)), (10.0, 30.0));
        assert_eq!((answer.gold_recall(0), answer.gold_recall(2)), (0.0, 0.5));
        // The exact three best are items 0, 1 and 2; the third lies in the list that was not scanned.
        assert_eq!(answer.exact_recall(2, 3), Some(2.0 / 3.0));
        assert_eq!(answer.exact_recall(2, 0), None);
        assert_eq!(answer.best_without_gold(), Some(0.8));
        Ok(())
    }
}
