//! After how many lists each exact answer is found, and how many items have been scanned by then.
//!
//! A search over n lists with exact rerank returns an exact answer if and only if the answer's list is among the
//! n: nothing that was scanned can outrank it. So R@k vs dense at every n follows from the order in which lists
//! are probed and from where the exact answers stand, without scanning anything.

use anyhow::{Context as _, Result};
use rm_core::{ExactSearch, Index, ItemId, Vectors};

/// Queries whose whole ranking of the centroids is held at once.
const QUERIES: usize = 128;

/// Holds, for every query, what each further list brings.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    queries: Vec<QueryReach>,
    k: usize,
}

/// Is what each further list brings to one query.
#[derive(Debug, Clone, PartialEq)]
struct QueryReach {
    /// Items in the first list, in the first two, and so on; lists without items are not probed.
    scanned: Vec<u32>,
    /// For each exact answer, the number of lists after which it is found.
    found_after: Vec<u32>,
}

/// Says how many lists a query probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Depth {
    /// The same number for every query; a fraction stands for the mixture of its two neighbours, where that
    /// share of the searches probes one list more.
    Lists(f64),
    /// Lists until at least this many items are scanned.
    Items(u32),
}

impl Reach {
    /// Ranks all centroids for every query; `answers` holds the exact answers of each, as positions of items
    /// whose ids are their positions.
    pub(super) fn of(index: &Index, queries: &Vectors, answers: &[Vec<usize>]) -> Result<Self> {
        let sizes: Vec<u32> = index.lists().map(|(_, list)| list.len() as u32).collect();
        let mut reaches = Vec::with_capacity(queries.len());
        let all: Vec<usize> = (0..queries.len()).collect();
        for (block, answers) in all.chunks(QUERIES).zip(answers.chunks(QUERIES)) {
            let probes = index
                .codebook()
                .top_centroids_batch(&queries.gather(block), index.k())?;
            for (probes, answers) in probes.iter().zip(answers) {
                let lists = answers.iter().map(|&item| {
                    let list = index.centroid_of(ItemId(item as u64))?;
                    Ok(list.index())
                });
                let lists: Vec<usize> = lists.collect::<Result<_>>()?;
                let order = probes.iter().map(|probe| probe.centroid.index());
                reaches.push(QueryReach::new(order, &sizes, &lists));
            }
        }
        Ok(Self {
            queries: reaches,
            k: index.k(),
        })
    }

    /// Returns the share of each query's exact answers that is found.
    pub(super) fn recalls(&self, depth: Depth) -> Vec<f64> {
        self.queries.iter().map(|q| q.recall(depth)).collect()
    }

    /// Returns how many items each query scans.
    pub(super) fn scanned(&self, depth: Depth) -> Vec<f64> {
        self.queries.iter().map(|q| q.items(depth)).collect()
    }

    /// Returns how many vectors a query is compared with on average: all centroids, then the items scanned.
    pub(super) fn mean_work(&self, depth: Depth) -> f64 {
        self.k as f64 + mean(&self.scanned(depth))
    }

    /// Returns the number of lists, with a fraction, at which a query is compared with `work` vectors on
    /// average; `None` where one list costs more already.
    pub(super) fn at_work(&self, work: f64) -> Option<Depth> {
        self.least_lists(|depth| self.mean_work(depth), work)
    }

    /// Returns the least number of lists, with a fraction, that finds the share `recall` of the exact answers
    /// on average; one list where that is enough.
    pub(super) fn at_recall(&self, recall: f64) -> Option<Depth> {
        let reached = |depth| mean(&self.recalls(depth));
        if reached(Depth::Lists(1.0)) >= recall {
            return Some(Depth::Lists(1.0));
        }
        self.least_lists(reached, recall)
    }

    /// Returns the least number of items to scan that finds the share `recall` of the exact answers on average.
    pub(super) fn at_recall_by_items(&self, recall: f64) -> Option<Depth> {
        let most = self.queries.iter().filter_map(|q| q.scanned.last()).max()?;
        let reached = |items| mean(&self.recalls(Depth::Items(items)));
        let (mut low, mut high) = (0, *most);
        if reached(high) < recall {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if reached(middle) >= recall {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(Depth::Items(high))
    }

    /// Finds the depth at which `value`, which rises with the number of lists, reaches `wanted`.
    fn least_lists(&self, value: impl Fn(Depth) -> f64, wanted: f64) -> Option<Depth> {
        let at = |n: usize| value(Depth::Lists(n as f64));
        let (mut low, mut high) = (1, self.k);
        if at(low) > wanted || at(high) < wanted {
            return None;
        }
        // `at(low) <= wanted <= at(high)` holds throughout.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if at(middle) >= wanted {
                high = middle;
            } else {
                low = middle;
            }
        }
        let (below, above) = (at(low), at(high));
        let share = if above > below {
            (wanted - below) / (above - below)
        } else {
            0.0
        };
        Some(Depth::Lists(low as f64 + share))
    }
}

impl QueryReach {
    /// Follows `order` through lists of `sizes` items; `answers` holds the list of each exact answer.
    fn new(order: impl Iterator<Item = usize>, sizes: &[u32], answers: &[usize]) -> Self {
        let mut scanned = Vec::new();
        let mut found_after = Vec::with_capacity(answers.len());
        let mut total = 0;
        for list in order.filter(|&list| sizes[list] > 0) {
            total += sizes[list];
            scanned.push(total);
            let found = answers.iter().filter(|&&answer| answer == list);
            found_after.extend(found.map(|_| scanned.len() as u32));
        }
        Self {
            scanned,
            found_after,
        }
    }

    fn recall(&self, depth: Depth) -> f64 {
        let found = |lists: usize| {
            let found = self.found_after.iter().filter(|&&at| at as usize <= lists);
            found.count() as f64 / self.found_after.len().max(1) as f64
        };
        self.mixed(depth, found)
    }

