//! Splits lists that one centroid cannot stand for.

use std::collections::BTreeSet;

use super::AdaptationConfig;
use super::report::{CentroidChange, Recorder};
use crate::train::train;
use crate::{CentroidId, Codebook, Index, Result, Trainer, Vectors, dot};

/// Two halves whose centroids agree this well are one heap of equal vectors.
const INDISTINCT: f32 = 1.0 - 1e-6;

impl Index {
    /// Splits one list in two by spherical 2-means and moves items, its own and others', to where they are
    /// now routed.
    ///
    /// Returns `None` where there is nothing to tell apart: fewer than two items, or all equal.
    ///
    /// # Errors
    /// [`Error::UnknownCentroid`](crate::Error::UnknownCentroid).
    pub fn split(
        &mut self,
        centroid: CentroidId,
        seed: u64,
    ) -> Result<Option<super::AdaptationReport>> {
        self.codebook.check(centroid)?;
        self.all_or_nothing(|index| {
            let mut recorder = Recorder::new(index.k());
            let split = index.split_recorded(centroid, seed, &mut recorder)?;
            index.renew_codes()?;
            Ok(split.then(|| recorder.finish(index)))
        })
    }

    /// Splits what asks for it, the largest sum of squared errors first, halves of halves among it, until
    /// nothing asks or there are `max_k` centroids; then moves items to where they are now routed.
    ///
    /// The items are compared with all new centroids at once, for one pass over them costs little more for
    /// a hundred splits than for one.
    pub(super) fn split_lists(
        &mut self,
        config: &AdaptationConfig,
        seed: u64,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let mean = self.mean_len();
        let mut parts: Vec<Part> = self.asking(config).collect();
        let mut moved = BTreeSet::new();
        while self.k() < config.max_k {
            let Some(worst) = worst(&parts) else { break };
            let part = parts.swap_remove(worst);
            let rows = self.list_rows(part.list)?;
            let vectors = part.gather(&rows, self.dim());
            let Some(halves) = two_means(&vectors, seed.wrapping_add(u64::from(part.centroid.0)))?
            else {
                continue;
            };
            let ids = [part.centroid, CentroidId(self.k() as u32)];
            let parted = part.halves(&vectors, &halves, ids, &rows);
            if parted.iter().any(|half| half.places.is_empty()) {
                continue;
            }
            let from = part.centroid;
            let added = self.push_half(from, &halves);
            recorder.changed(CentroidChange::Split { from, added });
            moved.extend(ids);
            parts.extend(parted.into_iter().filter(|half| half.asks(config, mean)));
        }
        self.repair(&moved.into_iter().collect::<Vec<_>>(), recorder)
    }

    /// Returns whether [`split_lists`](Self::split_lists) would try to split anything.
    pub(super) fn asks_for_splits(&self, config: &AdaptationConfig) -> bool {
        self.k() < config.max_k && self.asking(config).next().is_some()
    }

    /// Iterates over the lists that ask to be split.
    fn asking(&self, config: &AdaptationConfig) -> impl Iterator<Item = Part> {
        let mean = self.mean_len();
        self.lists().filter_map(move |(id, _)| {
            let products = self.own_products(id);
            let squares = sum_of_squares(products.iter().copied());
            let asks = asks(products.len(), squares, config, mean);
            asks.then(|| Part::whole(id, products.len(), squares))
        })
    }

    fn mean_len(&self) -> f32 {
        self.len() as f32 / self.k() as f32
    }

    /// Puts the first of two centroids in the place of `from`, and the second behind the last.
    fn push_half(&mut self, from: CentroidId, halves: &Codebook) -> CentroidId {
        let (first, second) = halves.as_slice().split_at(self.dim());
        self.move_centroid(from, first);
        self.push_centroid(second, from)
    }

    fn split_recorded(
        &mut self,
        centroid: CentroidId,
        seed: u64,
        recorder: &mut Recorder,
    ) -> Result<bool> {
        if self.lists.list(centroid).len() < 2 {
            return Ok(false);
        }
        let rows = self.list_rows(centroid)?.into_owned();
        let vectors = Vectors::from_unit_rows(self.dim(), rows);
        let Some(halves) = two_means(&vectors, seed)? else {
            return Ok(false);
        };
        let added = self.push_half(centroid, &halves);
        recorder.changed(CentroidChange::Split {
            from: centroid,
            added,
        });
        self.repair(&[centroid, added], recorder)?;
        Ok(true)
    }
}

/// Finds the two centroids of spherical 2-means; `None` where the vectors cannot be told apart.
fn two_means(vectors: &Vectors, seed: u64) -> Result<Option<Codebook>> {
    let halves = train(vectors, 2, &Trainer::default(), seed)?.codebook;
    let (first, second) = halves.as_slice().split_at(halves.dim());
    Ok((dot(first, second) <= INDISTINCT).then_some(halves))
}

/// Is what a centroid would stand for, on the way from lists to smaller ones.
struct Part {
    /// The list that its items are still in.
    list: CentroidId,
    /// Their places there, in rising order.
    places: Vec<usize>,
    /// The centroid that stands for them.
    centroid: CentroidId,
    /// Sum of `(1 - <x, c>)^2` over them.
    squares: f64,
}

