//! Delays summed up over seeds.

use anyhow::{Context as _, Result};

use super::stream::Heard;
use crate::metrics::{Bootstrap, Interval, mean, percentile};

/// Sums up delays over seeds.
pub(super) struct Told {
    pub(super) false_before: usize,
    pub(super) delays: Vec<Option<usize>>,
    pub(super) median: Interval,
    pub(super) mean: Interval,
    /// Share of switches that were told within the wanted number of episodes.
    pub(super) within: Interval,
}

impl Told {
    /// Averages over the switches of a seed, then over seeds; a switch that is not told counts `horizon`.
    ///
    /// Streams with an alarm before the switch are left out. Intervals are over seeds.
    pub(super) fn of(of_seeds: &[Vec<Heard>], horizon: usize, within: usize) -> Result<Self> {
        let by_seed: Vec<Vec<Option<usize>>> = of_seeds
            .iter()
            .map(|heard| {
                let quiet = heard.iter().filter(|heard| !heard.false_before);
                quiet
                    .flat_map(|heard| heard.delays.iter().copied())
                    .collect()
            })
            .filter(|delays: &Vec<Option<usize>>| !delays.is_empty())
            .collect();
        let capped: Vec<Vec<f64>> = by_seed
            .iter()
            .map(|delays| delays.iter().map(|d| d.unwrap_or(horizon) as f64).collect())
            .collect();
        let means: Vec<f64> = capped.iter().filter_map(|delays| mean(delays)).collect();
        let soon = by_seed.iter().filter_map(|delays| {
            let soon = delays
                .iter()
                .map(|d| f64::from(d.is_some_and(|d| d <= within)));
            mean(&soon.collect::<Vec<_>>())
        });
        let shares: Vec<f64> = soon.collect();
        let quiet = || "no stream without an alarm before its switch";
        Ok(Self {
            false_before: of_seeds.iter().flatten().filter(|h| h.false_before).count(),
            median: median(&capped).with_context(quiet)?,
            delays: by_seed.into_iter().flatten().collect(),
            mean: Bootstrap::default().mean(&means).with_context(quiet)?,
            within: Bootstrap::default().mean(&shares).with_context(quiet)?,
        })
    }

    pub(super) fn share_told(&self) -> f64 {
        let told = self.delays.iter().flatten().count();
        told as f64 / self.delays.len().max(1) as f64
    }
}

/// Returns the median of all delays with its interval over seeds.
fn median(by_seed: &[Vec<f64>]) -> Result<Interval> {
    let of = |seeds: &mut dyn Iterator<Item = usize>| {
        let delays: Vec<f64> = seeds
            .flat_map(|seed| by_seed[seed].iter().copied())
            .collect();
        percentile(&delays, 50.0)
    };
    let estimate = of(&mut (0..by_seed.len())).context("no delay")?;
    let medians =
        Bootstrap::default().resample(by_seed.len(), |seeds| of(&mut seeds.iter().copied()))?;
    let medians: Vec<f64> = medians.into_iter().flatten().collect();
    let end = |percent| percentile(&medians, percent).context("no delay");
    Ok(Interval {
        estimate,
        low: end(2.5)?,
        high: end(97.5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(delays: &[Option<usize>]) -> Heard {
        Heard {
            false_before: false,
            delays: delays.to_vec(),
        }
    }

    #[test]
    fn delays_worked_by_hand() -> Result<()> {
        let noisy = Heard {
            false_before: true,
            delays: vec![Some(1)],
        };
        let seeds = [
            vec![heard(&[Some(4)]), heard(&[Some(8)])],
            vec![heard(&[None]), noisy],
        ];
        let told = Told::of(&seeds, 20, 5)?;
        // Seeds: (4 + 8) / 2 = 6 and 20; within five episodes: a half and none.
        assert_eq!(told.mean.estimate, 13.0);
        assert_eq!(told.within.estimate, 0.25);
        assert_eq!(told.median.estimate, 8.0);
        assert_eq!(told.false_before, 1);
        assert!((told.share_told() - 2.0 / 3.0).abs() < 1e-12);
        Ok(())
    }

    #[test]
    fn the_median_of_all_delays_has_an_interval_over_seeds() -> Result<()> {
        let median = median(&[vec![3.0, 5.0, 9.0], vec![4.0]])?;
        // Of both 4.5; of either seed alone 5 or 4.
        let Interval {
            estimate,
            low,
            high,
        } = median;
        assert_eq!((estimate, low, high), (4.5, 4.0, 5.0));
        Ok(())
    }
}
