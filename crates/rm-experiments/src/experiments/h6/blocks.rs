//! Vectors on their way from an encoder to a corpus: cut, filled in, normalised.

use anyhow::{Result, ensure};
use rm_core::Vectors;

use crate::corpora::{Corpus, EmbeddedCorpus};

/// Holds the vectors that one encoder makes of a corpus.
#[derive(Debug, Clone)]
pub(super) struct Encoded {
    pub(super) name: String,
    /// The texts with their vectors.
    pub(super) corpus: EmbeddedCorpus,
    /// Texts that the encoder knows nothing of; each has the direction of the items' mean.
    pub(super) unknown_texts: usize,
}

/// Says which of several equal parts of a vector is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) at: usize,
    pub(super) of: usize,
}

/// Holds the vectors of items and queries, row-major, of any length.
pub(super) struct Blocks {
    pub(super) dim: usize,
    pub(super) items: Vec<f32>,
    pub(super) queries: Vec<f32>,
}

impl Blocks {
    pub(super) fn new(items: &Vectors, queries: &Vectors) -> Self {
        Self {
            dim: items.dim(),
            items: items.as_slice().to_vec(),
            queries: queries.as_slice().to_vec(),
        }
    }

    /// Keeps one part of every vector.
    pub(super) fn part(self, part: Part) -> Self {
        let dim = self.dim / part.of;
        self.columns(part.at * dim, dim)
    }

    /// Keeps the first components of every vector.
    pub(super) fn first(self, dim: usize) -> Self {
        let dim = dim.min(self.dim);
        self.columns(0, dim)
    }

    fn columns(self, start: usize, dim: usize) -> Self {
        let cut = |rows: &[f32]| {
            let rows = rows.chunks_exact(self.dim);
            rows.flat_map(|row| &row[start..start + dim])
                .copied()
                .collect()
        };
        Self {
            dim,
            items: cut(&self.items),
            queries: cut(&self.queries),
        }
    }

    /// Normalises all vectors, once those without a direction have got the mean one of the items.
    pub(super) fn encoded(mut self, name: &str, corpus: &Corpus) -> Result<Encoded> {
        let common = mean_direction(self.dim, &self.items)?;
        let unknown_texts = fill_in(&mut self.items, &common) + fill_in(&mut self.queries, &common);
        Ok(Encoded {
            name: name.to_owned(),
            corpus: EmbeddedCorpus {
                corpus: corpus.clone(),
                items: Vectors::from_rows(self.dim, self.items)?,
                queries: Vectors::from_rows(self.dim, self.queries)?,
            },
            unknown_texts,
        })
    }
}

/// Returns the sum of all rows, normalised each, or the first axis where they cancel each other.
fn mean_direction(dim: usize, rows: &[f32]) -> Result<Vec<f32>> {
    ensure!(dim > 0 && !rows.is_empty(), "expected vectors, got none");
    let mut sum = vec![0.0; dim];
    for row in rows.chunks_exact(dim).filter(|row| has_direction(row)) {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        sum.iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += x / norm);
    }
    if !has_direction(&sum) {
        sum[0] = 1.0;
    }
    Ok(sum)
}

/// Replaces rows without a direction and returns how many there were.
fn fill_in(rows: &mut [f32], direction: &[f32]) -> usize {
    let rows = rows.chunks_exact_mut(direction.len());
    let lost = rows.filter(|row| !has_direction(row));
    lost.map(|row| row.copy_from_slice(direction)).count()
}

fn has_direction(row: &[f32]) -> bool {
    row.iter().map(|x| x * x).sum::<f32>().is_normal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_first_components_are_cut_out_of_every_row() {
        let blocks = || Blocks {
            dim: 4,
            items: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
            queries: vec![9.0, 10.0, 11.0, 12.0],
        };
        let second = blocks().part(Part { at: 1, of: 2 });
        assert_eq!(second.items, [3.0, 4.0, 7.0, 8.0]);
        assert_eq!(second.queries, [11.0, 12.0]);
        let first = blocks().first(1);
        assert_eq!((first.dim, first.items), (1, vec![1.0, 5.0]));
        assert_eq!(blocks().first(9).dim, 4);
    }

    #[test]
    fn what_has_no_direction_gets_the_mean_one() -> Result<()> {
        let mut rows = vec![2.0, 0.0, 0.0, 0.0, 0.0, 3.0];
        let common = mean_direction(2, &rows)?;
        assert_eq!(common, [1.0, 1.0]);
        assert_eq!(fill_in(&mut rows, &common), 1);
        assert_eq!(rows[2..4], [1.0, 1.0]);
        Ok(())
    }
}
