//! A text as the weighted mean of its word pieces' vectors: smooth inverse frequency (Arora, Liang and Ma, 2017).

use std::collections::HashMap;

use anyhow::{Result, ensure};
use nalgebra::{DVector, DVectorView};
use rm_core::Vectors;
use rm_embed::MiniLm;

use super::principal::{Moments, leading};

/// Weighs word pieces by how rare they are in a collection.
#[derive(Debug)]
pub(super) struct StaticAverage<'a> {
    model: &'a MiniLm,
    /// Share of each word piece among all of the collection.
    shares: HashMap<u32, f64>,
    smoothing: f64,
}

impl<'a> StaticAverage<'a> {
    /// Counts the word pieces of `texts`; a piece with the share `p` weighs `smoothing / (smoothing + p)`.
    pub(super) fn of(model: &'a MiniLm, texts: &[&str], smoothing: f64) -> Result<Self> {
        let mut shares: HashMap<u32, f64> = HashMap::new();
        let mut n_pieces = 0.0;
        for text in texts {
            for piece in pieces(model, text)? {
                *shares.entry(piece).or_default() += 1.0;
                n_pieces += 1.0;
            }
        }
        shares.values_mut().for_each(|share| *share /= n_pieces);
        Ok(Self {
            model,
            shares,
            smoothing,
        })
    }

    /// Averages the word pieces of every text, row-major; not normalised.
    pub(super) fn average(&self, texts: &[&str]) -> Result<Vec<f32>> {
        let mut rows = Vec::new();
        for text in texts {
            let mut sum: Option<DVector<f32>> = None;
            for piece in pieces(self.model, text)? {
                let Some(vector) = self.model.word_vector(piece) else {
                    continue;
                };
                let vector = DVectorView::from_slice(vector, vector.len());
                let sum = sum.get_or_insert_with(|| DVector::zeros(vector.len()));
                sum.axpy(self.weight(piece), &vector, 1.0);
            }
            let sum = sum.ok_or_else(|| anyhow::anyhow!("{text:?} has no word pieces"))?;
            rows.extend_from_slice(sum.as_slice());
        }
        Ok(rows)
    }

    fn weight(&self, piece: u32) -> f32 {
        let share = self.shares.get(&piece).copied().unwrap_or(0.0);
        (self.smoothing / (self.smoothing + share)) as f32
    }
}

/// Takes what all of `items` share, their strongest direction about the origin, out of `items` and `queries`, both
/// row-major.
pub(super) fn remove_common_direction(
    dim: usize,
    items: &mut [f32],
    queries: &mut [f32],
) -> Result<()> {
    let moments = Moments::of(&Vectors::from_rows(dim, items.to_vec())?)?;
    let about_origin = moments.covariance + &moments.mean * moments.mean.transpose();
    let (values, axes) = leading(&about_origin, 1);
    ensure!(!values.is_empty(), "expected vectors with a direction");
    let common: Vec<f32> = axes.row(0).iter().map(|x| *x as f32).collect();
    for row in items
        .chunks_exact_mut(dim)
        .chain(queries.chunks_exact_mut(dim))
    {
        let share: f32 = row.iter().zip(&common).map(|(x, c)| x * c).sum();
        row.iter_mut()
            .zip(&common)
            .for_each(|(x, c)| *x -= share * c);
    }
    Ok(())
}

/// Returns the word pieces that the model reads of a text, without the two special ones.
fn pieces(model: &MiniLm, text: &str) -> Result<Vec<u32>> {
    let ids = model.token_ids(text)?;
    Ok(ids[1..ids.len() - 1].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_direction_is_taken_out_of_both() -> Result<()> {
        // All items point along (1, 1), with a little of (1, -1) both ways.
        let mut items = vec![1.1, 0.9, 0.9, 1.1, 2.2, 1.8, 1.8, 2.2];
        let mut queries = vec![3.0, 1.0];
        remove_common_direction(2, &mut items, &mut queries)?;
        // (3, 1) = 2 (1, 1) + (1, -1).
        assert!((queries[0] - 1.0).abs() < 1e-5 && (queries[1] + 1.0).abs() < 1e-5);
        assert!((items[0] - 0.1).abs() < 1e-5 && (items[1] + 0.1).abs() < 1e-5);
        assert!((items[6] + 0.2).abs() < 1e-5 && (items[7] - 0.2).abs() < 1e-5);
        Ok(())
    }
}
