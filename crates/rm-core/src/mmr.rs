//! Maximal marginal relevance: what is relevant and does not say the same once more.

use crate::{Error, Result, Vectors, dot};

/// Is one item in the order of maximal marginal relevance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MmrPick {
    /// Position of the item in what was passed.
    pub row: usize,
    /// Position, in what was passed, of the earlier pick that it resembles most; `None` where none has a positive cosine
    /// with it.
    pub nearest: Option<usize>,
    /// Its cosine with that pick, from 0 to 1; 0 where there is none.
    pub similarity: f32,
    /// What was taken off for that: `(1 - lambda) * similarity`.
    pub penalty: f32,
    /// What it was picked by: `lambda * relevance - penalty`; never more than that of the pick before.
    pub value: f32,
}

/// Picks `k` of some items one by one, each time the one with the largest
/// `lambda * relevance - (1 - lambda) * similarity`, where `similarity` is its largest cosine with anything picked
/// before (Carbonell and Goldstein, 1998).
///
/// `relevance` holds one number for each vector, on the scale of a cosine if the two are to be weighed fairly. With
/// `lambda` 1 the order is that of relevance; with 0 it is that of novelty, after a first pick that nothing resembles
/// yet. Of equals the one passed first is picked first.
///
/// A cosine below 0 counts as 0, unlike in the paper: what says the opposite of a pick is no newer than what has nothing
/// to do with it. So a penalty only ever grows, and values fall from pick to pick.
///
/// Costs `k * n * dim` multiplications for n items of `dim` components; none with `lambda` 1.
///
/// ```
/// use rm_core::{Vectors, mmr};
///
/// let vectors = Vectors::from_rows(2, vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0])?;
/// let picks = mmr(&[0.9, 0.8, 0.5], &vectors, 0.5, 2)?;
/// // The second says what the first does: 0.5 * 0.8 - 0.5 * 1 is less than 0.5 * 0.5 - 0.5 * 0.
/// assert_eq!([picks[0].row, picks[1].row], [0, 2]);
/// # Ok::<(), rm_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a `lambda` outside of [0, 1] and for a relevance that is not finite,
/// [`Error::LengthMismatch`] where there is not one relevance for each vector.
pub fn mmr(relevance: &[f32], vectors: &Vectors, lambda: f32, k: usize) -> Result<Vec<MmrPick>> {
    check(relevance, vectors, lambda)?;
    let mut open: Vec<Open<'_>> = relevance
        .iter()
        .zip(vectors.iter())
        .enumerate()
        .map(|(row, (relevance, vector))| Open::new(row, vector, lambda * relevance))
        .collect();
    let mut picks = Vec::with_capacity(k.min(open.len()));
    while picks.len() < k
        && let Some(best) = best_of(&open)
    {
        let picked = open.swap_remove(best);
        if lambda < 1.0 {
            open.iter_mut()
                .for_each(|open| open.compare(&picked, 1.0 - lambda));
        }
        picks.push(picked.pick);
    }
    Ok(picks)
}

/// Is an item that is not picked yet.
struct Open<'a> {
    vector: &'a [f32],
    pick: MmrPick,
    /// `lambda * relevance`.
    gain: f32,
}

impl<'a> Open<'a> {
    fn new(row: usize, vector: &'a [f32], gain: f32) -> Self {
        // Of the two zeros one would rank under the other.
        let gain = gain + 0.0;
        let pick = MmrPick {
            row,
            nearest: None,
            similarity: 0.0,
            penalty: 0.0,
            value: gain,
        };
        Self { vector, pick, gain }
    }

    /// Takes note of what was picked.
    fn compare(&mut self, picked: &Open<'_>, weight: f32) {
        // Rounding may put the cosine of two equal vectors a little over 1.
        let similarity = dot(self.vector, picked.vector).min(1.0);
        let pick = &mut self.pick;
        if similarity > pick.similarity {
            pick.similarity = similarity;
            pick.nearest = Some(picked.pick.row);
            pick.penalty = weight * similarity;
            pick.value = self.gain - pick.penalty;
        }
    }
}

fn best_of(open: &[Open<'_>]) -> Option<usize> {
    let ranked = open.iter().enumerate().max_by(|(_, a), (_, b)| {
        let (a, b) = (&a.pick, &b.pick);
        a.value.total_cmp(&b.value).then(b.row.cmp(&a.row))
    });
    ranked.map(|(at, _)| at)
}

fn check(relevance: &[f32], vectors: &Vectors, lambda: f32) -> Result<()> {
    if !(0.0..=1.0).contains(&lambda) {
        return Err(Error::parameter("lambda", "a number from 0 to 1", lambda));
    }
    if relevance.len() != vectors.len() {
        return Err(Error::LengthMismatch {
            what: "relevance",
            expected: vectors.len(),
            got: relevance.len(),
        });
    }
    match relevance.iter().find(|relevance| !relevance.is_finite()) {
        Some(bad) => Err(Error::parameter("relevance", "a finite number", bad)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three vectors of which the first two are 0.8 alike, and the third opposes the first.
    fn vectors() -> Result<Vectors> {
        Vectors::from_rows(2, vec![1.0, 0.0, 0.8, 0.6, -1.0, 0.0])
    }

    #[test]
    fn values_worked_by_hand() -> Result<()> {
        let picks = mmr(&[1.0, 0.75, 0.25], &vectors()?, 0.5, 3)?;
        let rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
        // After the first: 0.5 * 0.75 - 0.5 * 0.8 = -0.025 against 0.5 * 0.25 - 0 = 0.125.
        assert_eq!(rows, [0, 2, 1]);
        assert_eq!(
            (picks[0].value, picks[0].penalty, picks[0].nearest),
            (0.5, 0.0, None)
        );
        // The opposite of a pick is not rewarded for it.
        assert_eq!(
            (picks[1].value, picks[1].penalty, picks[1].nearest),
            (0.125, 0.0, None)
        );
        assert_eq!((picks[2].penalty, picks[2].nearest), (0.4, Some(0)));
        assert!((picks[2].value + 0.025).abs() < 1e-7);
        Ok(())
    }

    #[test]
    fn it_picks_as_many_as_there_are() -> Result<()> {
        assert_eq!(mmr(&[1.0, 0.5, 0.2], &vectors()?, 0.5, 9)?.len(), 3);
        assert!(mmr(&[1.0, 0.5, 0.2], &vectors()?, 0.5, 0)?.is_empty());
        assert!(mmr(&[], &Vectors::empty(2)?, 0.5, 3)?.is_empty());
        Ok(())
    }

    #[test]
    fn what_means_nothing_is_refused() -> Result<()> {
        for lambda in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            let refused = mmr(&[1.0, 0.5, 0.2], &vectors()?, lambda, 2);
            assert!(matches!(
                refused,
                Err(Error::InvalidParameter { name: "lambda", .. })
            ));
        }
        assert!(mmr(&[1.0, f32::NAN, 0.2], &vectors()?, 0.5, 2).is_err());
        let refused = mmr(&[1.0], &vectors()?, 0.5, 2);
        assert!(matches!(
            refused,
            Err(Error::LengthMismatch {
                expected: 3,
                got: 1,
                ..
            })
        ));
        Ok(())
    }
}
