//! TF-IDF vectors of words, and their strongest directions (latent semantic analysis).

use std::collections::HashMap;

use anyhow::{Result, ensure};
use nalgebra::DMatrix;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::principal::leading;

/// Directions computed beyond those that are kept.
const OVERSAMPLING: usize = 16;
/// Times that the random start is pulled towards the strongest directions.
const POWER_ITERATIONS: usize = 3;
/// Stream of the seed that the random start is drawn from.
const STREAM: u64 = 6;

/// Holds the words of a collection with their weights.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    /// Column and inverse document frequency of each word.
    words: HashMap<String, (usize, f64)>,
}

/// The words of one text: columns with their weights, of unit norm where there is any.
pub(super) type WordVector = Vec<(usize, f64)>;

impl Vocabulary {
    /// Collects the words of `texts`; a word's weight is `1 + ln((1 + N) / (1 + df))`, df being the number of texts
    /// that have it.
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut columns: HashMap<String, usize> = HashMap::new();
        let mut n_texts_with: Vec<usize> = Vec::new();
        for text in texts {
            let mut here: Vec<usize> = split(text)
                .map(|word| {
                    let next = columns.len();
                    *columns.entry(word).or_insert(next)
                })
                .collect();
            here.sort_unstable();
            here.dedup();
            n_texts_with.resize(columns.len(), 0);
            here.into_iter()
                .for_each(|column| n_texts_with[column] += 1);
        }
        let n = 1.0 + texts.len() as f64;
        let words = columns.into_iter().map(|(word, column)| {
            let weight = 1.0 + (n / (1.0 + n_texts_with[column] as f64)).ln();
            (word, (column, weight))
        });
        Self {
            words: words.collect(),
        }
    }

    /// Returns the number of different words.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Weighs the known words of a text by `(1 + ln(occurrences))` times their weight; empty where none is known.
    pub(super) fn weigh(&self, text: &str) -> WordVector {
        let mut known: Vec<(usize, f64)> = split(text)
            .filter_map(|word| self.words.get(&word).copied())
            .collect();
        known.sort_unstable_by_key(|&(column, _)| column);
        let mut weighed: WordVector = Vec::new();
        for same in known.chunk_by(|a, b| a.0 == b.0) {
            let (column, weight) = same[0];
            weighed.push((column, (1.0 + (same.len() as f64).ln()) * weight));
        }
        let norm = weighed.iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        weighed.iter_mut().for_each(|(_, x)| *x /= norm);
        weighed
    }
}

/// Splits a text into runs of letters and digits, in lower case.
fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Maps word vectors onto the strongest directions of a collection: a truncated singular value decomposition by random
/// projection and power iterations (Halko, Martinsson and Tropp, 2011).
#[derive(Debug, Clone)]
pub(super) struct Semantics {
    /// One direction a row, `(n_axes, n_words)`.
    axes: DMatrix<f64>,
}

impl Semantics {
    /// Finds the `n_axes` strongest directions of `texts`, or as many as there are.
    pub(super) fn of(
        texts: &[WordVector],
        n_words: usize,
        n_axes: usize,
        seed: u64,
    ) -> Result<Self> {
        ensure!(n_words > 0, "expected texts with words, got none");
        let width = (n_axes + OVERSAMPLING).min(n_words).min(texts.len());
        let mut basis = orthonormal(&project(texts, &random(width, n_words, seed)));
        for _ in 0..POWER_ITERATIONS {
            basis = orthonormal(&project(texts, &spread(texts, n_words, &basis)));
        }
        let mut axes = spread(texts, n_words, &basis);
        let (values, mixture) = leading(&(&axes * axes.transpose()), n_axes);
        axes = mixture * axes;
        for (mut axis, value) in axes.row_iter_mut().zip(values) {
            axis /= value.sqrt();
        }
        Ok(Self { axes })
    }

    /// Returns the number of components of what it maps to.
    pub(super) fn dim(&self) -> usize {
        self.axes.nrows()
    }

    /// Maps texts, row-major `(len, dim)`, not normalised; a text without known words becomes zero.
    pub(super) fn map(&self, texts: &[WordVector]) -> Vec<f32> {
        let mapped = project(texts, &self.axes);
        mapped.iter().map(|x| *x as f32).collect()
    }
}

