//! How well a codebook stands for its items.

use crate::Index;

/// Describes a codebook together with the items routed by it.
#[derive(Debug, Clone, PartialEq)]
pub struct CodebookStats {
    /// Number of centroids, K.
    pub k: usize,
    /// Components of each centroid.
    pub dim: usize,
    /// Number of items, N.
    pub items: usize,
    /// Items of each centroid.
    pub sizes: Vec<usize>,
    /// Gini coefficient of the sizes: 0 where all are equal, towards 1 where one list holds everything.
    pub gini: f64,
    /// Centroids without items.
    pub dead_codes: usize,
    /// Mean cosine of an item and its centroid, `NaN`-free: 0 without items.
    pub fidelity: f64,
    /// Mean over all items of `(1 - <x, c>)^2`, 0 without items.
    pub variance: f64,
}

impl CodebookStats {
    /// Measures an index; costs one dot product an item, or a look at each code.
    pub(crate) fn of(index: &Index) -> Self {
        let sizes: Vec<usize> = index.lists().map(|(_, list)| list.len()).collect();
        let (mut cosines, mut squares) = (0.0f64, 0.0f64);
        for (centroid, _) in index.lists() {
            for score in index.own_products(centroid).iter().copied().map(f64::from) {
                cosines += score;
                squares += (1.0 - score) * (1.0 - score);
            }
        }
        let items = index.len();
        let per_item = items.max(1) as f64;
        Self {
            k: index.k(),
            dim: index.dim(),
            items,
            gini: gini(&sizes),
            dead_codes: sizes.iter().filter(|size| **size == 0).count(),
            fidelity: cosines / per_item,
            variance: squares / per_item,
            sizes,
        }
    }
}

/// Returns the Gini coefficient of some sizes, 0 where there is nothing to share.
///
/// With sizes in rising order and ranks i from 1, `sum((2i - n - 1) size_i) / (n sum(size_i))` (Gini 1912, in the
/// form of Sen 1973); summed in whole numbers, so the order of the sizes has no effect at all.
#[must_use]
pub fn gini(sizes: &[usize]) -> f64 {
    let n = sizes.len() as i128;
    let total: i128 = sizes.iter().map(|&size| size as i128).sum();
    if total == 0 {
        return 0.0;
    }
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let ranked = sorted.iter().zip(1_i128..);
    let weighted: i128 = ranked
        .map(|(&size, rank)| (2 * rank - n - 1) * size as i128)
        .sum();
    weighted as f64 / (n * total) as f64
}

/// Returns the mean of `(1 - s)^2` over the products of a list's items with its centroid, 0 for fewer than two items.
pub(crate) fn variance(products: &[f32]) -> f32 {
    if products.len() < 2 {
        return 0.0;
    }
    let squares = products
        .iter()
        .map(|product| f64::from(1.0 - product).powi(2));
    (squares.sum::<f64>() / products.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CentroidId, Codebook, ItemId, Result};

    #[test]
    fn gini_worked_by_hand() {
        assert_eq!(gini(&[5, 5, 5, 5]), 0.0);
        assert_eq!(gini(&[0, 0, 0, 8]), 0.75);
        // 1, 2, 3: 2 * (1 + 4 + 9) / 6 - 4 = 2/3, over 3.
        assert!((gini(&[3, 1, 2]) - 2.0 / 9.0).abs() < 1e-12);
        assert_eq!(gini(&[]), 0.0);
        assert_eq!(gini(&[0, 0]), 0.0);
    }

    #[test]
    fn stats_worked_by_hand() -> Result<()> {
        let mut index = Index::new(Codebook::from_rows(2, vec![1.0, 0.0, 0.0, 1.0])?);
        index.add(ItemId(1), &[1.0, 0.0])?;
        index.add(ItemId(2), &[0.8, 0.6])?;
        let stats = index.stats();
        assert_eq!(stats.sizes, [2, 0]);
        assert_eq!(stats.dead_codes, 1);
        assert_eq!(stats.gini, 0.5);
        assert!((stats.fidelity - 0.9).abs() < 1e-6);
        assert!((stats.variance - 0.02).abs() < 1e-6);
        assert!((index.bucket_variance(CentroidId(0))? - 0.02).abs() < 1e-6);
        assert_eq!(index.bucket_variance(CentroidId(1))?, 0.0);
        Ok(())
    }
}
