//! How sure a mean is: the percentile bootstrap (Efron, 1979).
//!
//! The values (one a query, a seed or an episode) are drawn again with replacement, as many as there
//! are, some thousands of times; the interval holds the middle part of the means of these resamples.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::mean::mean;
use super::percentile::interpolate;

/// Holds a mean and the interval that the resampled means fall in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The mean of the values themselves.
    pub estimate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Says why an interval cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// There is nothing to resample.
    #[error("expected at least one value to resample, got none; leave the interval out")]
    NoValues,

    /// A value is NaN or infinite.
    #[error("expected finite values, got {value} at index {index}; leave undefined measures out")]
    NotFinite {
        /// Where it stands.
        index: usize,
        /// The value.
        value: f64,
    },

    /// The two sides of a paired comparison differ in length.
    #[error(
        "expected one value for each of the same queries on both sides, got {left} and {right}; \
         pair them first"
    )]
    Unpaired {
        /// Values on the left.
        left: usize,
        /// Values on the right.
        right: usize,
    },

    /// The denominators of a ratio add up to nothing.
    #[error("expected denominators with a positive sum, got {sum}; leave the ratio out")]
    NoDenominator {
        /// Their sum.
        sum: f64,
    },

    /// The confidence level is no share.
    #[error("expected a confidence level between 0 and 1, got {level}; 0.95 is usual")]
    Level {
        /// The level.
        level: f64,
    },

    /// No resample is asked for.
    #[error("expected at least one resample, got 0; 2,000 is usual")]
    NoResamples,
}

/// Computes bootstrap intervals of means.
///
/// The same seed and values give the same interval on any number of threads and any platform: each
/// resample has a stream of ChaCha8 of its own. One value, or equal ones, give an interval of no width,
/// which then tells nothing. Cost: `resamples * values` draws, on all cores.
///
/// ```
/// use rm_experiments::metrics::Bootstrap;
///
/// # fn main() -> Result<(), rm_experiments::metrics::BootstrapError> {
/// let recalls = [1.0, 0.8, 1.0, 0.6, 1.0, 0.4, 0.8, 1.0];
/// let interval = Bootstrap::default().mean(&recalls)?;
/// assert!(interval.low < interval.estimate && interval.estimate < interval.high);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How many resamples are drawn; default 2,000.
    pub resamples: usize,
    /// The share of resampled means inside the interval; default 0.95.
    pub level: f64,
    /// The seed of the draws; default 42.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            resamples: 2_000,
            level: 0.95,
            seed: 42,
        }
    }
}

impl Bootstrap {
    /// Returns the mean of `values` with its interval.
    ///
    /// # Errors
    /// [`BootstrapError`] if there is no value, one is not finite, or the settings make no sense.
    pub fn mean(&self, values: &[f64]) -> Result<Interval, BootstrapError> {
        self.check()?;
        check_finite(values)?;
        let estimate = mean(values).ok_or(BootstrapError::NoValues)?;
        let means = (0..self.resamples as u64)
            .into_par_iter()
            .map(|stream| self.resampled_mean(values, stream));
        self.middle(estimate, means.collect())
    }

    /// Returns the interval that the middle part of the resampled estimates fills.
    fn middle(&self, estimate: f64, mut resampled: Vec<f64>) -> Result<Interval, BootstrapError> {
        resampled.sort_unstable_by(f64::total_cmp);
        let tail = 50.0 * (1.0 - self.level);
        let end = |percent| interpolate(&resampled, percent).ok_or(BootstrapError::NoResamples);
        Ok(Interval {
            estimate,
            low: end(tail)?,
            high: end(100.0 - tail)?,
        })
    }

    /// Returns the mean of `left - right`, query by query, with its interval.
    ///
    /// Both slices hold one value for each of the same queries in the same order. Resampling whole pairs
    /// takes out what makes some queries hard for both, so the interval is far narrower than the two single
    /// ones would suggest; the difference is real, at this level, if it does not contain 0.
    ///
    /// # Errors
    /// [`BootstrapError::Unpaired`] if the slices differ in length, and what [`mean`](Self::mean) can
    /// bring.
    pub fn paired_difference(
        &self,
        left: &[f64],
        right: &[f64],
    ) -> Result<Interval, BootstrapError> {
        if left.len() != right.len() {
            return Err(BootstrapError::Unpaired {
                left: left.len(),
                right: right.len(),
            });
        }
        let differences: Vec<f64> = left
            .iter()
            .zip(right)
            .map(|(left, right)| left - right)
            .collect();
        self.mean(&differences)
    }