/// Draws a `(width, n_words)` matrix of numbers between -1 and 1.
fn random(width: usize, n_words: usize, seed: u64) -> DMatrix<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STREAM);
    let half = 2f64.powi(31);
    DMatrix::from_fn(width, n_words, |_, _| {
        f64::from(rng.next_u32()) / half - 1.0
    })
}

/// Multiplies every text with each row of `axes`: `(n_axes, n_texts)`.
fn project(texts: &[WordVector], axes: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(axes.nrows(), texts.len());
    for (text, mut column) in texts.iter().zip(out.column_iter_mut()) {
        for &(word, weight) in text {
            column.axpy(weight, &axes.column(word), 1.0);
        }
    }
    out
}

/// Multiplies the other way round: `(n_axes, n_words)` from one row of coefficients of the texts an axis.
fn spread(texts: &[WordVector], n_words: usize, coefficients: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(coefficients.nrows(), n_words);
    for (text, coefficients) in texts.iter().zip(coefficients.column_iter()) {
        for &(word, weight) in text {
            out.column_mut(word).axpy(weight, &coefficients, 1.0);
        }
    }
    out
}

/// Returns orthonormal rows that span what the rows of `matrix` span.
fn orthonormal(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let (values, mixture) = leading(&(matrix * matrix.transpose()), matrix.nrows());
    let mut rows = mixture * matrix;
    for (mut row, value) in rows.row_iter_mut().zip(values) {
        row /= value.sqrt();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_weighed_by_how_rare_they_are() {
        let vocabulary = Vocabulary::of(&["Green tea, green TEA", "tea", "rain"]);
        assert_eq!(vocabulary.len(), 3);
        // df: green 1, tea 2, N = 3; both stand twice in the first text.
        let (green, tea) = (1.0 + 2f64.ln(), 1.0 + (4f64 / 3.0).ln());
        let norm = green.hypot(tea);
        let weighed = vocabulary.weigh("green tea green tea");
        assert_eq!(weighed.len(), 2);
        assert!((weighed[0].1 - green / norm).abs() < 1e-12);
        assert!((weighed[1].1 - tea / norm).abs() < 1e-12);
        assert!(vocabulary.weigh("coffee!").is_empty());
    }

    #[test]
    fn as_many_axes_as_the_texts_span_keep_all_dot_products() -> Result<()> {
        let texts = [
            "green tea in the rain",
            "black tea",
            "the rain in the garden",
            "a black cat",
            "green garden",
        ];
        let vocabulary = Vocabulary::of(&texts);
        let weighed: Vec<WordVector> = texts.iter().map(|text| vocabulary.weigh(text)).collect();
        let semantics = Semantics::of(&weighed, vocabulary.len(), 5, 42)?;
        assert_eq!(semantics.dim(), 5);
        let mapped = semantics.map(&weighed);
        for (i, a) in weighed.iter().enumerate() {
            for (j, b) in weighed.iter().enumerate() {
                let find = |word| b.iter().find(|(w, _)| *w == word).map_or(0.0, |(_, x)| *x);
                let exact: f64 = a.iter().map(|(word, x)| x * find(*word)).sum();
                let rows = mapped[i * 5..].iter().zip(&mapped[j * 5..]).take(5);
                let got: f32 = rows.map(|(x, y)| x * y).sum();
                assert!((f64::from(got) - exact).abs() < 1e-5, "{i}, {j}");
            }
        }
        Ok(())
    }

    #[test]
    fn one_axis_is_the_strongest_direction() -> Result<()> {
        // Two texts alike and one apart: the strongest direction is that of the two, with strength sqrt(2).
        let texts = vec![vec![(0, 1.0)], vec![(0, 1.0)], vec![(1, 1.0)]];
        let semantics = Semantics::of(&texts, 2, 1, 42)?;
        let mapped = semantics.map(&texts);
        assert!((mapped[0].abs() - 1.0).abs() < 1e-6 && (mapped[1] - mapped[0]).abs() < 1e-6);
        assert!(mapped[2].abs() < 1e-6);
        Ok(())
    }
}
