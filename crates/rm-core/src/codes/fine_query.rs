//! What a query brings to the codes of single items: its components as whole numbers.
//!
//! The product of a query with the bits of a code is then a sum of whole numbers, which comes out the same in whatever
//! order they are added. A component takes 16 bits, so that rounding adds next to nothing to the error of a code:
//! [`FineQuery::rounding`] says how much.

use super::block::rows;
use super::planes;
use crate::CodeBits;

/// Holds the components of one rotated query.
#[derive(Debug, Clone)]
pub(crate) struct FineQuery {
    /// In steps; zeros follow as many bits of a code do.
    steps: Vec<i16>,
    /// The sum of all of them.
    sum: i64,
    /// What a step is worth.
    step: f32,
    /// The largest value of a component of a code, counted from the lowest.
    largest: u8,
}

impl FineQuery {
    /// Rounds a rotated query for codes of so many bits.
    pub(crate) fn new(rotated: &[f32], bits: CodeBits) -> Self {
        let largest = u8::MAX >> (8 - bits.get());
        let (mut widest, mut total) = (0.0f64, 0.0f64);
        for x in rotated.iter().map(|x| f64::from(x.abs())) {
            widest = widest.max(x);
            total += x;
        }
        // No sum of products may exceed 32 bits, whichever components it is of; rounding adds half a step to each. Past some
        // eight million components nothing is left of that, and estimates are no numbers.
        let most = f64::from(i32::MAX) / f64::from(largest) - rotated.len() as f64;
        let per_step = (f64::from(i16::MAX) / widest).min(most.max(0.0) / total);
        let per_step = if widest > 0.0 { per_step } else { 0.0 };
        let mut steps: Vec<i16> = rotated
            .iter()
            .map(|x| (f64::from(*x) * per_step).round() as i16)
            .collect();
        let sum = steps.iter().map(|steps| i64::from(*steps)).sum();
        steps.resize(8 * rows(rotated.len()), 0);
        Self {
            steps,
            sum,
            step: per_step.recip() as f32,
            largest,
        }
    }

    /// Returns the product with a code, whose first bits are `top` and whose others are `low`, one plane after the other.
    pub(crate) fn product(&self, top: &[u8], low: &[u8]) -> f32 {
        let sum = i64::from(planes::product(&self.steps, top, low));
        // A component is its value less the mean of all values, half of the largest.
        let twice = 2 * sum - i64::from(self.largest) * self.sum;
        0.5 * self.step * twice as f32
    }

    /// Returns at least the standard error that rounding gives an estimate of a unit vector's product.
    ///
    /// An error uniform in a step has the deviation `step / sqrt 12`, and a product with it is off by as many times the
    /// norm `|f y| = |r| / a`, with `|r|` at most 2 and `a` at least 0.7.
    pub(crate) fn rounding(&self) -> f32 {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_product_worked_by_hand() -> crate::Result<()> {
        // Two bits: the values 3, 0, 2 and 1 stand for 1.5, -1.5, 0.5 and -0.5.
        let query = FineQuery::new(&[1.0, 0.5, -0.25, 0.0], CodeBits::new(2)?);
        let product = query.product(&[0b0101, 0], &[0b1001, 0]);
        assert!((product - (1.5 - 0.75 - 0.125)).abs() < 1e-4, "{product}");
        Ok(())
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        for dim in [1, 384, 100_000] {
            let query = FineQuery::new(&vec![1.0; dim], CodeBits::MOST);
            let (top, low) = (vec![255; rows(dim)], vec![255; 7 * rows(dim)]);
            let product = query.product(&top, &low);
            let expected = 127.5 * dim as f32;
            assert!(
                (product / expected - 1.0).abs() < 1e-2,
                "{product} for {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_code_but_for_rounding(
            query in prop::collection::vec(-1.0f32..1.0, 1..70), bits in 2u8..=8, codes in prop::collection::vec(any::<u8>(), 70),
        ) {
            let bits = CodeBits::new(bits)?;
            let rows = rows(query.len());
            let mut planes = vec![0u8; usize::from(bits.get()) * rows];
            let mut exact = 0.0f64;
            for (d, (q, code)) in query.iter().zip(&codes).enumerate() {
                let value = code >> (8 - bits.get());
                for (plane, shift) in (0..bits.get()).rev().enumerate() {
                    planes[plane * rows + d / 8] |= (value >> shift & 1) << (d % 8);
                }
                let middle = (f64::from(bits.get()).exp2() - 1.0) / 2.0;
                exact += (f64::from(value) - middle) * f64::from(*q);
            }
            let fine = FineQuery::new(&query, bits);
            let (top, low) = planes.split_at(rows);
            let product = f64::from(fine.product(top, low));
            let most = f64::from(fine.step) * query.len() as f64 * f64::from(bits.get()).exp2() / 4.0;
            prop_assert!((product - exact).abs() <= most + 1e-5 * exact.abs() + 1e-6, "{product} for {exact}");
        }
    }
}