    /// Draws `n_values` indices below `n_values` for each resample, and returns what `statistic` makes of them, in
    /// the order of the resamples.
    ///
    /// For what is no mean: a ratio of means, or the difference of the largest and the smallest. The indices are
    /// those that [`mean`](Self::mean) draws, so statistics of the same queries are paired.
    ///
    /// # Errors
    /// [`BootstrapError`] if there is no value or the settings make no sense.
    pub fn resample<T: Send>(
        &self,
        n_values: usize,
        statistic: impl Fn(&[usize]) -> T + Sync,
    ) -> Result<Vec<T>, BootstrapError> {
        self.check()?;
        if n_values == 0 {
            return Err(BootstrapError::NoValues);
        }
        let streams = (0..self.resamples as u64).into_par_iter();
        Ok(streams
            .map(|stream| {
                let mut draws = self.draws(n_values, stream);
                let indices: Vec<usize> = (0..n_values).map(|_| draws()).collect();
                statistic(&indices)
            })
            .collect())
    }

    /// Returns the sum of `numerators` over the sum of `denominators`, with its interval.
    ///
    /// Both slices hold one value, not negative, for each of the same queries in the same order, and whole
    /// pairs are drawn: the share of all tokens, where queries differ in how many they have. A resample whose
    /// denominators are all 0 counts as the estimate.
    ///
    /// # Errors
    /// [`BootstrapError::NoDenominator`] if the denominators add up to 0, and what
    /// [`paired_difference`](Self::paired_difference) can bring.
    pub fn ratio(
        &self,
        numerators: &[f64],
        denominators: &[f64],
    ) -> Result<Interval, BootstrapError> {
        self.check()?;
        if numerators.len() != denominators.len() {
            return Err(BootstrapError::Unpaired {
                left: numerators.len(),
                right: denominators.len(),
            });
        }
        check_finite(numerators)?;
        check_finite(denominators)?;
        let sum: f64 = denominators.iter().sum();
        if sum <= 0.0 {
            return Err(BootstrapError::NoDenominator { sum });
        }
        let estimate = numerators.iter().sum::<f64>() / sum;
        let ratio = |draws: &[usize]| {
            let sum_of = |values: &[f64]| draws.iter().map(|&at| values[at]).sum::<f64>();
            let below = sum_of(denominators);
            if below > 0.0 {
                sum_of(numerators) / below
            } else {
                estimate
            }
        };
        self.middle(estimate, self.resample(numerators.len(), ratio)?)
    }

    fn check(&self) -> Result<(), BootstrapError> {
        if self.resamples == 0 {
            return Err(BootstrapError::NoResamples);
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(BootstrapError::Level { level: self.level });
        }
        Ok(())
    }

    fn resampled_mean(&self, values: &[f64], stream: u64) -> f64 {
        let mut draws = self.draws(values.len(), stream);
        let sum: f64 = (0..values.len()).map(|_| values[draws()]).sum();
        sum / values.len() as f64
    }

    /// Draws indices below `len` from a stream of its own.
    fn draws(&self, len: usize, stream: u64) -> impl FnMut() -> usize {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream);
        move || index_below(len, &mut rng)
    }
}