    fn items(&self, depth: Depth) -> f64 {
        self.mixed(depth, |lists| match lists.min(self.scanned.len()) {
            0 => 0.0,
            lists => f64::from(self.scanned[lists - 1]),
        })
    }

    /// Returns `value` at a whole number of lists, or mixes those of the two numbers beside it.
    fn mixed(&self, depth: Depth, value: impl Fn(usize) -> f64) -> f64 {
        match depth {
            Depth::Lists(lists) => {
                let (below, share) = (lists.floor() as usize, lists.fract());
                (1.0 - share) * value(below) + share * value(below + 1)
            }
            Depth::Items(items) => value(1 + self.scanned.partition_point(|&at| at < items)),
        }
    }
}

impl Depth {
    /// Returns the number of lists, where that is what is fixed.
    pub(super) fn lists(self) -> Option<f64> {
        match self {
            Self::Lists(lists) => Some(lists),
            Self::Items(_) => None,
        }
    }
}

/// Returns the positions of the `k` best items of every query, best first.
pub(super) fn exact_answers(
    items: &Vectors,
    queries: &Vectors,
    k: usize,
) -> Result<Vec<Vec<usize>>> {
    let found = ExactSearch::new(items)
        .top_k_batch(queries, k)
        .context("cannot search exactly")?;
    let rows = found
        .into_iter()
        .map(|hits| hits.iter().map(|hit| hit.row).collect());
    Ok(rows.collect())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use rm_core::Codebook;

    use super::super::probing::every_score;
    use super::*;

    /// Lists of 10, 0, 4 and 6 items, probed in the order 2, 1, 0, 3; answers in lists 2, 0 and 0.
    fn worked() -> QueryReach {
        QueryReach::new([2, 1, 0, 3].into_iter(), &[10, 0, 4, 6], &[2, 0, 0])
    }

    fn reach(queries: Vec<QueryReach>) -> Reach {
        Reach { queries, k: 4 }
    }

    #[test]
    fn empty_lists_are_not_probed() {
        let expected = QueryReach {
            scanned: vec![4, 14, 20],
            found_after: vec![1, 2, 2],
        };
        assert_eq!(worked(), expected);
    }

    #[test]
    fn a_fraction_mixes_its_neighbours() {
        let query = worked();
        assert_eq!(query.recall(Depth::Lists(1.0)), 1.0 / 3.0);
        assert_eq!(query.recall(Depth::Lists(1.5)), 2.0 / 3.0);
        assert_eq!(query.items(Depth::Lists(1.5)), 9.0);
        assert_eq!(query.items(Depth::Lists(9.0)), 20.0);
    }

    #[test]
    fn lists_are_probed_until_the_items_suffice() {
        let query = worked();
        for (items, scanned) in [
            (0, 4.0),
            (4, 4.0),
            (5, 14.0),
            (14, 14.0),
            (15, 20.0),
            (99, 20.0),
        ] {
            assert_eq!(query.items(Depth::Items(items)), scanned, "{items}");
        }
        let reach = reach(vec![query]);
        assert_eq!(reach.at_recall_by_items(1.0), Some(Depth::Items(5)));
        assert_eq!(reach.at_recall_by_items(0.3), Some(Depth::Items(0)));
    }

    #[test]
    fn work_counts_centroids_and_items() {
        let reach = reach(vec![worked()]);
        assert_eq!(reach.mean_work(Depth::Lists(1.0)), 8.0);
        // Between 8 at one list and 18 at two.
        assert_eq!(reach.at_work(13.0), Some(Depth::Lists(1.5)));
        assert_eq!(reach.at_work(7.9), None);
        assert_eq!(reach.at_work(99.0), None);
    }

    #[test]
    fn recall_is_interpolated_over_queries() {
        // After one list 1/3 and 0 are found, after two 1 and 0, after three all.
        let other = QueryReach::new([0, 2, 3].into_iter(), &[10, 0, 4, 6], &[3]);
        let reach = reach(vec![worked(), other]);
        assert_eq!(reach.at_recall(0.1), Some(Depth::Lists(1.0)));
        assert_eq!(reach.at_recall(0.75), Some(Depth::Lists(2.5)));
        assert_eq!(reach.at_recall(1.0).and_then(Depth::lists), Some(3.0));
    }

    #[test]
    fn it_says_what_searches_say() -> Result<()> {
        let mut state = 7_u32;
        let mut rows = |n: usize| {
            let data = (0..n * 3).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            });
            Vectors::from_rows(3, data.collect())
        };
        let (centroids, items, queries) = (rows(12)?, rows(90)?, rows(20)?);
        let ids: Vec<ItemId> = (0..90).map(ItemId).collect();
        let index = Index::build(Codebook::new(&centroids)?, &ids, &items)?;
        let answers = exact_answers(&items, &queries, 5)?;
        let reach = Reach::of(&index, &queries, &answers)?;
        for n in [1, 2, 5, 12] {
            let found = every_score(n, 5).query_batch(&index, &queries)?;
            let scanned: Vec<f64> = found.iter().map(|f| f.candidates as f64).collect();
            assert_eq!(reach.scanned(Depth::Lists(n as f64)), scanned, "{n}");
            let recalls = found.iter().zip(&answers).map(|(found, exact)| {
                let hits: Vec<usize> = found.hits.iter().map(|h| h.item.0 as usize).collect();
                crate::metrics::recall_vs_dense(&hits, exact, 5).unwrap_or_default()
            });
            assert_eq!(
                reach.recalls(Depth::Lists(n as f64)),
                recalls.collect::<Vec<f64>>(),
                "{n}"
            );
        }
        Ok(())
    }
}
