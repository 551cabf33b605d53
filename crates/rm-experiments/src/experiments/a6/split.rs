//! Balance by adaptation: the longest list is split, the shortest merged into its neighbours, in turn.

use anyhow::{Context as _, Result};
use rm_core::{CentroidId, Codebook, Index};

/// Splits and merges until no list has more than `split_from` times the mean, for at most `rounds` rounds, and
/// returns the codebook whose lists were most even; K stays what it is.
pub(super) fn split_and_merge(
    mut index: Index,
    split_from: f64,
    rounds: usize,
    seed: u64,
) -> Result<Codebook> {
    let mut best = (index.stats().gini, index.codebook().clone());
    for round in 0..rounds {
        let mean = index.len() as f64 / index.k() as f64;
        let (longest, len) = lengths(&index)
            .max_by_key(|(at, len)| (*len, std::cmp::Reverse(at.0)))
            .context("an index has lists")?;
        if (len as f64) <= split_from * mean {
            break;
        }
        if index
            .split(longest, seed.wrapping_add(round as u64))?
            .is_none()
        {
            break;
        }
        let (shortest, _) = lengths(&index)
            .min_by_key(|(at, len)| (*len, at.0))
            .context("an index has lists")?;
        index.prune(shortest)?;
        let gini = index.stats().gini;
        if gini < best.0 {
            best = (gini, index.codebook().clone());
        }
    }
    Ok(best.1)
}

fn lengths(index: &Index) -> impl Iterator<Item = (CentroidId, usize)> {
    index.lists().map(|(centroid, list)| (centroid, list.len()))
}

#[cfg(test)]
mod tests {
    use rm_core::{ItemId, Vectors};

    use super::*;

    #[test]
    fn the_longest_list_is_split_and_the_shortest_merged() -> Result<()> {
        // Eight directions near the first axis, four of them a little further; one near the second, one near the
        // third, which are near each other.
        let mut rows = Vec::new();
        for at in 0..8 {
            let tilt = if at < 4 { 0.3 } else { -0.3 };
            rows.extend([1.0, tilt, 0.001 * at as f32]);
        }
        rows.extend([0.0, 1.0, 0.2]);
        rows.extend([0.0, 1.0, 0.4]);
        let items = Vectors::from_rows(3, rows)?;
        let ids: Vec<ItemId> = (0..10).map(ItemId).collect();
        let codebook = Codebook::from_rows(3, vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.8, 0.6])?;
        let index = Index::build(codebook, &ids, &items)?;
        assert_eq!(index.stats().sizes, [8, 1, 1]);
        let codebook = split_and_merge(index, 1.5, 10, 42)?;
        let mut sizes = Index::build(codebook, &ids, &items)?.stats().sizes;
        sizes.sort_unstable();
        assert_eq!(sizes, [2, 4, 4]);
        Ok(())
    }
}