fn check_finite(values: &[f64]) -> Result<(), BootstrapError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(BootstrapError::NotFinite {
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Draws an index below `len`, which must not be 0.
///
/// The high half of the product of a random 64-bit number and `len` (Lemire, 2019) leaves an index no more than
/// `len / 2^64` too likely, and unlike a library's range sampler never changes with a release.
fn index_below(len: usize, rng: &mut impl RngCore) -> usize {
    ((u128::from(rng.next_u64()) * len as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_the_resampled_means_are_known() -> Result<(), BootstrapError> {
        // Two draws from {0, 1}: mean 0 with probability 1/4, 1/2 with 1/2, 1 with 1/4. The 2.5% point is
        // therefore 0 and the 97.5% point 1; the middle 40% (30% to 70%) are all 1/2.
        let wide = Bootstrap::default().mean(&[0.0, 1.0])?;
        assert_eq!(
            wide,
            Interval {
                estimate: 0.5,
                low: 0.0,
                high: 1.0
            }
        );
        let narrow = Bootstrap {
            level: 0.4,
            ..Bootstrap::default()
        }
        .mean(&[0.0, 1.0])?;
        assert_eq!(
            narrow,
            Interval {
                estimate: 0.5,
                low: 0.5,
                high: 0.5
            }
        );
        Ok(())
    }

    #[test]
    fn of_many_values_it_agrees_with_the_normal_approximation() -> Result<(), BootstrapError> {
        // 0..999: mean 499.5, standard deviation sqrt((1000^2 - 1) / 12) = 288.675, standard error
        // 288.675 / sqrt(1000) = 9.1287, so mean -/+ 1.96 * 9.1287 = 481.61 and 517.39. An end of the
        // interval of 2,000 resamples itself varies by about 0.55 (one standard error); 2.5 is allowed.
        let values: Vec<f64> = (0..1_000).map(f64::from).collect();
        let interval = Bootstrap::default().mean(&values)?;
        assert!((interval.low - 481.61).abs() < 2.5, "got {interval:?}");
        assert!((interval.high - 517.39).abs() < 2.5, "got {interval:?}");
        Ok(())
    }

    #[test]
    fn pairing_removes_what_both_sides_share() -> Result<(), BootstrapError> {
        // The right side is the left less 0.1 everywhere: the difference is 0.1 with no spread, however
        // widely the values themselves spread.
        let left: Vec<f64> = (0..50).map(f64::from).collect();
        let right: Vec<f64> = left.iter().map(|value| value - 0.1).collect();
        let interval = Bootstrap::default().paired_difference(&left, &right)?;
        assert!((interval.low - 0.1).abs() < 1e-9 && (interval.high - 0.1).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn a_ratio_weighs_queries_by_their_denominators() -> Result<(), BootstrapError> {
        // Half of each query's tokens: no spread, whatever their number. Halves of 2 and none of 6: 1/8.
        let halves = Bootstrap::default().ratio(&[1.0, 3.0, 50.0], &[2.0, 6.0, 100.0])?;
        assert_eq!((halves.low, halves.estimate, halves.high), (0.5, 0.5, 0.5));
        let uneven = Bootstrap::default().ratio(&[1.0, 0.0], &[2.0, 6.0])?;
        assert_eq!(
            (uneven.low, uneven.estimate, uneven.high),
            (0.0, 0.125, 0.5)
        );
        let nothing = Bootstrap::default().ratio(&[0.0], &[0.0]);
        assert_eq!(nothing, Err(BootstrapError::NoDenominator { sum: 0.0 }));
        Ok(())
    }

    #[test]
    fn the_seed_decides_and_the_threads_do_not() -> Result<(), Box<dyn std::error::Error>> {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i * i % 37)).collect();
        let many = Bootstrap::default().mean(&values)?;
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()?
            .install(|| Bootstrap::default().mean(&values))?;
        assert_eq!(many, one);
        let other = Bootstrap {
            seed: 43,
            ..Bootstrap::default()
        }
        .mean(&values)?;
        assert_eq!(many.estimate, other.estimate);
        assert_ne!((many.low, many.high), (other.low, other.high));
        Ok(())
    }

    #[test]
    fn any_statistic_is_resampled_with_the_draws_of_the_mean() -> Result<(), BootstrapError> {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let bootstrap = Bootstrap::default();
        let of_draws = |draws: &[usize]| draws.iter().map(|&at| values[at]).sum::<f64>() / 6.0;
        let mut means = bootstrap.resample(values.len(), of_draws)?;
        means.sort_unstable_by(f64::total_cmp);
        let interval = bootstrap.mean(&values)?;
        assert_eq!(interpolate(&means, 2.5), Some(interval.low));
        assert_eq!(
            bootstrap.resample(0, |draws| draws.len()),
            Err(BootstrapError::NoValues)
        );
        Ok(())
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let bootstrap = Bootstrap::default();
        assert_eq!(bootstrap.mean(&[]), Err(BootstrapError::NoValues));
        assert!(matches!(
            bootstrap.mean(&[1.0, f64::NAN]),
            Err(BootstrapError::NotFinite { index: 1, .. })
        ));
        assert_eq!(
            bootstrap.paired_difference(&[1.0], &[]),
            Err(BootstrapError::Unpaired { left: 1, right: 0 })
        );
        assert_eq!(
            Bootstrap {
                resamples: 0,
                ..bootstrap
            }
            .mean(&[1.0]),
            Err(BootstrapError::NoResamples)
        );
        for level in [0.0, 1.0, f64::NAN] {
            assert!(matches!(
                Bootstrap { level, ..bootstrap }.mean(&[1.0]),
                Err(BootstrapError::Level { .. })
            ));
        }
    }
}
