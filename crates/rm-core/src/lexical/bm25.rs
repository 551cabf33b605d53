//! The BM25 formula.

use crate::{Error, Result};

/// How soon further occurrences of a term stop counting, where nothing is said.
///
/// With 0.9 and [`BM25_B`] short texts are ranked better than with the customary 1.2 and 0.75, on LoCoMo as on
/// web passages (experiments A2 and A1); they are also the values of Anserini (Yang, Fang and Lin, 2017).
pub const BM25_K1: f32 = 0.9;

/// How far a text longer than the average is held to mention terms by chance, where nothing is said; see
/// [`BM25_K1`].
pub const BM25_B: f32 = 0.4;

/// Scores a text for a query (Robertson and Zaragoza, 2009), in the form that never turns negative:
///
/// ```text
/// idf(t)   = ln(1 + (N - df + 0.5) / (df + 0.5))
/// score(q) = sum over terms t of q of  idf(t) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))
/// ```
///
/// `N` texts, `df` of them with the term, `tf` times in the one that is scored. A term that stands twice in the
/// query counts twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bm25 {
    k1: f32,
    b: f32,
}

impl Default for Bm25 {
    /// [`BM25_K1`] and [`BM25_B`].
    fn default() -> Self {
        Self {
            k1: BM25_K1,
            b: BM25_B,
        }
    }
}

impl Bm25 {
    /// Sets both parameters: `k1` from 0, where only the presence of a term counts, and `b` from 0, where length
    /// does not matter, to 1.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] outside of these ranges.
    pub fn new(k1: f32, b: f32) -> Result<Self> {
        if !(k1.is_finite() && k1 >= 0.0) {
            return Err(Error::parameter("k1", "a finite number from 0", k1));
        }
        if !(0.0..=1.0).contains(&b) {
            return Err(Error::parameter("b", "from 0 to 1", b));
        }
        Ok(Self { k1, b })
    }

    /// Returns how much a term tells that `n_with_term` of `n_texts` have.
    pub(super) fn idf(n_texts: usize, n_with_term: usize) -> f32 {
        let (all, with) = (n_texts as f64, n_with_term as f64);
        ((all - with + 0.5) / (with + 0.5)).ln_1p() as f32
    }

    /// Returns what `frequency` occurrences in a text of `length` terms make of an idf of 1.
    pub(super) fn weight(self, frequency: u32, length: u32, mean_length: f32) -> f32 {
        let tf = frequency as f32;
        let relative_length = if mean_length > 0.0 {
            length as f32 / mean_length
        } else {
            1.0
        };
        tf * (self.k1 + 1.0) / (tf + self.k1 * (1.0 - self.b + self.b * relative_length))
    }
}

#[cfg(test)]
mod tests {
    use super::Bm25;

    #[test]
    fn weights_are_those_of_the_formula() -> crate::Result<()> {
        // idf of a term in 1 of 3 texts: ln(1 + 2.5 / 1.5)
        assert!((Bm25::idf(3, 1) - 0.980_829_3).abs() < 1e-6);
        // 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 1.5))
        let weight = Bm25::new(1.2, 0.75)?.weight(2, 6, 4.0);
        assert!((weight - 1.205_479_4).abs() < 1e-6, "{weight}");
        assert_eq!(Bm25::new(0.0, 0.4)?.weight(7, 6, 4.0), 1.0);
        Ok(())
    }

    #[test]
    fn parameters_outside_of_their_ranges_are_refused() {
        for (k1, b) in [(-0.1, 0.4), (f32::NAN, 0.4), (0.9, 1.1), (0.9, f32::NAN)] {
            assert!(Bm25::new(k1, b).is_err(), "{k1} {b}");
        }
    }
}