impl Part {
    fn whole(centroid: CentroidId, len: usize, squares: f64) -> Self {
        Self {
            list: centroid,
            places: (0..len).collect(),
            centroid,
            squares,
        }
    }

    fn asks(&self, config: &AdaptationConfig, mean: f32) -> bool {
        asks(self.places.len(), self.squares, config, mean)
    }

    fn gather(&self, list_rows: &[f32], dim: usize) -> Vectors {
        let rows = self
            .places
            .iter()
            .map(|at| &list_rows[at * dim..(at + 1) * dim]);
        Vectors::from_unit_rows(dim, rows.flatten().copied().collect())
    }

    /// Deals the items to the nearer of two centroids, which get `ids`.
    fn halves(
        &self,
        vectors: &Vectors,
        centroids: &Codebook,
        ids: [CentroidId; 2],
        list_rows: &[f32],
    ) -> [Self; 2] {
        let nearest = centroids.encode_rows(vectors.as_slice());
        let dim = centroids.dim();
        let half = |which: usize| {
            let own = self.places.iter().zip(&nearest);
            let own = own.filter(|(_, encoding)| encoding.centroid.index() == which);
            let places: Vec<usize> = own.map(|(place, _)| *place).collect();
            let unit = &centroids.as_slice()[which * dim..(which + 1) * dim];
            let rows = places.iter().map(|at| &list_rows[at * dim..(at + 1) * dim]);
            Self {
                squares: squares(unit, rows),
                list: self.list,
                centroid: ids[which],
                places,
            }
        };
        [half(0), half(1)]
    }
}

/// Returns whether `len` items with this sum of squared errors are to be split.
fn asks(len: usize, squares: f64, config: &AdaptationConfig, mean: f32) -> bool {
    let oversized = len as f32 > config.split_oversize * mean;
    let variance = (squares / len.max(1) as f64) as f32;
    len >= config.split_min_items.max(2) && (oversized || variance >= config.split_variance)
}

fn squares<'a>(centroid: &[f32], rows: impl Iterator<Item = &'a [f32]>) -> f64 {
    sum_of_squares(rows.map(|row| dot(centroid, row)))
}

/// Returns the sum of `(1 - s)^2` over products with a centroid.
fn sum_of_squares(products: impl Iterator<Item = f32>) -> f64 {
    products
        .map(|product| f64::from(1.0 - product).powi(2))
        .sum()
}

/// Returns where the part with the largest sum of squared errors stands; of equals that of the first centroid.
fn worst(parts: &[Part]) -> Option<usize> {
    let order = |a: &&Part, b: &&Part| {
        let by_squares = a.squares.total_cmp(&b.squares);
        by_squares.then(b.centroid.cmp(&a.centroid))
    };
    let worst = parts.iter().max_by(order)?;
    parts
        .iter()
        .position(|part| part.centroid == worst.centroid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmaUpdates, ItemId};

    /// Four directions in one list of 12, 9, 6 and 3 items, and a list of its own for a fifth.
    fn heap() -> Result<Index> {
        let mut centroid = vec![0.5, 0.5, 0.5, 0.5, 0.0];
        centroid.extend([0.0, 0.0, 0.0, 0.0, 1.0]);
        let mut index = Index::new(Codebook::from_rows(5, centroid)?);
        let mut item = 0;
        for (axis, count) in [(0, 12), (1, 9), (2, 6), (3, 3), (4, 5)] {
            for nth in 0..count {
                let mut row = [0.0; 5];
                row[axis] = 1.0;
                row[(axis + 1) % 5] = 0.01 * nth as f32;
                index.add(ItemId(item), &row)?;
                item += 1;
            }
        }
        Ok(index)
    }

    #[test]
    fn one_cycle_takes_a_heap_apart_and_leaves_the_rest() -> Result<()> {
        let mut index = heap()?;
        let rest = index.codebook().centroid(CentroidId(1))?.to_vec();
        // Two directions in one list have a variance of 0.09 and 0.11, one has next to none.
        let config = AdaptationConfig {
            split_variance: 0.05,
            ..AdaptationConfig::default()
        };
        let report = index.adapt(&config, &mut EmaUpdates::default(), 0, 42)?;
        assert_eq!((report.splits(), report.k_after), (3, 5));
        let mut sizes = index.stats().sizes;
        sizes.sort_unstable();
        assert_eq!(sizes, [3, 5, 6, 9, 12]);
        assert_eq!(index.codebook().centroid(CentroidId(1))?, rest);
        assert_eq!(index.misplaced()?, []);
        Ok(())
    }

    #[test]
    fn what_is_spread_most_is_split_first_where_k_is_limited() -> Result<()> {
        let mut index = heap()?;
        let config = AdaptationConfig {
            max_k: 3,
            ..AdaptationConfig::default()
        };
        let before = index.stats().variance;
        let report = index.adapt(&config, &mut EmaUpdates::default(), 0, 42)?;
        assert_eq!(report.splits(), 1);
        let from = CentroidId(0);
        let added = CentroidId(2);
        assert_eq!(report.changes, [CentroidChange::Split { from, added }]);
        assert!(index.stats().variance < before);
        assert_eq!(index.misplaced()?, []);
        Ok(())
    }
}
