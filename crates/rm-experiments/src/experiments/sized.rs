//! Data sets of which the generated ones may be smaller than the real ones.

use anyhow::Result;

use crate::corpora::{CorpusSize, Dataset, Resolved, resolve_for};
use crate::suite::{Context, TextKind};

/// Says which data sets are wanted and how much of each kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizedDatasets<'a> {
    /// The data sets, real ones before the generated ones that stand beside them.
    pub(super) datasets: &'a [Dataset],
    /// Items of a real data set, and of the generated one that takes its place.
    pub(super) n_items: usize,
    /// Items of a generated data set that stands beside a real one.
    pub(super) n_items_generated: usize,
    /// Queries of each at most.
    pub(super) n_queries: usize,
}

impl SizedDatasets<'_> {
    /// Returns how much of `dataset` is wanted.
    fn size_of(&self, dataset: Dataset) -> CorpusSize {
        let n_items = match dataset.kind() {
            TextKind::Real => self.n_items,
            TextKind::Generated => self.n_items_generated,
        };
        CorpusSize {
            n_items,
            n_queries: self.n_queries.min(n_items / 2),
        }
    }

    /// Returns the number of items of all data sets together.
    pub(super) fn n_items_in_all(&self) -> usize {
        self.datasets
            .iter()
            .map(|&dataset| self.size_of(dataset).n_items)
            .sum()
    }
}

/// Loads the data sets as the run chooses; none is loaded twice where generated text stands in for a real one.
pub(super) fn resolve_sized(context: &Context<'_>, wanted: &SizedDatasets<'_>) -> Result<Resolved> {
    let mut all = Resolved::default();
    for &dataset in wanted.datasets {
        let resolved = resolve_for(context, &[dataset], wanted.size_of(dataset))?;
        for corpus in resolved.corpora {
            if all.corpora.iter().all(|c| c.dataset != corpus.dataset) {
                all.corpora.push(corpus);
            }
        }
        all.remarks.extend(resolved.remarks);
        all.failures.extend(resolved.failures);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_text_beside_real_text_has_its_own_size() {
        let wanted = SizedDatasets {
            datasets: &[Dataset::Reddit, Dataset::AgentMemories],
            n_items: 100,
            n_items_generated: 30,
            n_queries: 20,
        };
        assert_eq!(wanted.n_items_in_all(), 130);
        assert_eq!(wanted.size_of(Dataset::Reddit).n_queries, 20);
        let generated = wanted.size_of(Dataset::AgentMemories);
        assert_eq!((generated.n_items, generated.n_queries), (30, 15));
    }
}
