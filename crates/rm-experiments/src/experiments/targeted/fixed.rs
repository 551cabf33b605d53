//! What every fixed number of probes finds and scans, without searching for each.

use anyhow::Result;
use rm_core::{Index, ItemId};

use super::Half;

/// Holds, for each query, where its exact answers lie and how many items come before.
#[derive(Debug)]
pub(super) struct FixedProbes {
    /// How many lists have to be probed for each exact answer.
    ranks: Vec<Vec<usize>>,
    /// Items in the first 1, 2, … lists that have items.
    scanned: Vec<Vec<usize>>,
    most_probes: usize,
}

impl FixedProbes {
    /// Ranks all lists for each query.
    pub(super) fn of(index: &Index, half: &Half) -> Result<Self> {
        let (mut ranks, mut scanned) = (Vec::new(), Vec::new());
        for (x, exact) in half.queries.iter().zip(&half.exact) {
            let mut filled = Vec::new();
            let mut items = Vec::new();
            for probe in index.codebook().top_centroids(x, index.k())? {
                let len = index.list(probe.centroid)?.len();
                if len > 0 {
                    filled.push(probe.centroid);
                    items.push(items.last().copied().unwrap_or(0) + len);
                }
            }
            let rank = |&at: &usize| -> Result<usize> {
                let home = index.centroid_of(ItemId(at as u64))?;
                let before = filled.iter().take_while(|centroid| **centroid != home);
                Ok(before.count() + 1)
            };
            ranks.push(exact.iter().map(rank).collect::<Result<_>>()?);
            scanned.push(items);
        }
        let most_probes = scanned.iter().map(Vec::len).max().unwrap_or(1);
        Ok(Self {
            ranks,
            scanned,
            most_probes,
        })
    }

    /// Returns the number of queries.
    pub(super) fn n_queries(&self) -> usize {
        self.ranks.len()
    }

    /// Returns the mean recall of some queries with `n_probes` lists each.
    pub(super) fn recall(&self, queries: &[usize], n_probes: usize) -> f64 {
        let recall = |&at: &usize| {
            let ranks = &self.ranks[at];
            ranks.iter().filter(|rank| **rank <= n_probes).count() as f64 / ranks.len() as f64
        };
        queries.iter().map(recall).sum::<f64>() / queries.len() as f64
    }

    /// Returns the mean number of items that some queries scan with `n_probes` lists each; between two whole numbers
    /// a share of the queries takes the larger.
    pub(super) fn candidates(&self, queries: &[usize], n_probes: f64) -> f64 {
        let mean = |n: usize| {
            let items = |&at: &usize| {
                let scanned = &self.scanned[at];
                n.min(scanned.len())
                    .checked_sub(1)
                    .map_or(0, |last| scanned[last]) as f64
            };
            queries.iter().map(items).sum::<f64>() / queries.len() as f64
        };
        let (below, above) = (
            mean(n_probes.floor() as usize),
            mean(n_probes.ceil() as usize),
        );
        below + (above - below) * n_probes.fract()
    }

    /// Returns the number of probes at which some queries have a mean recall, interpolated between two whole
    /// numbers; at least 1.
    pub(super) fn probes_for(&self, queries: &[usize], recall: f64) -> f64 {
        // Means of the same values may differ in their last bits.
        let reaches = |n: usize| self.recall(queries, n) >= recall - 1e-9;
        let (mut low, mut high) = (1, self.most_probes);
        while low < high {
            let middle = low.midpoint(high);
            if reaches(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if low == 1 {
            return 1.0;
        }
        let (below, above) = (self.recall(queries, low - 1), self.recall(queries, low));
        let share = (recall - below) / (above - below);
        (low - 1) as f64 + share.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two queries over three lists: the first has its two answers in the first and third list, the second in the
    /// second.
    fn fixed() -> FixedProbes {
        FixedProbes {
            ranks: vec![vec![1, 3], vec![2, 2]],
            scanned: vec![vec![10, 20, 40], vec![20, 30, 40]],
            most_probes: 3,
        }
    }

    #[test]
    fn recall_and_items_grow_with_probes() {
        // n = 1: (1/2 + 0) / 2; n = 2: (1/2 + 1) / 2; n = 3: all.
        let recalls: Vec<f64> = (1..=3).map(|n| fixed().recall(&[0, 1], n)).collect();
        assert_eq!(recalls, [0.25, 0.75, 1.0]);
        assert_eq!(fixed().candidates(&[0, 1], 1.0), 15.0);
        assert_eq!(fixed().candidates(&[0, 1], 2.5), 32.5);
        assert_eq!(fixed().candidates(&[1], 3.0), 40.0);
    }

    #[test]
    fn probes_for_a_recall_lie_between_whole_numbers() {
        // 0.5 is halfway from 0.25 at n = 1 to 0.75 at n = 2.
        assert_eq!(fixed().probes_for(&[0, 1], 0.5), 1.5);
        assert_eq!(fixed().probes_for(&[0, 1], 0.75), 2.0);
        assert_eq!(fixed().probes_for(&[0, 1], 1.0), 3.0);
        assert_eq!(fixed().probes_for(&[0, 1], 0.1), 1.0);
        // The second query twice: nothing at n = 1, everything at n = 2.
        assert_eq!(fixed().probes_for(&[1, 1], 1.0), 2.0);
    }
}
