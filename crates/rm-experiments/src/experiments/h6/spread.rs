//! How far encoders lie apart, and how far chance alone would put them.

use anyhow::{Context as _, Result, ensure};

use crate::metrics::{Bootstrap, Interval, percentile};

/// Holds one value for each query and encoder: what a search found, and what was there to be found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shares {
    /// What was found, by query.
    pub(super) found: Vec<f64>,
    /// What exact search finds, by query.
    pub(super) exact: Vec<f64>,
}

/// Says how far apart the ratios of several encoders lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spread {
    /// Found over exact of each encoder, with its 95% interval.
    pub(super) ratios: Vec<Interval>,
    /// Largest minus smallest ratio.
    pub(super) range: Interval,
    /// Standard deviation of the ratios between encoders.
    pub(super) deviation: Interval,
    /// Mean range that as many queries would show if all encoders had the same ratio.
    pub(super) by_chance: f64,
    /// Range that chance alone would exceed in one case of twenty.
    pub(super) by_chance_at_most: f64,
}

impl Spread {
    /// Compares encoders on the same queries, which are resampled together.
    ///
    /// A range is never negative, so noise widens it, and its resamples lie above it. Its interval therefore begins
    /// where the basic one does, at `2 r - q97.5` (Davison and Hinkley, 1997) or at 0, and ends where the percentile
    /// one does, at `q97.5`: too wide rather than too narrow on both sides. The range by chance is that of the
    /// resampled ratios about their own.
    pub(super) fn of(encoders: &[Shares]) -> Result<Self> {
        let n_queries = encoders.first().map_or(0, |shares| shares.found.len());
        let paired =
            |shares: &Shares| shares.found.len() == n_queries && shares.exact.len() == n_queries;
        ensure!(
            encoders.iter().all(paired),
            "expected the same {n_queries} queries for every encoder"
        );
        let all: Vec<usize> = (0..n_queries).collect();
        let ratios: Vec<Option<f64>> = encoders.iter().map(|shares| shares.ratio(&all)).collect();
        let resampled = Bootstrap::default().resample(n_queries, |draws| {
            let ratios = encoders.iter().map(|shares| shares.ratio(draws));
            ratios.collect::<Vec<Option<f64>>>()
        })?;
        let about_own: Vec<f64> = resampled
            .iter()
            .map(|draw| {
                range(
                    draw.iter()
                        .zip(&ratios)
                        .map(|(x, own)| Some((*x)? - (*own)?)),
                )
            })
            .collect();
        let statistic = |of: fn(&[Option<f64>]) -> f64| -> Result<Interval> {
            let resampled: Vec<f64> = resampled.iter().map(|draw| of(draw)).collect();
            leaning_up(of(&ratios), &resampled)
        };
        Ok(Self {
            range: statistic(|ratios| range(ratios.iter().copied()))?,
            deviation: statistic(deviation)?,
            by_chance: about_own.iter().sum::<f64>() / about_own.len() as f64,
            by_chance_at_most: percentile(&about_own, 95.0).context("no resample")?,
            ratios: (0..encoders.len())
                .map(|at| percentiles(ratios[at], resampled.iter().filter_map(|draw| draw[at])))
                .collect::<Result<_>>()?,
        })
    }
}

impl Shares {
    /// Divides the sums over `queries`; `None` where exact search finds nothing.
    fn ratio(&self, queries: &[usize]) -> Option<f64> {
        let sum = |values: &[f64]| queries.iter().map(|&at| values[at]).sum::<f64>();
        let exact = sum(&self.exact);
        (exact > 0.0).then(|| sum(&self.found) / exact)
    }
}

/// Returns the largest minus the smallest value, 0 of none.
fn range(values: impl Iterator<Item = Option<f64>> + Clone) -> f64 {
    let most = values.clone().flatten().fold(f64::NEG_INFINITY, f64::max);
    let least = values.flatten().fold(f64::INFINITY, f64::min);
    (most - least).max(0.0)
}

