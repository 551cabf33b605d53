//! Data sets at several sizes each, as H4, A4 and A6 want them.

use anyhow::Result;
use serde::Deserialize;

use crate::corpora::{CorpusSize, Dataset, EmbeddedCorpus, embed, resolve_for};
use crate::suite::Context;

/// Names a data set and the numbers of items at which it is measured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetSizes {
    pub(super) dataset: Dataset,
    /// Numbers of items, rising.
    sizes: Vec<usize>,
}

impl DatasetSizes {
    /// Returns the largest number of items.
    pub(super) fn largest(&self) -> usize {
        self.sizes.last().copied().unwrap_or(0)
    }

    /// Returns the numbers of items, rising.
    pub(super) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns the numbers of items for a data set that has `n_items` of them: what goes beyond becomes all.
    pub(super) fn within(&self, n_items: usize) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.sizes.iter().map(|&n| n.min(n_items)).collect();
        sizes.dedup();
        sizes
    }
}

/// Returns the number of texts of all data sets at their largest size, queries included.
pub(super) fn texts_to_embed(wanted: &[DatasetSizes], n_queries: usize) -> u64 {
    let largest = wanted.iter().map(|sized| sized.largest() + n_queries);
    largest.sum::<usize>() as u64
}

/// Holds what the report says of data sets that were not there.
#[derive(Debug, Default)]
pub(super) struct Missing {
    pub(super) remarks: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Calls `measure` for every size of every data set, or of the generated counterpart where
/// [`resolve_for`] takes that.
///
/// Sizes of one data set are nested. Where the gold items of all queries are not among the fewer items, other
/// queries are drawn for them, at most half as many as there are items. A counterpart that would stand for two
/// data sets is measured for the first of them alone.
pub(super) fn at_sizes(
    context: &Context<'_>,
    wanted: &[DatasetSizes],
    n_queries: usize,
    mut measure: impl FnMut(&EmbeddedCorpus) -> Result<()>,
) -> Result<Missing> {
    let mut missing = Missing::default();
    let mut measured: Vec<Dataset> = Vec::new();
    for sized in wanted {
        let load = |n_items: usize| {
            let size = CorpusSize {
                n_items,
                n_queries: n_queries.min(n_items / 2),
            };
            resolve_for(context, &[sized.dataset], size)
        };
        let resolved = load(sized.largest())?;
        missing.remarks.extend(resolved.remarks);
        missing.failures.extend(resolved.failures);
        for corpus in resolved.corpora {
            if measured.contains(&corpus.dataset) {
                continue;
            }
            measured.push(corpus.dataset);
            let whole = embed(context, corpus)?;
            for n_items in sized.within(whole.items.len()) {
                let prefix = whole.prefix(n_items)?;
                if prefix.queries.len() == whole.queries.len() {
                    measure(&prefix)?;
                    continue;
                }
                drop(prefix);
                for corpus in load(n_items)?.corpora {
                    measure(&embed(context, corpus)?)?;
                }
            }
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_data_set_gives_all_it_has_once() {
        let sized = DatasetSizes {
            dataset: Dataset::Locomo,
            sizes: vec![1_000, 10_000, 30_000],
        };
        assert_eq!(sized.within(5_882), [1_000, 5_882]);
        assert_eq!(sized.within(50_000), [1_000, 10_000, 30_000]);
    }
}