/// Returns the standard deviation of the values that there are (of the sample, so over one less).
fn deviation(values: &[Option<f64>]) -> f64 {
    let values: Vec<f64> = values.iter().copied().flatten().collect();
    let n = values.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / (n - 1.0)).sqrt()
}

/// Returns the interval of a statistic that noise can only raise.
fn leaning_up(estimate: f64, resampled: &[f64]) -> Result<Interval> {
    let high = percentile(resampled, 97.5).context("no resample")?;
    Ok(Interval {
        estimate,
        low: (2.0 * estimate - high).clamp(0.0, estimate),
        high: high.max(estimate),
    })
}

fn percentiles(estimate: Option<f64>, resampled: impl Iterator<Item = f64>) -> Result<Interval> {
    let resampled: Vec<f64> = resampled.collect();
    let end = |percent| percentile(&resampled, percent).context("no resample");
    Ok(Interval {
        estimate: estimate.context("expected gold items that exact search finds, got none")?,
        low: end(2.5)?,
        high: end(97.5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(found: &[f64], exact: &[f64]) -> Shares {
        Shares {
            found: found.to_vec(),
            exact: exact.to_vec(),
        }
    }

    #[test]
    fn ratios_range_and_deviation_of_three_encoders() -> Result<()> {
        // Ratios 1, 0.5 and 0.75: range 0.5, mean 0.75, deviation sqrt((0.0625 + 0.0625) / 2) = 0.25.
        let exact = [1.0, 1.0, 1.0, 1.0];
        let encoders = [
            shares(&exact, &exact),
            shares(&[0.5; 4], &exact),
            shares(&[0.75; 4], &exact),
        ];
        let spread = Spread::of(&encoders)?;
        assert_eq!(spread.ratios[2].estimate, 0.75);
        assert_eq!(
            (spread.range.estimate, spread.range.low, spread.range.high),
            (0.5, 0.5, 0.5)
        );
        assert!((spread.deviation.estimate - 0.25).abs() < 1e-12);
        // No query differs from another, so nothing is left to chance.
        assert_eq!((spread.by_chance, spread.by_chance_at_most), (0.0, 0.0));
        Ok(())
    }

    #[test]
    fn the_ratio_is_of_sums_and_not_the_mean_of_ratios() -> Result<()> {
        // (1 + 0) / (2 + 1) = 1/3, where the mean of 1/2 and 0 would be 1/4.
        let spread = Spread::of(&[shares(&[1.0, 0.0], &[2.0, 1.0])])?;
        assert!((spread.ratios[0].estimate - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(spread.range.estimate, 0.0);
        Ok(())
    }

    #[test]
    fn encoders_that_differ_by_noise_alone_may_be_equal() -> Result<()> {
        // Each of two encoders misses a tenth of 200 queries, but not the same ones.
        let miss = |offset: usize| -> Vec<f64> {
            (0..200)
                .map(|at| f64::from(u8::from(!(at + offset).is_multiple_of(10))))
                .collect()
        };
        let ones = [1.0; 200];
        let spread = Spread::of(&[shares(&miss(0), &ones), shares(&miss(5), &ones)])?;
        assert_eq!((spread.range.estimate, spread.range.low), (0.0, 0.0));
        // 97.5% of the absolute value of a normal variable lie below 2.24 standard errors.
        assert!(
            (spread.range.high - 2.24 * 0.0316).abs() < 0.01,
            "{spread:?}"
        );
        // The difference of the two misses has a standard error of sqrt(2 * 0.1 / 200) = 0.0316, so the range by
        // chance is 0.0316 * sqrt(2 / pi) = 0.0252 on average.
        assert!((spread.by_chance - 0.0252).abs() < 0.003, "{spread:?}");
        Ok(())
    }

    #[test]
    fn encoders_of_other_queries_are_refused() {
        let encoders = [shares(&[1.0], &[1.0]), shares(&[1.0, 0.0], &[1.0, 1.0])];
        assert!(Spread::of(&encoders).is_err());
        assert!(Spread::of(&[shares(&[0.0], &[0.0])]).is_err());
    }
}
